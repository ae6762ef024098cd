"""Findings on a script's training loop, from its text alone."""

from pathlib import Path
from typing import Any

from first_look import facts

from advisor.config.config import Config
from advisor.config.hparams import HParams
from advisor.evidence.evidence import Evidence, Objective
from advisor.init.loop_faults import read_loop
from advisor.records.profile import ProfileResult
from advisor.rules.base import ProbeRule
from advisor.rules.engine import judge
from advisor.rules.registry import RULES


def read_script(path: Path) -> dict[str, Any]:
    """Detected codes of the family TL."""
    current = Config({"name": "SGD", "lr": 0.1}, None, 32, 10)
    evidence = Evidence(
        facts=facts(), profile=ProfileResult(), current=current, current_given=False,
        objective=Objective(), full_run_examples=1,
        choice=HParams.starting_from(current), loop=read_loop(path.read_text(encoding="utf-8")),
    )  # fmt: skip
    rules = [rule for rule in RULES if isinstance(rule, ProbeRule) and rule.family == "TL"]
    found = [item for item in judge(evidence, rules) if item.judgement.verdict == "detected"]
    return {
        "status": "looked",
        "detected": [item.code for item in found],
        "faults": [item.code for item in found if item.severity == "fault"],
        "said": {item.code: item.judgement.text for item in found},
        "rate_ratio": None,
    }
