"""The user's task as plain data: what a worker is asked to load, and what it reports."""

from dataclasses import dataclass, field

from advisor.records.spec import Keywords


@dataclass(frozen=True, slots=True)
class TaskSource:
    """Where the task comes from, as given on the command line.

    Attributes:
        path: The user's file.
        names: Names that replace the contract's, e.g. ``{"model": "Net"}``.
        settings: Overrides of ``settings``; None entries are ignored.
        device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
        arguments: Arguments of the training script itself.
        nproc: Processes that share each training.
    """

    path: str
    names: dict[str, str] = field(default_factory=dict)
    settings: Keywords = field(default_factory=dict)
    device: str = "auto"
    arguments: tuple[str, ...] = ()
    nproc: int = 1


@dataclass(frozen=True, slots=True)
class ScriptDescription:
    """A training script's objects and settings, as ``advisor init`` writes them.

    Attributes:
        names: Names that it provides besides ``settings``.
        settings: In the contract's form; None where a framework holds them.
        said: Sentences about what was found.
        refused: The four texts of the error if nothing can be used, else None.
        ran: Whether the script was run.
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
    """Shapes of the first batch.

    Attributes:
        inputs: Shape of one example's inputs, first tensor of the batch.
        outputs: Shape of one example's outputs, or empty if the model's outputs are not visible.
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
    """The metric that is recorded with the loss.

    Attributes:
        name: Display name.
        higher_is_better: Direction.
        from_user: Whether the file defines it; otherwise accuracy is recorded.
    """

    name: str
    higher_is_better: bool
    from_user: bool


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """What a worker found in the user's file.

    Attributes:
        name: Stem of the file's name.
        train_size: Training examples.
        val_size: Validation examples.
        fingerprint: Hash of the user's code and data.
        inferred: Sentences about what was inferred or assumed.
        metric: The metric, or None.
        shapes: Shapes of the first batch.
        device: The device that probes run on.
        torch: Version of torch.
        code: Hash of the user's file and what it imports from its folder; empty in old recordings.
        nproc: Processes that share each training.
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
    nproc: int = 1
