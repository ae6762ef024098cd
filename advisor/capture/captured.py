"""A script as a task."""

from dataclasses import dataclass, field

from advisor.capture.events import Namespace
from advisor.records.spec import Keywords


@dataclass(slots=True)
class Captured:
    """A script as a task.

    Attributes:
        values: By the contract's names.
        namespace: Names for the adapters of frameworks; empty where the script has its own loop.
        said: Sentences about what was found, for the screen.
        own_loss: First loss of the script; None where a framework computes it.
        our_loss: What the captured step gives for the same batch and weights.
        loop: File, first and last line of the loop body; None where there is none.
        device: Where the script trains.
    """

    values: Keywords = field(default_factory=dict)
    namespace: Namespace = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    own_loss: float | None = None
    our_loss: float | None = None
    loop: tuple[str, int, int] | None = None
    device: str | None = None
