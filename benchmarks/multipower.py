"""Forecasts of the final loss of long language-model runs from the first part of the curve and the whole schedule.

Usage: python benchmarks/multipower.py --data FOLDER [--shares 0.333 0.5]

FOLDER holds a folder ``csv_SIZE`` for each model size, with one file a run: ``step``, ``lr``, ``loss`` (the curves of
the Multi-Power Law, arXiv 2503.12811). What the falls of the rate take off is no part of a short curve and comes as a
``Shape``: each size in turn is predicted with the shape fitted on all runs of the other sizes; the shape that ships
(fitted on 25M and 100M) stands beside it. ``stretched`` is what `advisor read` does: from one whole run to the end of
one three times as long.
"""

import argparse
import json
import math
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from statistics import mean

import numpy as np
import scipy
from scipy.optimize import least_squares

from advisor.fits.extrapolate import extrapolate
from advisor.fits.scheduled import SHAPE, Shape, forecast_scheduled, rates_of, taken_off
from advisor.fits.types import FitFailed

_EARLY = 2.5
"""Shapes are fitted to what lies beyond so many times the first logged step."""
_POINTS = 60
_STRETCHED = (("cosine_24000", "cosine_72000"), ("constant_24000", "constant_72000"))


class Curve:
    """One run."""

    def __init__(self, file: Path) -> None:
        table = np.genfromtxt(file, delimiter=",", names=True)
        self.name, self.size = file.stem, file.parent.name.removeprefix("csv_") + "M"
        self.step, self.rate, self.loss = table["step"], table["lr"], table["loss"]
        rates = rates_of(self.step.tolist(), self.rate.tolist())
        assert not isinstance(rates, FitFailed), rates
        self.rates = rates
        self.final = float(self.loss[-1])

    def part(self, share: float) -> int:
        """Number of losses in the first part of the run."""
        return int(np.searchsorted(self.step, share * self.step[-1], side="right"))


def main() -> None:
    """Prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--shares", type=float, nargs="+", default=[1 / 3, 1 / 2])
    given = parser.parse_args()
    curves = [Curve(file) for file in sorted(given.data.glob("csv_*/*.csv"))]
    sizes = sorted({curve.size for curve in curves}, key=lambda size: int(size[:-1]))
    others = {size: fitted([curve for curve in curves if curve.size != size]) for size in sizes}
    rules: dict[str, Callable[[Curve, int], float | None]] = {
        "shape of the other sizes": lambda curve, count: law(curve, count, others[curve.size]),
        "shape that ships": lambda curve, count: law(curve, count, SHAPE),
        "simple: last loss seen": lambda curve, count: float(np.median(curve.loss[count - 3 : count])),
        "simple: straight line in log(step), second half": straight,
        "simple: power law in steps": lambda curve, count: law(curve, count, SHAPE, constant=True),
        "simple: power law in the sum of rates": lambda curve, count: law(curve, count, Shape(1e-9, *asdict_of(SHAPE))),
        "simple: median of families, blind to the schedule": families,
    }
    result: dict[str, object] = {
        "date": date.today().isoformat(),
        "device": f"{platform.machine()}, CPU",
        "versions": {"python": platform.python_version(), "numpy": np.__version__, "scipy": scipy.__version__},
        "command": "python benchmarks/multipower.py --data FOLDER --shares "
        + " ".join(f"{share:.3g}" for share in given.shares),
        "shape that ships": asdict(SHAPE),
        "shape fitted on all": asdict(fitted(curves)),
        "shape of the other sizes": {size: asdict(shape) for size, shape in others.items()},
    }
    for share in given.shares:
        for what, some in (
            ("72,000 steps", [curve for curve in curves if "72000" in curve.name]),
            ("the others", [curve for curve in curves if "72000" not in curve.name]),
        ):
            result[f"{what}, first {share:.0%}: error in per cent"] = {
                name: judged(some, share, rule) for name, rule in rules.items()
            }
            result[f"{what}, first {share:.0%}: intervals of 80 %"] = coverage(some, share, others)
    result["stretched to 72,000 steps: error in per cent"] = stretched(curves, others)
    print(json.dumps(result, indent=1))


def asdict_of(shape: Shape) -> tuple[float, float, float]:
    """All fields except the share."""
    return shape.speed, shape.beta, shape.gamma


def law(curve: Curve, count: int, shape: Shape, constant: bool = False) -> float | None:
    """The advisor's forecast; with ``constant`` as if the rate never changed."""
    rates = rates_of(curve.step.tolist(), [1.0] * curve.step.size) if constant else curve.rates
    assert not isinstance(rates, FitFailed)
    found = forecast_scheduled(
        curve.step[:count].tolist(), curve.loss[:count].tolist(), rates, rates, floor=0.0, shape=shape
    )
    return None if isinstance(found, FitFailed) else found.estimate.value


def straight(curve: Curve, count: int) -> float:
    """A straight line through the second half, in the logarithm of the step."""
    late = slice(count // 2, count)
    slope, start = np.polyfit(np.log(curve.step[late]), curve.loss[late], 1)
    return float(start + slope * math.log(curve.step[-1]))


def families(curve: Curve, count: int) -> float | None:
    """The forecast for curves without a schedule."""
    found = extrapolate(curve.step[:count].tolist(), curve.loss[:count].tolist(), float(curve.step[-1]), floor=0.0)
    return None if isinstance(found, FitFailed) else found.estimate.value


def judged(curves: Sequence[Curve], share: float, rule: Callable[[Curve, int], float | None]) -> dict[str, object]:
    """Errors of one forecasting rule."""
    errors: dict[str, float] = {}
    refused = 0
    for curve in curves:
        value = rule(curve, curve.part(share))
        if value is None:
            refused += 1
            continue
        errors[f"{curve.size} {curve.name}"] = round(100.0 * (value / curve.final - 1.0), 3)
    sizes = [abs(error) for error in errors.values()]
    if not sizes:
        return {"refused": refused}
    return {"mean": round(mean(sizes), 3), "worst": max(sizes), "refused": refused, "each": errors}


def coverage(curves: Sequence[Curve], share: float, shapes: dict[str, Shape]) -> dict[str, object]:
    """Coverage of the intervals, with the shape of the other sizes."""
    inside, widths = [], []
    for curve in curves:
        count = curve.part(share)
        found = forecast_scheduled(
            curve.step[:count].tolist(), curve.loss[:count].tolist(), curve.rates, curve.rates, shape=shapes[curve.size]
        )
        if not isinstance(found, FitFailed):
            inside.append(found.estimate.low <= curve.final <= found.estimate.high)
            widths.append(100.0 * (found.estimate.high - found.estimate.value) / curve.final)
    return {"answered": len(inside), "hold": sum(inside), "mean half width, per cent": round(mean(widths or [0.0]), 2)}


def stretched(curves: Sequence[Curve], shapes: dict[str, Shape]) -> dict[str, float | str]:
    """From one whole run to the end of a longer one."""
    by_name = {(curve.size, curve.name): curve for curve in curves}
    errors: dict[str, float | str] = {}
    for size, shape in shapes.items():
        for short, long in _STRETCHED:
            seen, planned = by_name[size, short], by_name[size, long]
            found = forecast_scheduled(
                seen.step.tolist(), seen.loss.tolist(), seen.rates, planned.rates, floor=0.0, shape=shape
            )
            name = f"{size} {short} to {long}"
            if isinstance(found, FitFailed):
                errors[name] = found.reason
            else:
                errors[name] = round(100.0 * (found.estimate.value / planned.final - 1.0), 3)
    return errors


def fitted(curves: Sequence[Curve]) -> Shape:
    """Fits the shape to whole runs: one floor per run, one power law per size, one shape for all."""
    sizes = sorted({curve.size for curve in curves})
    seen = []
    for curve in curves:
        late = np.flatnonzero(curve.step >= _EARLY * curve.step[0])
        late = late[np.unique(np.linspace(0, late.size - 1, _POINTS).round().astype(int))]
        total = np.interp(curve.step[late], curve.rates.step, curve.rates.total)
        seen.append((sizes.index(curve.size), curve, curve.step[late], total, curve.loss[late]))

    def residuals(p: np.ndarray) -> np.ndarray:
        shape = Shape(*np.exp(p[:3]), p[3])
        parts = []
        for index, curve, step, total, loss in seen:
            alpha, scale = np.exp(p[4 + 2 * index : 6 + 2 * index])
            rest = loss - scale * (total**-alpha - shape.share * taken_off(curve.rates, step, shape))
            parts.append((rest - rest.mean()) / 0.002)
        return np.concatenate(parts)

    starts = [[*np.log((0.4, speed, beta)), 0.5, *([math.log(0.5), math.log(0.3)] * len(sizes))]
              for speed, beta in ((0.0015, 2.0), (0.018, 0.5))]  # fmt: skip
    found = min((least_squares(residuals, start, loss="soft_l1") for start in starts), key=lambda fit: fit.cost)
    share, speed, beta = np.exp(found.x[:3]).tolist()
    return Shape(share, speed, beta, float(found.x[3]))


if __name__ == "__main__":
    main()
