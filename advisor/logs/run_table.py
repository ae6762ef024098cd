"""A table whose rows are runs and not moments: settings, and the result of each."""

from dataclasses import dataclass

from advisor.logs.run import Value


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run of a table.

    Attributes:
        name: Its name, else the number of the row.
        settings: What was set, without what names the run only.
        results: What came out, by the name of the column.
        length: Steps or epochs it was trained for; 0 if the table does not say.
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
        rows: One a run.
        notes: What was left out.
    """

    name: str
    source: str
    rows: tuple[RunRow, ...]
    notes: tuple[str, ...] = ()
