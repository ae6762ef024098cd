"""What the batch-size rules read: timed steps at several sizes, and the gradient noise scale."""

import math
from typing import Any

from advisor.rules.evidence import Evidence
from advisor.rules.reading import finished

KNEE = 1.25
"""Less than this factor below the highest throughput counts as fast as that."""


def batch_rows(evidence: Evidence) -> list[dict[str, Any]]:
    """One row for each batch size that was tried, smallest first; empty if none was."""
    rows: list[dict[str, Any]] = (evidence.profile.get("batch") or {}).get("rows") or []
    return rows


def present_row(evidence: Evidence) -> dict[str, Any]:
    """The row of the batch size in use."""
    return next(row for row in batch_rows(evidence) if row["batch_size"] == evidence.current.batch_size)


def fitting(evidence: Evidence) -> list[dict[str, Any]]:
    """Rows of the sizes that trained and evaluated, with a speed."""
    rows = batch_rows(evidence)
    return [row for row in rows if row["fits"] and math.isfinite(row["examples_per_second"] or math.nan)]


def knee(evidence: Evidence) -> int | None:
    """Smallest size that is about as fast as the fastest; None if that is the largest tried, or only one was."""
    rows = fitting(evidence)
    if len(rows) < 2:
        return None
    top = max(row["examples_per_second"] for row in rows)
    first = next(row for row in rows if row["examples_per_second"] >= top / KNEE)
    return None if first is rows[-1] else int(first["batch_size"])


def noise_scale(evidence: Evidence, late: bool = False) -> tuple[float, float, float] | None:
    """Gradient noise scale in examples (value, low, high) at the end of the best short run.

    Args:
        evidence: What was measured.
        late: Of the longest probe instead.
    """
    arms = [arm for arm in finished(evidence) if len(arm.trace.noise_scale) == 3]
    if not arms:
        return None
    length = max(arm.length for arm in arms) if late else min(arm.length for arm in arms)
    best = min((arm for arm in arms if abs(arm.length - length) <= 0.1 * length), key=evidence.cost)
    value, low, high = best.trace.noise_scale
    return value, low, high


def batch_facts(evidence: Evidence) -> dict[str, Any] | None:
    """Everything about the batch size for the report; None if nothing was timed."""
    rows = batch_rows(evidence)
    if not rows:
        return None
    scale = noise_scale(evidence)
    fits = [int(row["batch_size"]) for row in rows if row["fits"]]
    return {
        **evidence.profile["batch"],
        "knee": knee(evidence),
        "largest": max(fits, default=None),
        "noise_scale": None if scale is None else dict(zip(("value", "low", "high"), scale, strict=True)),
    }
