"""A table with one run per row: settings, and the result of each."""

from dataclasses import dataclass

from advisor.logs.run import Value


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run of a table.

    Attributes:
        name: Its name, else the row number.
        settings: Settings, without columns that only name the run.
        results: Results by the name of the column.
        length: Steps or epochs trained; 0 if unknown.
    """

    name: str
    settings: dict[str, Value]
    results: dict[str, float]
    length: float = 0.0


@dataclass(frozen=True, slots=True)
class RunTable:
    """The runs of one file.

    Attributes:
        name: Name of the table.
        source: The file.
        rows: One per run.
        notes: What was left out.
    """

    name: str
    source: str
    rows: tuple[RunRow, ...]
    notes: tuple[str, ...] = ()
