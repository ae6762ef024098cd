"""Rounds of probes, their arms, and what they cost."""

from __future__ import annotations

from advisor.schema.base import Number, Part


class Cost(Part, frozen=True, kw_only=True):
    """Cost of a run.

    Attributes:
        full_runs: Cost in full runs: the examples that the user's epochs would train on.
        budget: Budget in full runs.
        probes: Number of probes.
        reused: Probes reused from an earlier run.
        steps: Optimizer steps.
        seconds: Wall-clock seconds.
        train_examples: Examples trained on.
        eval_examples: Examples evaluated.
        full_run_examples: Examples of one full run.
    """

    full_runs: float
    budget: Number = None
    probes: int = 0
    reused: int = 0
    steps: int = 0
    seconds: float = 0.0
    train_examples: int = 0
    eval_examples: int = 0
    full_run_examples: int = 0


class Round(Part, frozen=True, kw_only=True):
    """One round of probes, in the terms of the Tuning Playbook.

    Attributes:
        name: Name of the round.
        goal: The question it answers.
        scientific: What was varied to answer it.
        nuisance: What was re-tuned for each value.
        fixed: What was held fixed.
        outcome: The answer.
        length: Length of its probes, as a share of the full run.
        arms: Keys of its probes.
        full_runs: Cost in full runs.
    """

    name: str
    goal: str
    scientific: str = ""
    nuisance: str = ""
    fixed: str = ""
    outcome: str = ""
    length: Number = None
    arms: tuple[str, ...] = ()
    full_runs: float = 0.0


class Arm(Part, frozen=True, kw_only=True):
    """One probe.

    Attributes:
        key: Key of the probe in the ledger.
        round: Name of its round.
        label: Description of what it tests.
        kind: A range test or a run with a schedule.
        lr: Peak learning rate.
        momentum: Momentum, or first beta.
        weight_decay: Weight decay.
        batch_size: Examples per step.
        steps: Optimizer steps.
        length: Length as a share of the full run.
        seed: Random seed.
        status: How it ended.
        reason: Why it ended early.
        val_loss: Validation loss at the end.
        metric: Metric at the end.
        train_loss: Training loss at the end.
        seconds: Wall-clock seconds.
    """

    key: str
    round: str
    label: str
    kind: str
    lr: float
    momentum: Number
    weight_decay: float
    batch_size: int
    steps: int
    length: float
    seed: int
    status: str
    reason: str = ""
    val_loss: Number = None
    metric: Number = None
    train_loss: Number = None
    seconds: Number = None
