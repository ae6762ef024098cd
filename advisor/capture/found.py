"""Settings of a script as they are found, and what is to be said about them."""

from dataclasses import dataclass, field
from typing import Any

from advisor.records.spec import Keywords


@dataclass(slots=True)
class Read:
    """Settings, and what is to be said about them.

    Attributes:
        values: For ``settings``.
        notes: Sentences.
        schedule: The schedule in a few words.
    """

    values: Keywords = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    schedule: str = "constant rate"


def batches_of(loader: Any) -> int | None:
    """Batches of one pass; None where that is not known before, as of iterable data."""
    try:
        return len(loader)
    except TypeError:
        return None
