"""Every rule on every recording that its expectations name, and what holds on all of them."""

import json
import math
from pathlib import Path

import pytest
import yaml

from advisor.rules.engine import judge
from advisor.rules.registry import RULES
from advisor.search.rounds import ROUNDS
from advisor.utils.jsonio import dumps

HERE = Path(__file__).parent
EXPECTED = yaml.safe_load((HERE / "expectations.yaml").read_text(encoding="utf-8"))
STOPS = EXPECTED.pop("stops")
NAMES = sorted(path.name.removesuffix(".json.gz") for path in (HERE / "recordings").glob("*.json.gz"))
BY_CODE = {rule.code: rule for rule in RULES}
SETTINGS = {"lr", "momentum", "cycle_momentum", "weight_decay", "batch_size", "epochs", "schedule", "clip_grad_norm"}
CASES = [
    pytest.param(code, kind, name, id=f"{code}-{kind}-{name}")
    for code, kinds in EXPECTED.items()
    for kind in ("fires", "silent", "known_miss")
    for name in kinds.get(kind, ())
]


@pytest.mark.parametrize(("code", "kind", "name"), CASES)
def test_rule_on_recording(code, kind, name, recording):
    finding = judge(recording(name), [BY_CODE[code]])[0]
    said = f"{finding.judgement.verdict}: {finding.judgement.text}"
    fired = finding.judgement.verdict == "detected"
    if kind == "known_miss":
        should = EXPECTED[code][kind][name]["should"] == "fire"
        assert fired != should, f"right by now, move it to the others: {said}"
    else:
        assert fired == (kind == "fires"), said


@pytest.mark.parametrize("name", NAMES)
def test_every_finding_is_complete(name, recording):
    rounds = {search_round.name for search_round in ROUNDS}
    evidence = recording(name)
    for finding in judge(evidence, RULES):
        judgement = finding.judgement
        where = f"{finding.code} on {name}: {judgement.text}"
        assert len(judgement.text) > 10 and "nan" not in judgement.text.split(), where
        assert judgement.requests_round is None or judgement.requests_round in rounds, where
        assert set(judgement.settings) <= SETTINGS, where
        assert not judgement.blocking or (judgement.verdict == "detected" and judgement.advice), where
        if judgement.verdict == "detected" and finding.severity != "info":
            assert judgement.advice, where
        json.loads(dumps(judgement.values))


@pytest.mark.parametrize("name", NAMES)
def test_only_broken_tasks_stop(name, recording):
    stopping = [f.code for f in judge(recording(name), RULES) if f.judgement.blocking]
    assert bool(stopping) == (name in STOPS), stopping


@pytest.mark.parametrize("name", NAMES)
def test_settings_do_not_contradict(name, recording):
    decided: dict[str, object] = {}
    for finding in judge(recording(name), RULES):
        for setting, value in finding.judgement.settings.items():
            assert decided.setdefault(setting, value) == value, f"{setting} by {finding.code}"
            assert not isinstance(value, float) or math.isfinite(value)


def test_every_recording_is_used_and_there():
    used = {
        name
        for kinds in EXPECTED.values()
        for kind in ("fires", "silent", "known_miss")
        for name in kinds.get(kind, ())
    }
    assert used == set(NAMES)
    assert set(STOPS) <= used
    assert sum(path.stat().st_size for path in (HERE / "recordings").iterdir()) < 3_000_000
