"""What the rules say before anything is trained, in this process: the preflight of a case and its judgement."""

import os
import sys
from pathlib import Path
from typing import Any

from advisor.config.hparams import Recipe
from advisor.evidence.evidence import Evidence, Objective
from advisor.probes.preflight.measure import preflight
from advisor.rules.base import ProbeRule
from advisor.rules.engine import judge
from advisor.rules.registry import RULES
from advisor.task.load import Request, load_task

_SHARE = 0.04
FAMILIES = ("PF", "TL")


def look(path: Path) -> dict[str, Any]:
    """Codes that the preflight rules detect, those of severity fault, and their texts."""
    os.chdir(path.parent)
    sys.modules.pop("benchdata", None)
    task = load_task(Request(path=str(path), device="cpu"))
    current = task.current.config
    full = task.train.size * current.epochs
    evidence = Evidence(
        facts={"train_size": task.train.size, "metric": None, "shapes": {}},
        profile={},
        current=current,
        current_given=task.current.given,
        objective=Objective(),
        full_run_examples=full,
        choice=Recipe.starting_from(current),
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
