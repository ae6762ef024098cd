"""Runs alternative tools from their own packages on the tasks that the advice is measured on.

    python benchmarks/rivals --eval PATH --rows rows.jsonl [--tasks a,b] [--seeds 0,1,2] [--rivals untuned,finders,...]

The evaluation folder is that of `benchmarks/advice.py`. Run it from an environment of its own (`requirements.txt`
beside this file). Every choice is trained at full length, first under its own seed, then under all of them. Each choice
and each training is appended to the rows at once, and one that is there already is not made again. `results.py` makes
the committed result of the rows, `figure.py` the figure.
"""

import argparse
import hashlib
import json
import sys
import time
from pathlib import Path
from typing import Any

import torch

TASKS = "housing_mlp,fashion_cnn,imdb_text,shakespeare_gpt,mnist_mlp,mnist1d_gru,sst2_text,adult_mlp,ett_forecast"
UNTUNED = "untuned"


class Rows:
    """Finished rows, in a file that only grows."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.all = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def add(self, row: dict[str, Any]) -> None:
        """Appends one row."""
        with self.path.open("a") as file:
            file.write(json.dumps(row) + "\n")
        self.all.append(row)


def config_id(config: dict[str, Any]) -> str:
    """Short name of a configuration's content."""
    return hashlib.sha1(json.dumps(config, sort_keys=True).encode()).hexdigest()[:12]


def choices(reference: Any, group: str, name: str, seed: int) -> list[dict[str, Any]]:
    """The rivals' choices of one group for one task and seed."""
    from tasks import full_run, untuned

    task = reference.load(name)[0]
    if group == UNTUNED:
        return [{"rival": rival, "config": config, "cost": 0.0} for rival, config in untuned(task).items()]
    if group == "ten_copies":
        from ten_copies import search as ten_copies

        return ten_copies(reference, name, seed)
    if group.startswith("optuna"):
        from search import PLANS, search

        return search(reference, name, seed, PLANS[group])
    from finders import find

    made = []
    for rival, (lr, examples, use) in find(group, task, seed).items():
        config = use(task, lr) if lr else untuned(task)["as_given"]
        note = "" if lr else "no suggestion: settings as given are kept"
        made.append({"rival": rival, "config": config, "cost": examples / full_run(task), "note": note})
    return made


def main() -> None:
    """Adds the missing rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--eval", required=True, type=Path)
    parser.add_argument("--rows", required=True, type=Path)
    parser.add_argument("--tasks", default=TASKS)
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--train-seeds", default="0,1,2")
    parser.add_argument(
        "--rivals", default="untuned,ten_copies,torch_lr_finder,lightning,fastai,optuna_short,optuna_full"
    )
    given = parser.parse_args()
    sys.path.insert(0, str(given.eval))
    import reference

    torch.set_num_threads(1)
    rows = Rows(given.rows)
    train_seeds = [int(seed) for seed in given.train_seeds.split(",") if seed]
    made: list[dict[str, Any]] = []
    for group in given.rivals.split(","):
        for seed in map(int, given.seeds.split(",")):
            for name in given.tasks.split(","):
                for choice in chosen(rows, reference, group, name, seed):
                    made.append(choice)
                    train(rows, reference, choice, seed)
    for choice in sorted(made, key=lambda row: given.tasks.split(",").index(row["task"])):
        for seed in train_seeds:
            train(rows, reference, choice, seed)


def chosen(rows: Rows, reference: Any, group: str, name: str, seed: int) -> list[dict[str, Any]]:
    """The choices of a group, from the rows if present."""
    known = [row for row in rows.all if row["kind"] == "choice"]
    found = [row for row in known if (row["group"], row["task"], row["seed"]) == (group, name, seed)]
    if found:
        return found
    started = time.perf_counter()
    made = choices(reference, group, name, seed)
    seconds = round(time.perf_counter() - started, 1)
    shared = {"kind": "choice", "group": group, "task": name, "seed": seed, "seconds": seconds}
    found = [{**shared, **choice, "config_id": config_id(choice["config"])} for choice in made]
    for row in found:
        rows.add(row)
    return found


def train(rows: Rows, reference: Any, choice: dict[str, Any], seed: int) -> None:
    """Trains a choice at full length under a seed, unless its row exists."""
    import loop

    run = {"kind": "run", "task": choice["task"], "seed": seed, "config_id": choice["config_id"]}
    if not any(run.items() <= row.items() for row in rows.all):
        result = loop.train(reference, choice["task"], choice["config"], seed)
        rows.add({**run, **result})
        print(choice["task"], choice["rival"], choice["seed"], seed, result["val_loss"], flush=True)


if __name__ == "__main__":
    main()
