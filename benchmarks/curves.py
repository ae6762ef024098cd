"""How well the end of a learning curve is foretold from its beginning, on TaskSet's text classifiers.

Usage: python benchmarks/curves.py --data FOLDER [--share 0.4] [--most 150] [--seed 0]

FOLDER holds one .npz per task with the array ``valid`` (settings x 51 points), as cut from TaskSet (arXiv 2002.11887).
Tasks in even places of the alphabet set the scale of the interval, those in odd places test it, and the other way
round; the scale that ships is measured on each half as well. Errors are in units of the whole range of a curve.
"""

import argparse
import json
from pathlib import Path
from statistics import median

import numpy as np

from advisor.fits import Forecast, curves, extrapolate
from advisor.fits.families import FAMILIES, fit_family
from advisor.fits.smoothing import difference_noise

LEVEL = 0.8
Case = dict[str, float]


def main() -> None:
    """Prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--share", type=float, default=0.4)
    parser.add_argument("--most", type=int, default=150)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    shipped, widest = curves._SPREAD_SCALE, curves._WIDEST
    curves._SPREAD_SCALE, curves._WIDEST = 1.0, np.inf
    tasks = {file.stem: cases(file, given.share, given.most, given.seed) for file in sorted(given.data.glob("*.npz"))}
    even = [case for i, found in enumerate(tasks.values()) if i % 2 == 0 for case in found]
    odd = [case for i, found in enumerate(tasks.values()) if i % 2 == 1 for case in found]
    result = {
        "share": given.share,
        "scale shipped": shipped,
        "all tasks, scale shipped": figures(even + odd, shipped, widest),
        "each task, scale shipped": {name: figures(found, shipped, widest) for name, found in tasks.items()},
    }
    for name, own, other in (("odd", even, odd), ("even", odd, even)):
        scale = calibrated(own, widest)
        result[f"{name} tasks held out"] = {
            "scale from the other tasks": scale,
            "with that scale": figures(other, scale, widest),
            "with the scale shipped": figures(other, shipped, widest),
        }
    print(json.dumps(result, indent=1))


def cases(file: Path, share: float, most: int, seed: int) -> list[Case]:
    """Curves of one task that learn something: what was foretold, without and with each simple rule, and the truth."""
    valid = np.load(file, allow_pickle=False)["valid"].astype(float)
    keep = np.all(np.isfinite(valid), axis=1) & (np.ptp(valid, axis=1) > 0.02) & (valid.max(axis=1) < 5)
    rows = np.flatnonzero(keep)
    rows = np.random.default_rng(seed).permutation(rows)[:most]
    return [case(valid[row], share) for row in rows]


def case(curve: np.ndarray, share: float) -> Case:
    """One curve seen up to a share of its length."""
    seen, end = round(share * curve.size), float(curve.size)
    x, y = np.arange(1.0, seen + 1.0), curve[:seen]
    found = extrapolate(x.tolist(), y.tolist(), end)
    result = {"truth": float(curve[-3:].mean()), "range": float(np.ptp(curve)), "seen": float(np.ptp(y)),
              "last value": float(np.median(y[-3:]))}  # fmt: skip
    if isinstance(found, Forecast):
        result["value"] = found.estimate.value
        result["half"] = found.estimate.high - found.estimate.value
    low, reach = float(y.min()), max(float(np.ptp(y)), 1e-12)
    noise = difference_noise(y.tolist()) / reach
    for family in FAMILIES:
        fit = fit_family(family, x / seen, (y - low) / reach, noise)
        there = float(fit.at(np.array([end / seen]))[0]) if fit else np.nan
        result[family.name] = low + reach * there if np.isfinite(there) else result["last value"]
    return result


def answered(found: list[Case], scale: float, widest: float) -> list[Case]:
    """Cases with an answer: not refused, and no interval wider than what was seen."""
    return [item for item in found if "half" in item and scale * item["half"] <= widest * item["seen"]]


def coverage(found: list[Case], scale: float, widest: float) -> float:
    """Share of answers whose interval holds the truth."""
    given = answered(found, scale, widest)
    return sum(abs(item["truth"] - item["value"]) <= scale * item["half"] for item in given) / max(1, len(given))


def calibrated(found: list[Case], widest: float) -> float:
    """The scale whose coverage is nearest to the level."""
    return float(min(np.arange(0.5, 5.01, 0.05), key=lambda scale: abs(coverage(found, scale, widest) - LEVEL)))


def figures(found: list[Case], scale: float, widest: float) -> dict[str, float | int | dict[str, float]]:
    """Error, coverage and abstentions; the simple rules on the cases with an answer, and on all."""
    given = answered(found, scale, widest)
    rules = ["last value", *(family.name for family in FAMILIES)]

    def error(items: list[Case], name: str) -> float:
        return round(median(abs(item["truth"] - item[name]) / item["range"] for item in items), 4) if items else np.nan

    return {
        "curves": len(found),
        "abstained": len(found) - len(given),
        "median error": error(given, "value"),
        "coverage": round(coverage(found, scale, widest), 3),
        "median half width": round(median(scale * item["half"] / item["range"] for item in given), 4) if given else 0,
        "same curves, simple rules": {name: error(given, name) for name in rules},
        "all curves, simple rules": {name: error(found, name) for name in rules},
    }


if __name__ == "__main__":
    main()
