"""What the batch-size rules read: timed steps at several sizes, and the gradient noise scale."""

import math
from typing import Any

from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import finished

KNEE = 1.25
"""Less than this factor below the highest throughput counts as fast as that."""

_MOVING = 3.0
"""How far an estimate from steps that move the weights is off in most runs (``benchmarks/batch.py``)."""


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


def most_that_fit(evidence: Evidence) -> dict[str, Any]:
    """What was found out about memory: ``largest``, ``too_large``, ``stopped`` and ``longest`` (``probes.largest``).

    Where no limit was looked for, the timed sizes tell.
    """
    known = (evidence.profile.get("batch") or {}).get("fit")
    if known:
        return dict(known)
    rows = batch_rows(evidence)
    fits = [int(row["batch_size"]) for row in rows if row["fits"]]
    full = [int(row["batch_size"]) for row in rows if row.get("out_of_memory")]
    return {
        "largest": max(fits, default=None), "too_large": min(full, default=None), "stopped": "unlimited",
        "longest": None,
    }  # fmt: skip


def noise_scale(evidence: Evidence) -> tuple[float, float, float] | None:
    """Gradient noise scale in examples (value, low, high) at the end of a short run at the best rate.

    Where no run measured it at the weights that it ended with, the estimate from its last steps stands in, whose
    interval is widened by how far such estimates were found off.
    """
    arms = [arm for arm in finished(evidence) if len(arm.trace.noise_scale) == 3]
    frozen = [arm for arm in arms if arm.spec.noise_examples]
    if not arms:
        return None
    length = min(arm.length for arm in frozen or arms)
    best = min((arm for arm in frozen or arms if abs(arm.length - length) <= 0.1 * length), key=evidence.cost)
    value, low, high = best.trace.noise_scale
    return (value, low, high) if frozen else (value, low / _MOVING, high * _MOVING)


def batch_facts(evidence: Evidence) -> dict[str, Any] | None:
    """Everything about the batch size for the report; None if nothing was timed."""
    rows = batch_rows(evidence)
    if not rows:
        return None
    scale = noise_scale(evidence)
    return {
        **evidence.profile["batch"],
        "knee": knee(evidence),
        "largest": most_that_fit(evidence)["largest"],
        "noise_scale": None if scale is None else dict(zip(("value", "low", "high"), scale, strict=True)),
    }
