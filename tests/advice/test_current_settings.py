"""Verdict, table and rules read the same current rate."""

import pytest

from advisor.advice.build_report import build_report
from advisor.advice.recommend import choose
from advisor.evidence.queries import present_rate
from advisor.rules.engine import judge
from advisor.rules.registry import RULES
from advisor.schema.report import Provenance
from advisor.schema.rounds import Cost


def test_a_rate_beside_the_schedule_that_overrides_it_is_read_nowhere(recording):
    evidence = recording("rate_too_low")
    current = evidence.current
    written = current.with_(
        optimizer={**current.optimizer, "lr": 0.01}, schedule={"name": "OneCycleLR", "max_lr": 0.5, "total_steps": 100}
    )
    evidence = evidence.with_(current=written)
    findings = judge(evidence, RULES)
    choice = choose(evidence, findings)
    told = {"status": "advice", "cost": Cost(full_runs=1.0), "provenance": Provenance(), "name": "", "run": ""}
    report = build_report(evidence, findings, choice, **told)
    assert present_rate(evidence, []) == 0.5
    assert next(knob for knob in report.knobs if knob.name == "lr").current == 0.5
    assert [change.from_ for change in report.changes if change.setting == "lr"] == [0.5]
    factor = max(choice.hparams.lr / 0.5, 0.5 / choice.hparams.lr)
    assert f"{factor:.2g} times" in report.verdict
    values = next(item for item in findings if item.code == "LR010").judgement.values
    assert values["current"] == pytest.approx(present_rate(evidence, evidence.cycles))
