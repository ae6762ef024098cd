"""What users would pick instead: the rivals' own packages, on the tasks that our advice is measured on.

    python benchmarks/rivals --eval PATH --rows rows.jsonl [--tasks a,b] [--seeds 0,1,2] [--rivals untuned,finders,...]

The evaluation folder is that of `benchmarks/advice.py`. Run it from an environment of its own (`requirements.txt`
beside this file). Every choice and every training is appended to the rows at once, and one that is there already is
not made again; `table.py` makes the committed result of them, `figure.py` the figure.
"""

import argparse
import hashlib
import json
import sys
import time
from pathlib import Path
from typing import Any

import torch

TASKS = "housing_mlp,fashion_cnn,imdb_text,shakespeare_gpt"
UNTUNED = "untuned"


class Rows:
    """Finished rows, in a file that only grows."""

    def __init__(self, path: Path) -> None:
        self.path = path
        lines = path.read_text().splitlines() if path.exists() else []
        self.done = {self.key(row) for row in map(json.loads, lines)}

    @staticmethod
    def key(row: dict[str, Any]) -> tuple[Any, ...]:
        """What makes a row the same one."""
        return tuple(row.get(name) for name in ("kind", "task", "rival", "seed", "config_id"))

    def add(self, row: dict[str, Any]) -> None:
        """Appends one row."""
        with self.path.open("a") as file:
            file.write(json.dumps(row) + "\n")
        self.done.add(self.key(row))

    def has(self, **row: Any) -> bool:
        """Whether such a row is there."""
        return self.key(row) in self.done


def config_id(config: dict[str, Any]) -> str:
    """Short name of a configuration's content."""
    return hashlib.sha1(json.dumps(config, sort_keys=True).encode()).hexdigest()[:12]


def choices(reference: Any, group: str, name: str, seed: int) -> list[dict[str, Any]]:
    """The rivals' choices of one group for one task and seed."""
    from tasks import full_run, untuned

    task = reference.load(name)[0]
    if group == UNTUNED:
        return [{"rival": rival, "config": config, "cost": 0.0} for rival, config in untuned(task).items()]
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
    """Adds what is missing to the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--eval", required=True, type=Path)
    parser.add_argument("--rows", required=True, type=Path)
    parser.add_argument("--tasks", default=TASKS)
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--train-seeds", default="0,1,2")
    parser.add_argument("--rivals", default="untuned,torch_lr_finder,lightning,fastai,optuna_short,optuna_full")
    given = parser.parse_args()
    sys.path.insert(0, str(given.eval))
    import loop
    import reference

    torch.set_num_threads(1)
    rows = Rows(given.rows)
    for group in given.rivals.split(","):
        for seed in map(int, given.seeds.split(",")):
            for name in given.tasks.split(","):
                if rows.has(kind="group", task=name, rival=group, seed=seed):
                    continue
                started = time.perf_counter()
                made = choices(reference, group, name, seed)
                seconds = round(time.perf_counter() - started, 1)
                for choice in made:
                    choice["config_id"] = config_id(choice["config"])
                    for again in map(int, given.train_seeds.split(",")):
                        run = {"kind": "run", "task": name, "seed": again, "config_id": choice["config_id"]}
                        if not rows.has(**run):
                            rows.add({**run, **loop.train(reference, name, choice["config"], again)})
                    rows.add({"kind": "choice", "task": name, "seed": seed, **choice})
                    print(name, group, seed, choice["rival"], choice["config"]["optimizer"], flush=True)
                rows.add({"kind": "group", "task": name, "rival": group, "seed": seed, "seconds": seconds})


if __name__ == "__main__":
    main()
