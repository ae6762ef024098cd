"""Comparison of the rows of a table of runs: settings, seeds, and the effect of each setting."""

import math
from collections.abc import Sequence

from advisor.app.read.compare import compared
from advisor.app.read.results import Result
from advisor.logs.names import part
from advisor.logs.run_table import RunRow, RunTable
from advisor.schema.reading import ReadComparison

_SAME_SETTING = 0.95  # share of the rows that must have a setting


def compare_rows(table: RunTable) -> ReadComparison | None:
    """Compares the rows of a table; None if no result is present in at least two rows."""
    by = _objective(table.rows)
    if not by:
        return None
    rows = [row for row in table.rows if by in row.results]
    known = part(by)
    sign = -1.0 if known is not None and known.higher_is_better else 1.0
    second = _second(rows, by)
    kept = _settings(rows)
    names = _unique([row.name for row in rows])
    results = [
        Result(
            name=name, value=row.results[by], cost=sign * row.results[by], metric=row.results.get(second, math.nan),
            noise=0.0, knobs={key: row.settings[key] for key in kept}, length=row.length, axis="step",
            seconds=math.nan, seconds_per_epoch=math.nan, looks=(), metric_name=second,
            metric_higher=_higher(second),
        )
        for name, row in zip(names, rows, strict=True)
    ]  # fmt: skip
    why = f"{table.name}: a table of {len(rows)} runs, one per row"
    return compared(why, by, sorted(results, key=lambda item: item.cost), {})


def _objective(rows: Sequence[RunRow]) -> str:
    """The result that ranks the rows: held-out loss, else metric, else any result."""
    counts: dict[str, int] = {}
    for row in rows:
        for name in row.results:
            counts[name] = counts.get(name, 0) + 1
    full = [name for name, count in counts.items() if count >= max(2, len(rows) // 2)]
    order = {"val_loss": 0, "val_metric": 1, "return": 1, "train_loss": 2, "train_metric": 3}
    ranked = [(order.get(known.role, 4), known.rank, name) for name in full if (known := part(name)) is not None]
    return min(ranked)[2] if ranked else ""


def _second(rows: Sequence[RunRow], by: str) -> str:
    """A metric beside the loss that every row has; empty if there is none, or if a metric ranks the rows."""
    known = part(by)
    if known is None or known.role != "val_loss":
        return ""
    shared = set.intersection(*(set(row.results) for row in rows))
    metrics = [
        (found.rank, name) for name in shared if (found := part(name)) is not None and found.role == "val_metric"
    ]
    return min(metrics)[1] if metrics else ""


def _higher(name: str) -> bool:
    known = part(name)
    return known is None or known.higher_is_better


def _settings(rows: Sequence[RunRow]) -> list[str]:
    """Settings that all rows have and that differ between rows, without those that only name a row."""
    shared = set.intersection(*(set(row.settings) for row in rows))
    kept = []
    for name in sorted(shared):
        values = {str(row.settings[name]) for row in rows}
        if 1 < len(values) <= max(2, int(_SAME_SETTING * len(rows))):
            kept.append(name)
    return kept


def _unique(names: Sequence[str]) -> list[str]:
    seen: dict[str, int] = {}
    made = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        made.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return made
