"""The prototype of the method: ten copies on a subset of the data, without confirmation."""

import math
from typing import Any

import numpy as np
import torch
from tasks import Config, decayed

SHARE = 1 / 8
PRIOR = 10**0.4
LADDER = {"SGD": (-1.2, -0.7, -0.2, 0.3, 0.8), "AdamW": (-3.3, -2.75, -2.2, -1.65, -1.1)}
STEEP, RISE = -2.0, 0.015
Copy = dict[str, Any]


class Copies:
    """Trains copies of one task and counts their cost."""

    def __init__(self, reference: Any, name: str, seed: int) -> None:
        self.reference, self.name = reference, name
        self.task, self.data = reference.load(name)
        self.sgd = self.task.settings["optimizer"] == "SGD"
        self.size, self.epochs = self.task.settings["batch_size"], self.task.settings["epochs"]
        self.total = len(self.data[0][0])
        self.order = torch.randperm(self.total, generator=torch.Generator().manual_seed(900 + seed))
        self.spent = 0.0

    def config(self, z: float, total: float, size: int, steps: int, epochs: int) -> Config:
        """The configuration at a rate of effective size 10 ** z."""
        return decayed(self.task, 10**z * (0.1 if self.sgd else 1.0), total, steps, size, epochs)

    def run(self, z: float, total: float, length: float) -> Copy:
        """One copy for a share of the epochs, its batch cut by the root of the share of the data."""
        count = round(self.total * SHARE)
        size = min(max(4, round(self.size * SHARE**0.5)), count)
        steps = max(20, round(max(1, count // size) * self.epochs * length))
        rows = self.order[:count]
        cache = self.reference._cache
        whole = cache[self.name]
        cache[self.name] = (whole[0], [tuple(x[rows] for x in whole[1][0]), *whole[1][1:]])
        config = self.config(z, total, size, steps, self.epochs)
        found = self.reference.train(self.name, config, seed=0, length=length, curve=True)
        cache[self.name] = whole
        self.spent += steps * size / (self.total * self.epochs)
        fine = not found["diverged"] and math.isfinite(found["val_loss"])
        low = min([loss for _, loss, _ in found["curve"] or []] + [found["val_loss"]]) if fine else math.nan
        return {
            "z": z, "size": size, "steps": steps, "val": found["val_loss"] if fine else 1e9,
            "train": found["train_loss"] if fine else None, "rise": math.log(found["val_loss"] / low) if fine else 0.0,
        }  # fmt: skip


def best_rate(copies: list[Copy]) -> float:
    """Vertex of the parabola through the best copy and its neighbours."""
    copies = sorted(copies, key=lambda copy: copy["z"])
    z = [copy["z"] for copy in copies]
    i = min(range(len(copies)), key=lambda i: copies[i]["val"])
    if not 0 < i < len(z) - 1:
        return float(z[i])
    y = [math.log(min(copy["val"], copies[i]["val"] * 2)) for copy in copies]
    a, b, _ = np.polyfit(z[i - 1 : i + 2], y[i - 1 : i + 2], 2)
    if a <= 1e-9:
        return float(z[i])
    return float(np.clip(-b / (2 * a), z[i] - 0.6 * (z[i] - z[i - 1]), z[i] + 0.6 * (z[i + 1] - z[i])))


def fit_limited(*rounds: list[Copy]) -> bool:
    """Above the best rate training loss falls steeply while validation loss rises within the run."""
    for copies in rounds:
        best = min(copies, key=lambda copy: copy["val"])
        for copy in copies:
            if copy["z"] > best["z"] and copy["train"] is not None and best["train"]:
                ratio = max(copy["train"], 1e-6) / max(best["train"], 1e-6)
                if math.log(ratio) / (copy["z"] - best["z"]) < STEEP and copy["rise"] > RISE:
                    return True
    return False


def search(reference: Any, name: str, seed: int) -> list[dict[str, Any]]:
    """A ladder, three rates around its best, two other decays; half the batch where steps still pay."""
    runner = Copies(reference, name, seed)
    ladder = [runner.run(z, PRIOR, 0.5) for z in LADDER[runner.task.settings["optimizer"]]]
    centre = best_rate(ladder)
    zoom = [runner.run(z, PRIOR, 1) for z in (centre, centre - 0.35, centre + 0.3)]
    if min(zoom, key=lambda copy: copy["val"])["z"] == min(copy["z"] for copy in zoom):
        zoom.append(runner.run(centre - 0.7, PRIOR, 1))
    z, top = best_rate(zoom), min(zoom, key=lambda copy: copy["val"])
    totals = {PRIOR: top["val"]}
    for total in (10**-0.5, 10.0):
        if runner.spent + SHARE <= 1.03:
            totals[total] = runner.run(top["z"], total, 1)["val"]
    chosen = min(totals, key=totals.__getitem__)
    chosen = chosen if totals[chosen] < 0.98 * totals[PRIOR] else PRIOR
    size, steps = runner.size, max(1, runner.total // runner.size) * runner.epochs
    if fit_limited(ladder, zoom):
        z -= math.log10(steps / top["steps"])
    else:
        z += (0.4 if runner.sgd else 0.0) * math.log10(size / top["size"])
        size = max(1, size // 2)
        z += 0.4 * math.log10(size / runner.size)
    steps = max(1, runner.total // size) * runner.epochs
    config = runner.config(z, chosen, size, steps, runner.epochs)
    return [{"rival": "ten_copies", "config": config, "cost": runner.spent, "note": ""}]
