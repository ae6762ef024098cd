"""Random search and successive halving, replayed from the tables of random trials: their mean results.

A replayed method sees the same losses as one that trains: the tables hold each configuration at a sixteenth, an eighth,
a quarter and the whole of its length, every schedule squeezed.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

HALVING = {
    1: [(16, 1 / 16)],
    4: [(32, 1 / 16), (8, 1 / 8), (4, 1 / 4)],
    12: [(64, 1 / 16), (16, 1 / 8), (8, 1 / 4), (4, 1)],
}
"""Per cost in full runs, the best of a few plans of (configurations kept, length)."""


def replay(score: Any, folder: Path, name: str, draws: int = 1000) -> list[dict[str, Any]]:
    """Rows of both methods for one task; ``score`` is the evaluation folder's module, ``folder`` its results."""
    table = score.table(name)
    losses = {1: table[:, 0]}
    for line in (folder / f"short_{name}.jsonl").read_text().splitlines():
        row = json.loads(line)
        column = losses.setdefault(row["length"], np.full(len(table), np.inf))
        column[row["trial"]] = np.inf if row["val_loss"] is None else row["val_loss"]
    test = np.where(np.isfinite(table[:, 2]), table[:, 2], table[np.isfinite(table).all(1), 2].max())
    rng = np.random.default_rng(0)
    rows = []
    for cost, plan in HALVING.items():
        found = []
        for _ in range(draws):
            left = rng.permutation(len(table))
            for keep, length in plan:
                left = left[:keep][np.argsort(losses[length][left[:keep]])]
            found.append(test[left[0]])
        rows.append({"rival": f"halving_{cost}x", "cost": float(cost), "loss": float(np.mean(found))})
    curve = score.best_of_k(table)
    rows += [{"rival": f"random_{cost}x", "cost": float(cost), "loss": float(curve[cost - 1])} for cost in (1, 4, 16)]
    scored = [(row, score.score(name, row["loss"], row["loss"])) for row in rows]
    return [
        {
            "task": name,
            "rival": row["rival"],
            "cost": row["cost"],
            "k_equiv": s["k_equiv"],
            "test_ratio": s["test_ratio"],
        }
        for row, s in scored
    ]
