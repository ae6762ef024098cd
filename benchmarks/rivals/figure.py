"""Draws docs/rivals.png and prints the read-me's table, from the committed results.

python benchmarks/rivals/figure.py [--rivals FILE] [--ours FILE] [--out docs/rivals.png]
"""

import argparse
import json
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
    "optuna_1x": "Optuna, 1 full run",
    "optuna_4x": "Optuna, 4 full runs",
    "optuna_16x": "Optuna, 16 full runs",
    "halving_1x": "best of 16 short runs",
    "halving_4x": "successive halving",
    "halving_12x": "successive halving",
}
"""In the order of the table."""


@dataclass(frozen=True)
class Line:
    """One method: per task the scores under each seed, and over all of them."""

    rival: str
    cost: float
    scores: dict[str, list[int]]
    ratios: dict[str, list[float]]

    @property
    def overall(self) -> float:
        """Median score over tasks and seeds."""
        return statistics.median(k for task in self.scores.values() for k in task)

    def of_task(self, task: str) -> float:
        """Median score of a task over its seeds."""
        return statistics.median(self.scores[task])


def lines(ours: dict[str, Any], rivals: dict[str, Any]) -> list[Line]:
    """One line a method, in the table's order; a method without a row for every task is left out."""
    rows: dict[str, list[dict[str, Any]]] = {"ours": ours["rows"]}
    for row in rivals["rows"] + rivals["replayed"]:
        rows.setdefault(row["rival"], []).append(row)
    found = []
    for rival in LABELS:
        mine = rows.get(rival, [])
        if {row["task"] for row in mine} != set(TASKS):
            continue
        cost = statistics.median(row.get("full_runs", row.get("cost")) for row in mine)
        by_task = {task: [row for row in mine if row["task"] == task] for task in TASKS}
        scores = {task: [row["k_equiv"] for row in rows] for task, rows in by_task.items()}
        ratios = {
            task: [float("inf") if row["test_ratio"] is None else row["test_ratio"] for row in rows]
            for task, rows in by_task.items()
        }
        found.append(Line(rival, cost, scores, ratios))
    return found


def cell(scores: list[int]) -> str:
    """Median, and the range over seeds where they differ."""
    middle, low, high = statistics.median(scores), min(scores), max(scores)
    return f"{middle:g}" if low == high else f"{middle:g} ({low} to {high})"


def table(found: list[Line]) -> str:
    """The read-me's table, in Markdown."""
    rows = [f"| | cost | {' | '.join(TASKS.values())} | median | worst |", "|---|---|" + "---|" * (len(TASKS) + 2)]
    for line in found:
        cost = "0" if line.cost == 0 else f"{line.cost:.2g}" if line.cost < 10 else f"{line.cost:.0f}"
        cells = " | ".join(cell(line.scores[task]) for task in TASKS)
        worst = max(statistics.median(ratios) for ratios in line.ratios.values())
        said = "fails" if worst == float("inf") else f"{worst:.2f}"
        name = f"**{LABELS[line.rival]}**" if line.rival == "ours" else LABELS[line.rival]
        rows.append(f"| {name} | {cost} | {cells} | {line.overall:g} | {said} |")
    return "\n".join(rows)


FREE = 0.022
"""Where methods that cost nothing stand on the axis."""
LEFT = {"minimum_10", "optuna_16x", "halving_12x"}


def draw(found: list[Line], out: Path) -> None:
    """Median score against cost, both logarithmic; a thin line from the worst to the best task."""
    matplotlib.rcParams.update({"font.family": "DejaVu Sans", "font.size": 9, "svg.hashsalt": "rivals"})
    figure, axes = plt.subplots(figsize=(8.6, 5.2), layout="constrained")
    axes.set(xscale="log", yscale="log", xlim=(0.016, 40), ylim=(0.42, 90))
    axes.plot([1, 40], [1, 40], color="#9aa5b1", lw=1, ls=(0, (4, 3)), zorder=1)
    axes.annotate("random search", (26, 26), (0, -13), textcoords="offset points", color="#6b7785", rotation=0)
    axes.axhline(65, color="#d5dbe1", lw=1, zorder=0)
    axes.annotate(
        "better than all 64 full random trials", (0.017, 65), (0, 4), textcoords="offset points", color="#6b7785"
    )
    places = spread(found)
    for line in found:
        x, label = places[line.rival]
        ours = line.rival == "ours"
        colour = "#c2410c" if ours else "#6b7785" if line.rival.startswith("halving") else "#1f4e79"
        y = max(line.overall, 0.5)
        reach = [max(line.of_task(task), 0.5) for task in TASKS]
        axes.plot(
            [x, x],
            [min(reach), max(reach)],
            color=colour,
            lw=2.4 if ours else 1.1,
            alpha=0.9 if ours else 0.45,
            zorder=2,
        )
        axes.plot(x, y, "o", color=colour, ms=10 if ours else 6.5, zorder=4, mec="white", mew=1)
        side = -1 if line.rival in LEFT else 1
        axes.annotate(
            LABELS[line.rival], (x, label), (8 * side, 0), textcoords="offset points", va="center", color=colour,
            ha="left" if side > 0 else "right", weight="bold" if ours else "normal", size=11 if ours else 8.5, zorder=5,
        )  # fmt: skip
    axes.set_xticks([FREE, 0.1, 0.25, 1, 4, 16], ["nothing", "0.1", "0.25", "1", "4", "16"])
    axes.set_yticks([0.5, 1, 2, 4, 8, 16, 32, 65], ["0", "1", "2", "4", "8", "16", "32", "65"])
    axes.minorticks_off()
    axes.set_xlabel("cost of the choice, in full training runs")
    axes.set_ylabel("worth: equivalent number of full random trials")
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title(
        "What a choice of settings costs, and what it is worth\nPoint: median over four tasks and three seeds."
        " Line: from the worst task to the best.",
        loc="left", fontsize=10,
    )  # fmt: skip
    figure.savefig(out, dpi=150, metadata={"Software": None} if out.suffix == ".png" else None)


def spread(found: list[Line]) -> dict[str, tuple[float, float]]:
    """Where each point and its label stand: neighbours of the same cost side by side, labels apart."""
    taken: list[tuple[float, float]] = []
    places = {}
    for line in sorted(found, key=lambda line: (line.cost, line.overall)):
        x = max(line.cost, FREE)
        while any(abs(x / other - 1) < 0.05 and x >= other * 0.95 for other, _ in taken):
            x *= 1.06
        y = max(line.overall, 0.5)
        taken.append((x, y))
        places[line.rival] = (x, y)
    return places


def newest(ending: str) -> Path:
    """The last committed result of a kind."""
    return sorted(RESULTS.glob(f"*-{ending}.json"))[-1]


def main() -> None:
    """Draws and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rivals", type=Path, default=newest("rivals"))
    parser.add_argument("--ours", type=Path, default=newest("advice-cpu"))
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "rivals.png")
    given = parser.parse_args()
    found = lines(json.loads(given.ours.read_text()), json.loads(given.rivals.read_text()))
    print(table(found))
    draw(found, given.out)


if __name__ == "__main__":
    main()
