"""The interface of rounds of probes, and shared helpers."""

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
        name: Name that rules request it by, and the prefix of its TensorBoard runs.
        purpose: One line for the plan.
        typical: Number and length of its probes, for the plan; 0 probes if it depends on earlier results.
    """

    name: RoundName
    purpose: str
    typical: tuple[int, float]

    def specs(self, evidence: Evidence, runner: ProbeRunner) -> list[ProbeSpec]:
        """The probes to run now; empty if there is nothing left to do."""

    def run(self, evidence: Evidence, runner: ProbeRunner) -> Evidence:
        """Runs the probes and returns updated evidence."""


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
    """Adds the arms and the record of the round. ``before`` is the cost before it began."""
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
    """What a round holds fixed, as text."""
    hparams = evidence.choice
    values = {
        "lr": f"lr {rate(hparams.lr)}",
        "momentum": f"momentum {hparams.momentum}" if hparams.momentum is not None else "no momentum",
        "weight_decay": f"weight decay {hparams.weight_decay:g}",
        "batch_size": f"batch size {hparams.batch_size}",
        "schedule": f"{hparams.schedule} schedule",
    }
    return ", ".join(values[name] for name in names) + ", same seed, weights and batches"
