"""Rate and batch size chosen for the largest runs of a table of sweeps, from runs with a fifth of the tokens or less.

Usage: python benchmarks/carry.py --steplaw FOLDER_OR_CSV [--share 0.2] [--sequence 2048]

The table holds one run a row (``advisor.logs.sweeps``); the dense runs of Step Law (arXiv 2503.04715) are one. For each
model size, the cells of that size with at most ``--share`` of the tokens of its largest run go through ``best_of`` and
``carry``, as in ``advisor carry``. A size without such cells is predicted from the smaller models. The prediction is
rounded to the nearest cell that was run (distance in log rate and log batch); regret is its loss over the lowest loss
of the largest run, less 1.

``published law`` takes the exponents from the literature and the optima of that size. ``with the other sizes`` gives
the optima of all other model sizes as well, so that exponents are measured; what is asked for has no part in them.
``every other rate and batch`` gives a quarter of the cells. ``every pair`` carries between any two lengths of one size
that differ by a factor of two or more.
"""

import argparse
import json
import math
import platform
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from statistics import mean

import numpy as np
import scipy

from advisor.fits.carry import Size, carry
from advisor.fits.optimum import Measured, Optimum, best_of
from advisor.fits.types import FitFailed
from advisor.logs.sweeps import Sweeps, read_sweeps

Settings = tuple[float, float]
"""Rate and batch size."""
Choice = Callable[[Sequence[Size], Size], Settings]
"""From the sizes that may be looked at, and the target, to settings."""


def main() -> None:
    """Prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steplaw", type=Path, required=True)
    parser.add_argument("--share", type=float, default=0.2)
    parser.add_argument("--sequence", type=int, default=2048, help="tokens of a sequence, for formulas in tokens")
    given = parser.parse_args()
    table = read(given.steplaw)
    optima, thin = fitted(table), fitted({size: thinned(runs) for size, runs in table.items()})

    def unchanged(sizes: Sequence[Size], target: Size) -> Settings:
        best = min(table[nearest(sizes)], key=lambda run: run.loss)
        return best.rate, best.batch

    def moved(of_rate: float, of_batch: float) -> Choice:
        def choose(sizes: Sequence[Size], target: Size) -> Settings:
            (rate, batch), ratio = unchanged(sizes, target), target.data / nearest(sizes).data
            return rate * ratio**of_rate, batch * ratio**of_batch

        return choose

    rules: dict[str, Choice] = {
        "published law": lambda sizes, target: carried({size: optima[size] for size in sizes}, target),
        "with the other sizes": lambda sizes, target: carried(
            {size: best for size, best in optima.items() if size in sizes or size.model != target.model}, target
        ),
        "published law, every other rate and batch": lambda sizes, target: carried(
            {size: thin[size] for size in sizes}, target
        ),
        "simple: best cell, unchanged": unchanged,
        "simple: best cell, batch by data ** 0.5, rate by data ** 0.25": moved(0.25, 0.5),
        "simple: best cell, rate by data ** -0.32 (arXiv 2409.19913)": moved(-0.32, 0.0),
        "formula of Step Law (arXiv 2503.04715, set on its own table)": lambda sizes, target: (
            1.79 * target.model**-0.713 * target.data**0.307,
            0.58 * target.data**0.571 / given.sequence,
        ),
        "formula of DeepSeek LLM (arXiv 2401.02954)": lambda sizes, target: (
            0.3118 * compute(target) ** -0.125,
            0.2920 * compute(target) ** 0.3271 / given.sequence,
        ),
    }
    asked = questions(table, given.share)
    own = [item for item in asked if all(size.model == item[1].model for size in item[0])]
    result = {
        "date": date.today().isoformat(),
        "device": f"{platform.machine()}, CPU",
        "versions": {"python": platform.python_version(), "numpy": np.__version__, "scipy": scipy.__version__},
        "command": f"python benchmarks/carry.py --steplaw FOLDER --share {given.share:g}",
        "runs": sum(map(len, table.values())),
        "regret, per cent": {name: judged(table, asked, rule) for name, rule in rules.items()},
        "regret, sizes with cells of their own": {name: judged(table, own, rule) for name, rule in rules.items()},
        "intervals of 80 % that hold the optimum, every pair": {
            "published law": coverage(optima, pairs(table), False),
            "with the other sizes": coverage(optima, pairs(table), True),
        },
        "regret, every pair": {name: judged(table, pairs(table), rule, False) for name, rule in rules.items()},
    }
    print(json.dumps(result, indent=1))


def read(place: Path) -> Sweeps:
    """Runs of all tables of a folder, or of one file, by size."""
    table: Sweeps = {}
    for file in sorted(place.glob("*.csv")) if place.is_dir() else [place]:
        for size, runs in read_sweeps(file).items():
            table.setdefault(size, []).extend(runs)
    return table


def fitted(table: Sweeps) -> dict[Size, Optimum | FitFailed]:
    """The best settings of each size."""
    return {size: best_of(runs) for size, runs in table.items()}


def thinned(runs: Sequence[Measured]) -> list[Measured]:
    """Every second rate and batch size."""
    rates, batches = (set(sorted(values)[::2]) for values in ({run.rate for run in runs}, {run.batch for run in runs}))
    return [run for run in runs if run.rate in rates and run.batch in batches]


def carried(optima: dict[Size, Optimum | FitFailed], target: Size) -> Settings:
    """What the product would choose."""
    known = [(size, best) for size, best in optima.items() if isinstance(best, Optimum)]
    found = carry(known, target)
    assert not isinstance(found, FitFailed), found
    return found.rate.value, found.batch.value


def compute(size: Size) -> float:
    """Floating-point operations of a run."""
    return 6.0 * size.model * size.data


def nearest(sizes: Sequence[Size]) -> Size:
    """The largest of the sizes."""
    return max(sizes, key=compute)


def questions(table: Sweeps, share: float) -> list[tuple[Sequence[Size], Size]]:
    """For each model size: what may be looked at, and its largest run."""
    found = []
    for model in sorted({size.model for size in table}):
        target = max((size for size in table if size.model == model), key=lambda size: size.data)
        seen = [size for size in table if size.data <= share * target.data]
        own = [size for size in seen if size.model == model]
        if seen:
            found.append((own or [size for size in seen if size.model < model], target))
    return found


def pairs(table: Sweeps) -> list[tuple[Sequence[Size], Size]]:
    """Any two lengths of one model size that differ by a factor of two or more."""
    return [([a], b) for a in table for b in table if a.model == b.model and b.data >= 2.0 * a.data]


def coverage(
    optima: dict[Size, Optimum | FitFailed], asked: Sequence[tuple[Sequence[Size], Size]], others: bool
) -> dict[str, int]:
    """How often the carried intervals hold the optimum that was fitted at the target."""
    rate = batch = 0
    for seen, target in asked:
        known = [
            (size, best)
            for size, best in optima.items()
            if isinstance(best, Optimum) and (size in seen or (others and size.model != target.model))
        ]
        found, there = carry(known, target), optima[target]
        assert not isinstance(found, FitFailed) and not isinstance(there, FitFailed) and there.batch is not None
        rate += found.rate.low <= there.rate.value <= found.rate.high
        batch += found.batch.low <= there.batch.value <= found.batch.high
    return {"questions": len(asked), "rate": rate, "batch size": batch}


def judged(
    table: Sweeps, asked: Sequence[tuple[Sequence[Size], Size]], rule: Choice, single: bool = True
) -> dict[str, object]:
    """Regret of one rule on each question, in per cent."""
    rows = []
    for seen, target in asked:
        rate, batch = rule(seen, target)
        runs = table[target]
        cell = min(runs, key=lambda run: math.hypot(math.log(run.rate / rate), math.log(run.batch / batch)))
        regret = 100.0 * (cell.loss / min(run.loss for run in runs) - 1.0)
        source = "+".join(f"{size.data / 1e9:g}" for size in sorted(seen, key=lambda size: size.data))
        name = f"{target.model / 1e6:.0f}M, {source} to {target.data / 1e9:g} billion tokens"
        rows.append((name, regret, f"{rate:.3g} and {batch:.0f}, cell {cell.rate:.3g} and {cell.batch:g}"))
    result: dict[str, object] = {
        "mean": round(mean(row[1] for row in rows), 3),
        "worst": round(max(row[1] for row in rows), 3),
        "questions": len(rows),
    }
    return result | ({name: [round(value, 3), cell] for name, value, cell in rows} if single else {})


if __name__ == "__main__":
    main()
