"""Accuracy of forecasts of a learning curve's end from its beginning, on TaskSet's text classifiers.

Usage: python benchmarks/curves.py --data FOLDER [--shares 0.25 0.4 0.6] [--most 150] [--seed 0]

FOLDER holds one .npz per task with the array ``valid`` (settings x 51 points), as cut from TaskSet (arXiv 2002.11887).
Each task in turn, and each of several halves, is held out: the width of the interval is then fitted on the other
tasks, at all shares, and tested on those held out. The width that ships (fitted on all) stands beside it. Errors are
in units of the whole range of a curve. ``refused`` are curves without a fall or past their minimum, ``too wide``
those whose interval would say nothing; only the rest has an answer.
"""

import argparse
import json
import math
import platform
from datetime import date
from pathlib import Path
from statistics import median

import numpy as np
import scipy
from sklearn.linear_model import QuantileRegressor

from advisor.fits.extrapolate import LEAST, WIDEST, WIDTH, Seen, continuations, half_width, look
from advisor.fits.families import LOG_LIMIT, Family, fit_family

LEVEL = 0.8
POW3 = Family(
    "pow3", lambda p, x: p[0] + np.exp(p[1] - np.exp(p[2]) * np.log(x)), ((-1.5,), (0.0,)), (-LOG_LIMIT,), (2.0,)
)
EXP3 = Family(
    "exp3", lambda p, x: p[0] + np.exp(p[1] - np.exp(p[2]) * x), ((0.5,), (2.0,)), (-LOG_LIMIT,), (LOG_LIMIT,)
)
Width = tuple[float, float, float]


class Case:
    """One curve up to a share of its length: forecasts of the advisor and of simple rules, and the true end."""

    def __init__(self, curve: np.ndarray, share: float) -> None:
        count = round(share * curve.size)
        self.truth, self.range = float(curve[-3:].mean()), float(np.ptp(curve))
        found = look(list(range(1, count + 1)), curve[:count].tolist(), curve.size)
        self.seen = found if isinstance(found, Seen) else None
        self.rules = {"no further change": float(np.median(curve[count - 3 : count]))}
        if self.seen is not None:
            seen = self.seen
            ways = dict(continuations(seen))
            self.value = seen.loss(float(np.median(list(ways.values()))))
            self.rules |= {name: seen.loss(value) for name, value in ways.items()}
            for family in (POW3, EXP3):
                fit = fit_family(family, seen.x, seen.y, seen.noise)
                there = float(fit.at(np.array([seen.at]))[0]) if fit else math.nan
                self.rules[family.name] = seen.loss(there) if math.isfinite(there) else seen.loss(seen.last)

    def half(self, width: Width) -> float:
        """Half width in the unit of the loss; infinite where it would be too wide."""
        assert self.seen is not None
        half = half_width(self.seen, width)
        return half * self.seen.reach if half <= WIDEST else math.inf

    @property
    def error(self) -> float:
        """Absolute error of the forecast."""
        return abs(self.value - self.truth)


def main() -> None:
    """Prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--shares", type=float, nargs="+", default=[0.25, 0.4, 0.6])
    parser.add_argument("--most", type=int, default=150)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    tasks = {
        file.stem: {share: cases(file, share, given.most, given.seed) for share in given.shares}
        for file in sorted(given.data.glob("*.npz"))
    }
    names = list(tasks)
    folds = {f"without {name}": [name] for name in names}
    folds |= {"first half": names[: len(names) // 2], "second half": names[len(names) // 2 :]}
    folds |= {"even places": names[::2], "odd places": names[1::2]}
    widths = {
        fold: fitted([c for n in names if n not in held for c in every(tasks[n])]) for fold, held in folds.items()
    }
    words = f"--most {given.most} --seed {given.seed} --shares {' '.join(map(str, given.shares))}"
    result = {
        "date": date.today().isoformat(),
        "device": f"{platform.machine()}, CPU",
        "versions": {"python": platform.python_version(), "numpy": np.__version__, "scipy": scipy.__version__},
        "command": f"python benchmarks/curves.py --data FOLDER {words}",
        "width shipped": WIDTH,
        "width fitted on all": fitted([case for found in tasks.values() for case in every(found)]),
    }
    for share in given.shares:
        result[f"{share:.0%} seen"] = {
            "all tasks, width shipped": figures([case for found in tasks.values() for case in found[share]], WIDTH),
            "each task in turn, width from the others": figures(
                [case for n in names for case in tasks[n][share]],
                {id(case): widths[f"without {n}"] for n in names for case in tasks[n][share]},
            ),
            "held out": {
                fold: figures([case for name in held for case in tasks[name][share]], widths[fold])
                for fold, held in folds.items()
            },
        }
    print(json.dumps(result, indent=1))


def every(found: dict[float, list[Case]]) -> list[Case]:
    """The cases of all shares."""
    return [case for some in found.values() for case in some]


def cases(file: Path, share: float, most: int, seed: int) -> list[Case]:
    """Curves of one task that learn something."""
    valid = np.load(file, allow_pickle=False)["valid"].astype(float)
    keep = np.all(np.isfinite(valid), axis=1) & (np.ptp(valid, axis=1) > 0.02) & (valid.max(axis=1) < 5)
    rows = np.flatnonzero(keep)
    return [Case(valid[row], share) for row in np.random.default_rng(seed).permutation(rows)[:most]]


def fitted(found: list[Case]) -> Width:
    """The quantile regression of the logarithm of the error on those of fall and roughness."""
    usable = [(case, case.seen) for case in found if case.seen is not None]
    known = np.log([(seen.fall + LEAST, (seen.rough + LEAST) * math.log(seen.at)) for _, seen in usable])
    errors = np.log([case.error / seen.reach + 1e-4 for case, seen in usable])
    model = QuantileRegressor(quantile=LEVEL, alpha=0.0, solver="highs").fit(known, errors)
    of_fall, of_rough = model.coef_.tolist()
    return float(np.exp(model.intercept_)), of_fall, of_rough


def figures(found: list[Case], width: Width | dict[int, Width]) -> dict[str, object]:
    """Error, coverage and abstentions; the simple rules on the cases with an answer."""
    halves = {id(case): case.half(width[id(case)] if isinstance(width, dict) else width) for case in found if case.seen}
    given = [case for case in found if halves.get(id(case), math.inf) < math.inf]
    if not given:
        return {"curves": len(found), "answered": 0}
    return {
        "curves": len(found),
        "refused": len(found) - len(halves),
        "too wide": len(halves) - len(given),
        "answered": len(given),
        "median error": round(median(case.error / case.range for case in given), 4),
        "coverage": round(sum(case.error <= halves[id(case)] for case in given) / len(given), 3),
        "median half width": round(median(halves[id(case)] / case.range for case in given), 4),
        "simple rules on the same curves": {
            name: round(median(abs(case.rules[name] - case.truth) / case.range for case in given), 4)
            for name in given[0].rules
        },
    }


if __name__ == "__main__":
    main()
