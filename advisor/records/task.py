"""The user's task as plain data: what is asked of a worker, and what it says after loading the file."""

from dataclasses import dataclass, field

from advisor.records.spec import Keywords


@dataclass(frozen=True, slots=True)
class TaskSource:
    """Where the task comes from, as the command line gives it.

    Attributes:
        path: The user's file.
        names: Other names than the contract's, e.g. ``{"model": "Net"}``.
        settings: Overrides of ``settings``; None entries are ignored.
        device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
        arguments: Of a training script, its own.
    """

    path: str
    names: dict[str, str] = field(default_factory=dict)
    settings: Keywords = field(default_factory=dict)
    device: str = "auto"
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScriptDescription:
    """What a training script trains with, as ``advisor init`` writes it down.

    Attributes:
        names: Names that it offers besides ``settings``.
        settings: Of the contract; None where a framework holds them.
        said: Sentences about what was found.
        refused: The four texts of the error if it offers nothing, else None.
        ran: Whether it could be run here.
        loop_file: The file with its training loop, or empty.
    """

    names: tuple[str, ...] = ()
    settings: Keywords | None = None
    said: tuple[str, ...] = ()
    refused: dict[str, str] | None = None
    ran: bool = True
    loop_file: str = ""


@dataclass(frozen=True, slots=True)
class Shapes:
    """What the first batch looked like.

    Attributes:
        inputs: Shape of one example's inputs, first tensor of the batch.
        outputs: Shape of one example's outputs, or empty if the model's outputs are not seen.
        classes: Number of classes for integer targets, else None.
        targets: ``classes``, ``real`` or ``other``.
        loss: Loss of the untrained model on the batch.
    """

    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    classes: int | None
    targets: str
    loss: float


@dataclass(frozen=True, slots=True)
class MetricFacts:
    """The metric that is recorded beside the loss.

    Attributes:
        name: For people.
        higher_is_better: Direction.
        from_user: True if the file defines it; accuracy is recorded where it does not.
    """

    name: str
    higher_is_better: bool
    from_user: bool


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """What a worker found when it loaded the user's file.

    Attributes:
        name: Stem of the file's name.
        train_size: Training examples.
        val_size: Validation examples.
        fingerprint: Hash of the user's code and data.
        inferred: Sentences about what was inferred or assumed.
        metric: Or None.
        shapes: Of the first batch.
        device: Where probes run.
        torch: Version.
        code: Hash of the user's file and what it imports from its folder; empty in old recordings.
    """

    name: str
    train_size: int
    val_size: int
    fingerprint: str
    inferred: tuple[str, ...]
    metric: MetricFacts | None
    shapes: Shapes
    device: str
    torch: str
    code: str = ""
