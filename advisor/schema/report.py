"""report.json: the result of a diagnosis, from which everything else is rendered."""

from __future__ import annotations

from typing import Literal

import msgspec

from advisor.schema.base import Facts, Number, Part, Setting
from advisor.schema.finding import Confidence, Finding, Source
from advisor.schema.profile import Profile
from advisor.schema.series import Series

SCHEMA: Literal[2] = 2
Status = Literal["advice", "untrainable", "interrupted"]
KnobVerdict = Literal["recommended", "insensitive", "not_identifiable", "kept"]


class Settings(Part, frozen=True, kw_only=True):
    """A training configuration in PyTorch's own keyword names: what config.yaml holds.

    Attributes:
        optimizer: ``name`` of a torch.optim class and its keywords.
        schedule: ``name`` of a torch.optim.lr_scheduler class and its keywords; null is a constant rate.
        batch_size: Examples per optimizer step.
        epochs: Passes over the training data.
        clip_grad_norm: Largest gradient norm; null disables clipping.
        amp: Mixed precision; absent unless it is on.
    """

    optimizer: Facts
    schedule: Facts | None
    batch_size: int
    epochs: int
    clip_grad_norm: Number = None
    amp: bool | msgspec.UnsetType = msgspec.UNSET


class ObjectiveUsed(Part, frozen=True, kw_only=True):
    """What runs were judged by.

    Attributes:
        name: ``val_loss``, or the name of a metric.
        higher_is_better: Whether a higher value is better.
    """

    name: str = "val_loss"
    higher_is_better: bool = False


class Change(Part, frozen=True, kw_only=True):
    """A recommended change of a setting.

    Attributes:
        setting: Name of the setting.
        from_: The current value (``from`` in JSON).
        to: The recommended value.
        worth: The expected benefit, in words.
        confidence: Confidence of the recommendation.
        finding: Code of the finding that decided it.
    """

    setting: str
    from_: Setting = msgspec.field(name="from")
    to: Setting
    worth: str = ""
    confidence: Confidence = "low"
    finding: str | None = None


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


class Prediction(Part, frozen=True, kw_only=True):
    """The predicted validation loss of the recommended configuration.

    Attributes:
        loss: Predicted loss.
        low: Lower end of its interval.
        high: Upper end.
        level: Level of the interval.
        how: Basis of the prediction.
    """

    loss: Number
    low: Number
    high: Number
    level: float = 0.8
    how: str = ""


class AtStake(Part, frozen=True, kw_only=True):
    """The cost of setting a knob to another value; positive is worse.

    Attributes:
        text: Summary in words.
        half: Result at half the recommended value minus the result at the recommended value.
        double: The same at twice the recommended value.
        current: The same at the current value.
    """

    text: str
    half: Number = None
    double: Number = None
    current: Number = None


class Knob(Part, frozen=True, kw_only=True):
    """One tuned setting.

    Attributes:
        name: ``lr``, ``batch_size``, ``schedule``, ``momentum``, ``weight_decay`` or ``epochs``.
        recommended: The recommended value.
        current: The current value.
        interval: Values that are indistinguishable from the best.
        confidence: Confidence of the recommendation.
        verdict: ``recommended``, ``insensitive`` (no effect on this task), ``not_identifiable`` or ``kept``.
        at_stake: The cost of other values.
    """

    name: str
    recommended: Setting
    current: Setting
    interval: tuple[Number, Number] | None
    confidence: Confidence
    verdict: KnobVerdict
    at_stake: AtStake


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


class Provenance(Part, frozen=True, kw_only=True):
    """Provenance of a report.

    Attributes:
        advisor: Version of the advisor.
        torch: torch version.
        python: Python version.
        platform: Operating system and processor.
        device: Device that probes ran on.
        seed: First seed.
        command: The command line.
        started: ISO time of the start.
        task_fingerprint: Hash of the user's code and data.
        workers_lost: Worker processes that crashed or hung and were replaced.
        resume: Command that resumes the run; null unless it was interrupted.
        stopped_by: The fault that ended it early.
    """

    advisor: str = ""
    torch: str = ""
    python: str = ""
    platform: str = ""
    device: str = ""
    seed: int = 0
    command: str = ""
    started: str = ""
    task_fingerprint: str = ""
    workers_lost: int = 0
    resume: str | None = None
    stopped_by: str | None = None


class Note(Part, frozen=True, kw_only=True):
    """An explanation of the advice; it makes no judgement.

    Attributes:
        topic: Setting or subject.
        text: One or two sentences.
        sources: Publications behind it.
    """

    topic: str
    text: str
    sources: tuple[Source, ...] = ()


class Report(Part, frozen=True, kw_only=True):
    """The result of a diagnosis.

    Attributes:
        schema: Schema version.
        status: Whether there is advice, the task cannot be trained as it is, or the run was interrupted.
        verdict: One sentence that answers the user.
        name: Name of the task.
        run: Name of the run.
        recommended: The recommended configuration; null if there is none (an interrupted run may have one).
        current: The current settings.
        current_given: Whether the user gave them; otherwise defaults were assumed.
        objective: What runs were judged by.
        changes: Recommended changes of settings.
        cost: Cost of the run.
        prediction: Predicted result of the recommended configuration.
        knobs: The tuned settings.
        findings: Results of the rules.
        notes: Explanations of the advice.
        rounds: Rounds of probes.
        arms: Probes.
        series: Data of the figures.
        profile: Data, model, device and batch sizes as measured.
        provenance: Provenance of the report.
    """

    schema: Literal[2] = SCHEMA
    status: Status
    verdict: str
    name: str
    run: str
    recommended: Settings | None
    current: Settings
    current_given: bool
    objective: ObjectiveUsed
    changes: tuple[Change, ...]
    cost: Cost
    prediction: Prediction | None
    knobs: tuple[Knob, ...]
    findings: tuple[Finding, ...]
    notes: tuple[Note, ...] = ()
    rounds: tuple[Round, ...]
    arms: tuple[Arm, ...]
    series: Series
    profile: Profile
    provenance: Provenance
