"""Records of a script while it trains."""

from dataclasses import dataclass, field
from enum import Enum
from types import FrameType
from typing import Any

import torch
from torch import nn

from advisor.records.spec import Keywords

Namespace = dict[str, Any]
"""Names and values of a module or of a running function."""


class Phase(Enum):
    """The current purpose of the hooks."""

    WATCHING = "the script makes its first steps as it would alone"
    HURRYING = "it goes on without computing, to show its length and its rates"
    FEEDING = "its loop body is given a batch by a probe"
    CLOSED = "nothing of it runs"


class Stop(BaseException):
    """Stops the script: enough was recorded."""


class Carried(BaseException):
    """Returns the loss from the script's loop body."""

    def __init__(self, loss: torch.Tensor) -> None:
        super().__init__()
        self.loss = loss


class Refused(BaseException):
    """Raised for kinds of scripts that are not supported; the message is one sentence."""


@dataclass(slots=True)
class Turn:
    """The beginning of one step: when its batch was drawn, or when its model was called first.

    Attributes:
        number: Counted from 1.
        loader: The loader that gave the batch, or None.
        batch: What it gave.
        passing: Which pass over a loader this is.
        spaces: The names of each frame of the user's code at that moment, by the frame's identity.
        random: State of torch's, NumPy's and Python's generators.
        ahead: What the loader gave just before, where batches are drawn ahead of their use; else None.
    """

    number: int
    loader: Any
    batch: Any
    passing: int
    spaces: dict[int, Namespace]
    random: Any = None
    ahead: Any = None


@dataclass(frozen=True, slots=True)
class Place:
    """One frame of the user's code around ``backward()``.

    Attributes:
        frame: The frame.
        line: The line it had reached.
        space: Its names when the step began, or when ``backward()`` was called if it began later.
        file: Its file.
    """

    frame: FrameType
    line: int
    space: Namespace
    file: str


@dataclass(frozen=True, slots=True)
class ModelCall:
    """A call of an outermost module.

    Attributes:
        module: The module.
        args: Positional arguments.
        kwargs: Keyword arguments.
        training: Its mode.
    """

    module: nn.Module
    args: tuple[Any, ...]
    kwargs: Keywords
    training: bool


@dataclass(slots=True)
class Backward:
    """One call of ``backward()``.

    Attributes:
        loss: Its value.
        step: Optimizer steps that were made before.
        turn: The step's beginning.
        where: File and line of the user's code.
    """

    loss: float
    step: int
    turn: int
    where: tuple[str, int]


@dataclass(slots=True)
class Rate:
    """State of one optimizer step.

    Attributes:
        passing: Which pass over the training data it belongs to.
        lr: Of the first group.
    """

    passing: int
    lr: float


@dataclass(slots=True)
class Seen:
    """The complete record of the script's own training.

    Attributes:
        loaders: Every DataLoader, in the order in which they were made.
        backwards: Calls of ``backward()`` in the first steps.
        rates: Of the optimizer's steps, also of those that were hurried through.
        places: Frames of the user's code around the first ``backward()``, the innermost first.
        others: Frames of installed packages there.
        turn: How the first step began.
        calls: Modules called in the first step.
        criteria: Losses computed in the first step.
        plain: Whether ``backward()`` was called on the value of the last of them, and nothing else.
        optimizer: The one that steps, or None.
        groups: Its groups at its first step, without their parameters.
        initial: Weights and buffers as they were before the first step, by identity: the tensor and its values.
        roots: Modules called with gradients.
        trainable: Their parameters, and whether each was trained then.
        modes: Every module in them, and whether it was in training mode then.
        scheduled: After which number of steps a scheduler of torch was stepped.
        scheduled_to: The last number that a scheduler was given to step to; None if it counts itself.
        schedulers: Those that were made.
        clip: Norm that gradients are clipped to.
        clip_value: Value that gradients are clipped to.
        amp: Whether autocast is on in the model's forward pass.
        beside: Loaders that a step draws from before the one of its own batch.
        other_data: Examples of the training loader and of a later one in its place, if they differ.
        evaluated: Loader that the model is evaluated on.
        ended: Whether the script ran to its end.
        notes: Sentences about what was seen.
        second: Name of an optimizer of another training after the first.
        by_hand: Rate by which weights are moved without an optimizer.
        launched: What says that several processes share the training, or empty.
    """

    loaders: list[Any] = field(default_factory=list)
    backwards: list[Backward] = field(default_factory=list)
    rates: list[Rate] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    others: list[Place] = field(default_factory=list)
    turn: Turn | None = None
    calls: list[ModelCall] = field(default_factory=list)
    criteria: list[Any] = field(default_factory=list)
    plain: bool = False
    optimizer: Any = None
    groups: list[Keywords] = field(default_factory=list)
    initial: dict[int, tuple[torch.Tensor, torch.Tensor]] = field(default_factory=dict)
    roots: dict[int, nn.Module] = field(default_factory=dict)
    trainable: list[tuple[nn.Parameter, bool]] = field(default_factory=list)
    modes: list[tuple[nn.Module, bool]] = field(default_factory=list)
    scheduled: list[int] = field(default_factory=list)
    scheduled_to: float | None = None
    schedulers: list[Any] = field(default_factory=list)
    clip: float | None = None
    clip_value: float | None = None
    amp: bool = False
    beside: list[Any] = field(default_factory=list)
    other_data: tuple[int, ...] = ()
    evaluated: list[Any] = field(default_factory=list)
    ended: bool = False
    notes: list[str] = field(default_factory=list)
    second: str = ""
    by_hand: float | None = None
    launched: str = ""
