"""What a round of probes is, and what all of them share."""

from collections.abc import Sequence
from typing import Protocol

from advisor.evidence.evidence import Arm, Evidence, Round
from advisor.evidence.round_name import RoundName
from advisor.records.spec import ProbeSpec
from advisor.search.runner import ProbeRunner
from advisor.utils.numbers import rate


class SearchRound(Protocol):
    """One kind of round.

    Attributes:
        name: What a rule's ``wants`` calls it, and the first part of its TensorBoard runs.
        purpose: One line for the plan.
        typical: Probes and their length, for the plan; 0 probes where it depends on what is found.
    """

    name: RoundName
    purpose: str
    typical: tuple[int, float]

    def specs(self, evidence: Evidence, runner: ProbeRunner) -> list[ProbeSpec]:
        """The probes it would run now; empty if it has nothing left to do."""

    def run(self, evidence: Evidence, runner: ProbeRunner) -> Evidence:
        """Runs them and returns what is known after."""


def close(
    evidence: Evidence,
    runner: ProbeRunner,
    arms: Sequence[Arm],
    before: float,
    *,
    name: RoundName,
    goal: str,
    scientific: str,
    nuisance: str,
    fixed: str,
    outcome: str,
) -> Evidence:
    """Adds the arms and the round's record. ``before`` is what had been spent when it began."""
    lengths = {round(arm.length, 4) for arm in arms}
    record = Round(
        name=name,
        goal=goal,
        scientific=scientific,
        nuisance=nuisance,
        fixed=fixed,
        outcome=outcome,
        length=lengths.pop() if len(lengths) == 1 else None,
        keys=tuple(arm.spec.key for arm in arms),
        full_runs=runner.full_runs - before,
    )
    known = {arm.spec.key for arm in evidence.arms}
    fresh = tuple(arm for arm in arms if arm.spec.key not in known)
    return evidence.with_(arms=evidence.arms + fresh, rounds=(*evidence.rounds, record))


def held(evidence: Evidence, *names: str) -> str:
    """What a round holds fixed, in words."""
    hparams = evidence.choice
    values = {
        "lr": f"lr {rate(hparams.lr)}",
        "momentum": f"momentum {hparams.momentum}" if hparams.momentum is not None else "no momentum",
        "weight_decay": f"weight decay {hparams.weight_decay:g}",
        "batch_size": f"batch size {hparams.batch_size}",
        "schedule": f"{hparams.schedule} schedule",
    }
    return ", ".join(values[name] for name in names) + ", same seed, weights and batches"
