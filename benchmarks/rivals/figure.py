"""Draws docs/rivals.png and prints the README table, from the committed results.

python benchmarks/rivals/figure.py [--rivals FILE] [--ours FILE] [--out docs/rivals.png]
"""

import argparse
import json
import math
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.pyplot as plt

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results"
TASKS = {"housing_mlp": "housing", "fashion_cnn": "Fashion", "imdb_text": "IMDB", "shakespeare_gpt": "Shakespeare"}
LABELS = {
    "ours": "this advisor",
    "as_given": "settings as given",
    "default_lr": "default rate (1e-3)",
    "adamw_default": "AdamW, all defaults",
    "prodigy": "Prodigy, cosine",
    "schedule_free": "Schedule-Free",
    "schedule_free_adamw": "Schedule-Free AdamW",
    "torch_lr_finder": "torch-lr-finder, steepest",
    "minimum_10": "torch-lr-finder, minimum/10",
    "lightning": "Lightning Tuner",
    "fastai": "fastai lr_find, fit_one_cycle",
    "optuna_1x": "Optuna, TPE and Hyperband",
    "optuna_4x": "Optuna, TPE and Hyperband",
    "optuna_16x": "Optuna, TPE and Hyperband",
    "halving_1x": "best of 16 short runs, replayed",
    "halving_4x": "successive halving, replayed",
    "halving_12x": "successive halving, replayed",
}
"""Labels, in the order of the table."""
SEEDS = 3


@dataclass(frozen=True)
class Line:
    """One method: scores of each task, per seed and over all seeds."""

    rival: str
    cost: float
    scores: dict[str, list[int]]
    ratios: dict[str, list[float]]

    @property
    def complete(self) -> bool:
        """Whether it was run on every task."""
        return all(self.scores.values())

    @property
    def overall(self) -> float:
        """Median over the tasks of the median over seeds, so that every task counts alike."""
        return statistics.median(statistics.median(found) for found in self.scores.values())

    @property
    def worst(self) -> float:
        """Test loss over that of the best random trial, median over seeds, on the task where it is largest."""
        return max(statistics.median(ratios) for ratios in self.ratios.values() if ratios)


def lines(ours: dict[str, Any], rivals: dict[str, Any]) -> list[Line]:
    """One line per method, in the order of the table."""
    rows: dict[str, list[dict[str, Any]]] = {"ours": ours["rows"]}
    for row in rivals["rows"] + rivals["replayed"]:
        rows.setdefault(row["rival"], []).append(row)
    found = []
    for rival in LABELS:
        mine = rows.get(rival, [])
        if not mine:
            continue
        cost = statistics.median(row.get("full_runs", row.get("cost")) for row in mine)
        by_task = {task: [row for row in mine if row["task"] == task] for task in TASKS}
        scores = {task: [row["k_equiv"] for row in rows] for task, rows in by_task.items()}
        ratios = {
            task: [math.inf if row["test_ratio"] is None else row["test_ratio"] for row in rows]
            for task, rows in by_task.items()
        }
        found.append(Line(rival, cost, scores, ratios))
    return found


def cell(scores: list[int], replayed: bool) -> str:
    """Median, with the range over seeds where they differ."""
    if not scores:
        return "not run"
    middle, low, high = statistics.median(scores), min(scores), max(scores)
    if len(scores) < SEEDS and not replayed:
        return f"{middle:g} ({len(scores)} of {SEEDS} seeds)"
    return f"{middle:g}" if low == high else f"{middle:g} ({low} to {high})"


def table(found: list[Line]) -> str:
    """The README table, in Markdown."""
    rows = [f"| | cost | {' | '.join(TASKS.values())} | all | worst loss |", "|---|---|" + "---|" * (len(TASKS) + 2)]
    for line in found:
        cost = f"{line.cost:.2g}" if line.cost < 10 else f"{line.cost:.0f}"
        cells = " | ".join(cell(line.scores[task], line.rival.startswith("halving")) for task in TASKS)
        overall = f"{line.overall:g}" if line.complete else ""
        worst = "" if not line.complete else "diverges" if math.isinf(line.worst) else f"{line.worst:.2f}"
        name = f"**{LABELS[line.rival]}**" if line.rival == "ours" else LABELS[line.rival]
        rows.append(f"| {name} | {cost} | {cells} | {overall} | {worst} |")
    return "\n".join(rows)


FREE = 0.02
"""Position of methods without cost on the axis."""
LOWEST = 0.5
"""Position of a score of zero on the axis."""
INK, OURS, QUIET, PALE = "#1f4e79", "#c2410c", "#6b7785", "#cbd3da"
SERIES = {
    "Optuna, TPE and Hyperband": (("optuna_1x", "optuna_4x", "optuna_16x"), INK),
    "successive halving, replayed": (("halving_1x", "halving_4x", "halving_12x"), QUIET),
}


def draw(found: list[Line], out: Path) -> None:
    """Median score against cost, both logarithmic; one label a point or series."""
    matplotlib.rcParams.update({"font.family": "DejaVu Sans", "font.size": 9})
    figure, axes = plt.subplots(figsize=(8.6, 5.4), layout="constrained")
    axes.set(xscale="log", yscale="log", xlim=(0.0145, 42), ylim=(0.4, 100))
    at = {line.rival: (max(line.cost, FREE), max(line.overall, LOWEST)) for line in found if line.complete}
    axes.plot([1, 42], [1, 42], color=PALE, lw=1.5, zorder=1)
    axes.annotate("random search", (2.6, 2.6), (6, -8), textcoords="offset points", color=QUIET, size=8.5)
    axes.axhline(65, color=PALE, lw=1, zorder=0)
    axes.annotate(
        "better than 64 full random trials promise", (0.0155, 65), (0, 4), textcoords="offset points",
        color=QUIET, size=8.5,
    )  # fmt: skip
    for label, (members, colour) in SERIES.items():
        points = [at[name] for name in members if name in at]
        axes.plot(*zip(*points, strict=True), "o-", color=colour, lw=1.3, ms=6.5, mec="white", zorder=3)
        axes.annotate(
            label, points[-1], (6, 9), textcoords="offset points", color=colour,
            ha="right", size=8.5,
        )  # fmt: skip
    single = [name for name in at if not any(name in members for members, _ in SERIES.values())]
    for name, height in apart({name: at[name] for name in single}).items():
        ours = name == "ours"
        axes.plot(*at[name], "o", color=OURS if ours else INK, ms=12 if ours else 6.5, mec="white", zorder=5)
        write(axes, LABELS[name], (at[name][0], height), OURS if ours else INK, right=not ours, bold=ours)
    axes.set_xticks([FREE, 0.1, 0.25, 1, 4, 16], ["nothing", "0.1", "0.25", "1", "4", "16"])
    axes.set_yticks([LOWEST, 1, 2, 4, 8, 16, 32, 64], ["0", "1", "2", "4", "8", "16", "32", "64"])
    axes.minorticks_off()
    axes.set_xlabel("cost of choosing, in full training runs")
    axes.set_ylabel("worth, in full random trials (median of four tasks)")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(out, dpi=150)
    plt.close(figure)


def write(
    axes: Any, text: str, place: tuple[float, float], colour: str, right: bool = True, bold: bool = False
) -> None:
    """Writes a label beside a point."""
    axes.annotate(
        text, place, (9 if right else -9, 0), textcoords="offset points", va="center", zorder=6, color=colour,
        ha="left" if right else "right", weight="bold" if bold else "normal", size=11 if bold else 8.5,
    )  # fmt: skip


def apart(at: dict[str, tuple[float, float]], least: float = 1.22) -> dict[str, float]:
    """Heights of labels, pushed apart where those of one cost would overlap."""
    heights: dict[str, float] = {}
    for free in (True, False):
        below = 0.0
        for name in sorted((name for name in at if (at[name][0] == FREE) == free), key=lambda name: at[name][1]):
            heights[name] = below = max(at[name][1], below * least)
    return heights


def newest(ending: str) -> Path:
    """The newest committed result of a kind."""
    return sorted(RESULTS.glob(f"*-{ending}.json"))[-1]


def main() -> None:
    """Draws the figure and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rivals", type=Path)
    parser.add_argument("--ours", type=Path)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "rivals.png")
    given = parser.parse_args()
    paths = (given.ours or newest("advice-cpu"), given.rivals or newest("rivals"))
    found = lines(*(json.loads(path.read_text()) for path in paths))
    print(table(found))
    draw(found, given.out)


if __name__ == "__main__":
    main()
