"""Preflight of a case in this process, and the findings of the rules before training."""

import os
import sys
from pathlib import Path
from typing import Any

from advisor.config.hparams import HParams
from advisor.evidence.evidence import Evidence, Objective
from advisor.probes.preflight.measure import preflight
from advisor.records.profile import ProfileResult
from advisor.records.task import Shapes, TaskFacts, TaskSource
from advisor.rules.base import ProbeRule
from advisor.rules.engine import judge
from advisor.rules.registry import RULES
from advisor.task.load import load_task

_SHARE = 0.04
FAMILIES = ("PF", "TL")


def facts(name: str = "", train: int = 1, val: int = 1) -> TaskFacts:
    """Facts about a task, as far as the preflight rules read them."""
    shapes = Shapes((), (), None, "other", 0.0)
    return TaskFacts(name, train, val, "", (), None, shapes, "cpu", "")


def look(path: Path) -> dict[str, Any]:
    """Codes that the preflight rules detect, those of severity fault, and their texts."""
    os.chdir(path.parent)
    sys.modules.pop("benchdata", None)
    task = load_task(TaskSource(path=str(path), device="cpu"))
    current = task.current.config
    full = task.train.size * current.epochs
    evidence = Evidence(
        facts=facts(task.name, task.train.size, task.val.size),
        profile=ProfileResult(),
        current=current,
        current_given=task.current.given,
        objective=Objective(),
        full_run_examples=full,
        choice=HParams.starting_from(current),
        preflight=preflight(task, round(_SHARE * full)),
    )
    rules = [rule for rule in RULES if isinstance(rule, ProbeRule) and rule.family in FAMILIES]
    found = [item for item in judge(evidence, rules) if item.judgement.verdict == "detected"]
    return {
        "status": "looked",
        "detected": [item.code for item in found],
        "faults": [item.code for item in found if item.severity == "fault"],
        "said": {item.code: item.judgement.text for item in found},
        "rate_ratio": None,
    }
