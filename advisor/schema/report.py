"""report.json: the one result of a diagnosis, of which every rendering is a function."""

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
        clip_grad_norm: Largest gradient norm; null clips nothing.
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
    """A setting that is advised to be set otherwise.

    Attributes:
        setting: Its name.
        from_: What is used now (``from`` in JSON).
        to: What is advised.
        worth: What that is worth, in words.
        confidence: How sure that is.
        finding: Code of the finding that decided it.
    """

    setting: str
    from_: Setting = msgspec.field(name="from")
    to: Setting
    worth: str = ""
    confidence: Confidence = "low"
    finding: str | None = None


class Cost(Part, frozen=True, kw_only=True):
    """What a run cost.

    Attributes:
        full_runs: In full runs: the examples that the user's epochs would train on.
        budget: What it was allowed to cost, in full runs.
        probes: Probes that were run.
        reused: Probes that an earlier run had left and that were not run again.
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
    """The predicted validation loss of the advised configuration.

    Attributes:
        loss: Predicted loss.
        low: Lower end of its interval.
        high: Upper end.
        level: Level of the interval.
        how: What it rests on.
    """

    loss: Number
    low: Number
    high: Number
    level: float = 0.8
    how: str = ""


class AtStake(Part, frozen=True, kw_only=True):
    """What it costs to set a knob otherwise; positive is worse.

    Attributes:
        text: In words.
        half: Result at half the advised value, less the result there.
        double: The same at twice the value.
        current: The same at the current value.
    """

    text: str
    half: Number = None
    double: Number = None
    current: Number = None


class Knob(Part, frozen=True, kw_only=True):
    """One setting that was looked at.

    Attributes:
        name: ``lr``, ``batch_size``, ``schedule``, ``momentum``, ``weight_decay`` or ``epochs``.
        recommended: The advised value.
        current: The value in use.
        interval: Values that cannot be told from the best.
        confidence: How sure the advice is.
        verdict: ``recommended``, ``insensitive`` (it does not matter here), ``not_identifiable`` or ``kept``.
        at_stake: What it costs to set it otherwise.
    """

    name: str
    recommended: Setting
    current: Setting
    interval: tuple[Number, Number] | None
    confidence: Confidence
    verdict: KnobVerdict
    at_stake: AtStake


class Round(Part, frozen=True, kw_only=True):
    """One round of probes, as the Tuning Playbook means it.

    Attributes:
        name: Its name.
        goal: The question.
        scientific: What was varied to answer it.
        nuisance: What was tuned again for each value.
        fixed: What was held.
        outcome: The answer.
        length: Length of its probes, as a share of the full run.
        arms: Keys of its probes.
        full_runs: What it cost.
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
        key: Its key in the ledger.
        round: Its round.
        label: What it tests.
        kind: A range test or a run with a schedule.
        lr: Peak learning rate.
        momentum: Momentum, or the first beta.
        weight_decay: Weight decay.
        batch_size: Examples a step.
        steps: Optimizer steps.
        length: As a share of the full run.
        seed: Its seed.
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
    """Where a report comes from.

    Attributes:
        advisor: Version of the advisor.
        torch: Version of torch.
        python: Version of Python.
        platform: System and processor.
        device: Device that probes ran on.
        seed: First seed.
        command: The command that was given.
        started: ISO time of the start.
        task_fingerprint: Hash of code and data.
        workers_lost: Processes of the user's code that ended or hung and were replaced.
        resume: How to go on; null unless the run was interrupted.
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
    """What explains the advice and judges nothing.

    Attributes:
        topic: Setting or thing that it is about.
        text: One or two sentences.
        sources: Publications behind it.
    """

    topic: str
    text: str
    sources: tuple[Source, ...] = ()


class Report(Part, frozen=True, kw_only=True):
    """The result of a diagnosis.

    Attributes:
        schema: Number of this form.
        status: Whether there is advice, the task cannot be trained as it is, or the run was interrupted.
        verdict: One sentence that answers the user.
        name: Name of the task.
        run: Name of the run.
        recommended: The advised configuration; null unless there is advice, or an interrupted run knows some.
        current: What is trained with today.
        current_given: Whether the user said so; otherwise defaults were assumed.
        objective: What runs were judged by.
        changes: Settings to change, from what to what.
        cost: What the run cost.
        prediction: Predicted result of the advice.
        knobs: Every setting that was looked at.
        findings: What the rules say.
        notes: What explains the advice and judges nothing.
        rounds: Rounds of probes.
        arms: Probes.
        series: What the figures draw.
        profile: Data, model, device and batch sizes as measured.
        provenance: Where the report comes from.
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
