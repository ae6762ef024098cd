"""Faults in the source of a training loop: for a diagnosis, and for ``advisor init``."""

from pathlib import Path

from advisor.config.config import Config
from advisor.config.hparams import HParams
from advisor.errors import ContractError
from advisor.evidence.evidence import Evidence, Objective
from advisor.init.loop_faults import read_loop
from advisor.init.source import script_text
from advisor.records.loop import LoopReading
from advisor.records.profile import ProfileResult
from advisor.records.task import Shapes, TaskFacts
from advisor.rules.engine import judge
from advisor.rules.finding import Finding, Verdict
from advisor.rules.selection import probe_rules

_FAMILY = ("TL",)


def script_loop(path: str) -> LoopReading | None:
    """The training loop of a script or notebook, if its source contains one."""
    try:
        return read_loop(script_text(Path(path)))
    except ContractError:
        return None


def loop_findings(loop: LoopReading | None) -> list[Finding]:
    """Findings of the training-loop rules."""
    if loop is None:
        return []
    current = Config({"name": "SGD", "lr": 1.0}, None, 1, 1)  # A placeholder: these rules do not read it.
    facts = TaskFacts("", 1, 0, "", (), None, Shapes((), (), None, "other", 0.0), "cpu", "")
    evidence = Evidence(
        facts=facts,
        profile=ProfileResult(),
        current=current,
        current_given=False,
        objective=Objective(),
        full_run_examples=1,
        choice=HParams.starting_from(current),
        loop=loop,
    )
    found = judge(evidence, probe_rules(_FAMILY, ()))
    return [finding for finding in found if finding.judgement.verdict == Verdict.DETECTED]
