"""Speed-up by more workers: rounds of a real diagnosis, replayed on any number of workers.

Usage: python benchmarks/scaling.py REPORT.JSON [--check] [--repeats N] [--epochs N]

An event simulation: a round's probes are taken in their order by the worker that is free first, and a round begins when
the one before it has ended, as ``advisor.workers.pool`` and ``advisor.app.diagnose`` do it. Durations are the costs of
the probes in full runs, so that the answer is in full runs on one device and holds for any model. Two changes that are
not built are replayed as well: rounds that need not wait for each other at the same time, and a ladder of eight rungs.
``--check`` compares with the example's rounds, measured on one and on two workers. Prints one JSON object.
"""

import argparse
import heapq
import json
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import engines

from advisor.search.runner import EVALUATION_WEIGHT

Rounds = list[tuple[str, list[float]]]
WORKERS = (1, 2, 3, 4, 8, 64)
ONE_BY_ONE = ("length",)
"""Rounds whose probes wait for each other (``advisor.search.rounds.length``)."""
TOGETHER = ("noise", "batch", "confirm", "length")
"""Rounds that could run concurrently if each assumed the results of the others."""
CASES = {
    "ResNet-50, ImageNet, 90 epochs, 2500 images a second": 1.28e6 * 90 / 2500,
    "124M language model, 10B tokens, 4e14 FLOP a second": 6 * 124e6 * 10e9 / 4e14,
}
"""Seconds of a full run on one device. Computed from stated speeds, not measured."""


def makespan(rounds: Rounds, workers: int, late: float = 0.0) -> float:
    """Time at which the last probe of the last round ends; only probes count.

    Args:
        rounds: Names and durations.
        workers: Number of workers.
        late: Time at which all workers but the first have loaded the task.
    """
    now, ready = 0.0, [0.0, *[late] * (workers - 1)]
    for name, durations in rounds:
        if name in ONE_BY_ONE:
            now += sum(durations)
            continue
        free, ends = [max(now, moment) for moment in ready], []
        for duration in durations:
            ends.append(free[0] + duration)
            heapq.heapreplace(free, ends[-1])
        now = max(ends)
    return now


def grouped(arms: Sequence[tuple[str, float]]) -> Rounds:
    """Probes by round, in execution order."""
    rounds: dict[str, list[float]] = {}
    for name, duration in arms:
        rounds.setdefault(name, []).append(duration)
    return list(rounds.items())


def in_full_runs(report: dict[str, Any]) -> Rounds:
    """The rounds of a report, each probe by its cost: trained examples and its part of the evaluated ones."""
    cost = report["cost"]
    looks = EVALUATION_WEIGHT * cost["eval_examples"] / cost["full_run_examples"] / cost["probes"]
    return grouped([(arm["round"], arm["length"] + looks) for arm in report["arms"]])


def at_once(rounds: Rounds) -> Rounds:
    """The rounds with those of ``TOGETHER`` as one, the longest probe first."""
    merged = sorted((d for name, durations in rounds if name in TOGETHER for d in durations), reverse=True)
    first = next(i for i, (name, _) in enumerate(rounds) if name in TOGETHER)
    rest = [item for item in rounds if item[0] not in TOGETHER]
    return [*rest[:first], ("together", merged), *rest[first:]]


def wider(rounds: Rounds) -> Rounds:
    """The rounds with a ladder of eight rungs."""
    return [(name, [max(durations)] * 8 if name == "ladder" else durations) for name, durations in rounds]


def check(repeats: int, epochs: int) -> dict[str, Any]:
    """Measured seconds of the example's rounds over simulated ones; durations are those of the run itself.

    The second worker loads the task while the first one takes its first look and begins.
    """
    found = {}
    for engine, workers in (("serial", 1), ("process", 2)):
        ratios, gains = [], []
        for _ in range(repeats):
            run = engines.in_child(engines.EXAMPLE, engine, epochs)
            rounds = grouped(run["arms"])
            simulated = makespan(rounds, workers, late=run["load"] - run["look"])
            ratios.append(run["rounds"] / simulated)
            gains.append(makespan(rounds, 1) / simulated)
        found[f"{workers} worker{'s' * (workers > 1)}"] = {
            "measured_over_simulated": round(statistics.median(ratios), 3),
            "all": [round(ratio, 3) for ratio in sorted(ratios)],
            "simulated_gain": round(statistics.median(gains), 3),
            "seconds_of_probes": round(makespan(rounds, 1), 1),
        }
    return found


def main() -> None:
    """Prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", type=Path)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=200, help="epochs of the example, for --check")
    given = parser.parse_args()
    rounds = in_full_runs(json.loads(given.report.read_text()))
    alone = makespan(rounds, 1)
    table = {
        name: {f"{workers}": round(makespan(variant, workers), 3) for workers in WORKERS}
        for name, variant in {
            "as it is": rounds,
            "noise, batch, confirm and length at once": at_once(rounds),
            "eight rungs": wider(rounds),
        }.items()
    }
    hours = {
        name: {f"{workers}": round(full_run * makespan(rounds, workers) / 3600, 2) for workers in WORKERS}
        for name, full_run in CASES.items()
    }
    result: dict[str, Any] = {
        "probes": {name: len(durations) for name, durations in rounds},
        "full_runs_on_one_worker": round(alone, 3),
        "full_runs_until_the_end": table,
        "gain": {f"{workers}": round(alone / makespan(rounds, workers), 2) for workers in WORKERS},
        "hours": hours,
    }
    if given.check:
        result["check"] = check(given.repeats, given.epochs)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
