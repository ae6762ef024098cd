"""False positive rates of the log rules under noise, on healthy curves of several shapes.

Usage: python benchmarks/noise.py [--draws 400] [--seed 0]

Level curves must fire no rule at all; curves that fall as healthy runs do must fire none that speaks of a fault,
unless the same curve without noise fires it as well. Noise is white, correlated from one value to the next (0.6),
or heavy-tailed, at 0.5, 2 and 5 % of the fall (of a level curve: any, as units do not matter).
"""

import argparse
import json
import platform
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date

import numpy as np
import scipy
from scipy.signal import lfilter

from advisor.logs.evidence import evidence_of
from advisor.logs.run import Column, Run
from advisor.rules.base import LogRule, Rule
from advisor.rules.engine import judge_log
from advisor.rules.registry import RULES

FAULTS = ("FT002", "FT003", "FT005", "FT006", "FT007", "FT008", "FT010", "FT014", "EP001", "LR001", "LR002")
SIZES = (10, 30, 100)
LEVELS = (0.005, 0.02, 0.05)
LOG_RULES = [rule for rule in RULES if isinstance(rule, LogRule)]
KINDS = ("white", "correlated", "heavy-tailed")


def one_cycle(t: np.ndarray) -> np.ndarray:
    """A rate that rises to 45 % of the run, falls to 90 %, and stays low."""
    return np.maximum(1e-3, np.where(t < 0.45, t / 0.45, 1.0 - (t - 0.45) / 0.45))


def shapes(t: np.ndarray) -> dict[str, tuple[np.ndarray, np.ndarray | None]]:
    """Healthy losses that fall by about one, and their rate where it varies."""
    rate = one_cycle(t)
    steps = np.where(t < 0.5, 1.0, np.where(t < 0.75, 0.1, 0.01))
    return {
        "exponential": (np.exp(-5 * t), None),
        "power law": (1.2 / (1.0 + 20.0 * t) ** 0.7, None),
        "fast, then flat": (np.exp(-25 * t), None),
        "one cycle": (0.7 * np.exp(-10 * t) + 0.3 * rate, rate),
        "cosine": (0.8 * np.exp(-6 * t) + 0.2 * (1 + np.cos(np.pi * t)) / 2, (1 + np.cos(np.pi * t)) / 2 + 1e-3),
        "steps": (0.7 * np.exp(-10 * t) + 0.2 * (t < 0.5) + 0.05 * (t < 0.75), steps),
    }


def noise(kind: str, random: np.random.Generator, size: int) -> np.ndarray:
    """Standard noise of one of the kinds."""
    if kind == "correlated":
        return np.asarray(lfilter([0.8], [1.0, -0.6], random.standard_normal(size + 50))[50:])
    if kind == "heavy-tailed":
        return np.asarray(random.standard_t(3, size) / np.sqrt(3.0))
    return np.asarray(random.standard_normal(size))


def fired(
    train: np.ndarray, val: np.ndarray, metric: np.ndarray, rate: np.ndarray | None, rules: Sequence[Rule]
) -> set[str]:
    """Codes that a run with these curves fires."""
    x = tuple(range(1, len(train) + 1))
    curves = {"train_loss": train, "val_loss": val, "val_accuracy": metric} | ({} if rate is None else {"lr": rate})
    columns = tuple(Column(name, x, tuple(values.tolist())) for name, values in curves.items())
    evidence = evidence_of(Run("run", "file", "csv", "step", columns))
    found = [item for rule in rules for item in judge_log(evidence, [rule])]
    return {item.code for item in found if item.judgement.verdict == "detected"}


def level(kind: str, size: int, draws: int, seed: int) -> Counter[str]:
    """How often each rule fires on noise alone."""
    found: Counter[str] = Counter()
    for draw in range(draws):
        random = np.random.default_rng((seed, draw))
        train, val, metric = (noise(kind, random, size) for _ in range(3))
        found.update(fired(2 + 0.1 * train, 2 + 0.1 * val, 0.7 + 0.02 * metric, None, LOG_RULES))
    return found


def healthy(shape: str, kind: str, share: float, size: int, draws: int, seed: int) -> Counter[str]:
    """How often each rule that speaks of a fault fires on a healthy curve, where it is silent without noise."""
    found: Counter[str] = Counter()
    faults = [rule for rule in LOG_RULES if rule.code in FAULTS]
    curve, rate = shapes(np.arange(1, size + 1) / size)[shape]
    clean = fired(0.1 + curve, 0.2 + curve, 0.9 - 0.5 * curve, rate, faults)
    for draw in range(draws):
        random = np.random.default_rng((seed, draw))
        train, val, metric = (share * noise(kind, random, size) for _ in range(3))
        found.update(fired(0.1 + curve + train, 0.2 + curve + val, 0.9 - 0.5 * (curve + metric), rate, faults) - clean)
    return found


def main() -> None:
    """Prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    n, seed = given.draws, given.seed
    on_level = {(kind, size): level(kind, size, n, seed) for kind in KINDS for size in SIZES}
    cases = [(s, k, v, z) for s in shapes(np.ones(1)) for k in KINDS for v in LEVELS for z in SIZES]
    on_healthy = {case: healthy(*case, n // 4, seed) for case in cases}
    whole, by_shape = Counter[str](), defaultdict[str, Counter[str]](Counter)
    for counts in on_level.values():
        whole.update(counts)
    for (shape, kind, *_), counts in on_healthy.items():
        by_shape[f"{shape}, {kind} noise"].update(counts)
    each = n // 4 * len(LEVELS) * len(SIZES)
    result = {
        "date": date.today().isoformat(),
        "device": f"{platform.machine()}, CPU",
        "versions": {"python": platform.python_version(), "numpy": np.__version__, "scipy": scipy.__version__},
        "command": f"python benchmarks/noise.py --draws {n} --seed {seed}",
        "level curves": {"draws": n * len(on_level), "fired": _shares(whole, n * len(on_level))},
        "level curves, by noise and size": {
            f"{kind}, {size} values": _shares(counts, n) for (kind, size), counts in on_level.items()
        },
        "healthy curves, by shape and noise": {
            "draws each": each,
            **{name: _shares(counts, each) for name, counts in by_shape.items()},
        },
    }
    print(json.dumps(result, indent=1))


def _shares(counts: Counter[str], draws: int) -> dict[str, float]:
    return {rule.code: round(counts[rule.code] / draws, 4) for rule in LOG_RULES if counts[rule.code]}


if __name__ == "__main__":
    main()
