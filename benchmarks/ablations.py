"""Ablations: diagnoses with one part of the method disabled, on tasks with known answers.

    python benchmarks/ablations.py --eval PATH [--tasks a,b] [--seeds 0] [--variants as_is,squeeze] [--out results.json]

Each variant replaces one function of the search in this process, runs the diagnosis as a user would, and trains the
advised configuration with the independent trainer of `benchmarks/advice.py`.
"""

import argparse
import json
import math
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from advice import TASKS, train

from advisor.app.diagnose import diagnose
from advisor.app.options import Options
from advisor.app.progress import Quiet
from advisor.evidence.limit import LimitReading
from advisor.search import copies, incumbent
from advisor.search.rounds.check import CheckRound
from advisor.search.rounds.weight_decay import DecayRound

Patches = dict[tuple[Any, str], Any]


def _nothing(*_: Any) -> list[Any]:
    return []


def _squeezed(evidence: Any, runner: Any, share: float, fraction: float) -> Any:
    size = evidence.current.batch_size
    return copies.CopyShape(1.0, share * fraction, size, runner.steps(share * fraction, size))


def _undecayed(hparams: Any, *_: Any) -> Any:
    return hparams.with_(weight_decay=0.0)


VARIANTS: dict[str, Callable[[], Patches]] = {
    "as_is": dict,
    "squeeze": lambda: {(copies, "_shape"): _squeezed},
    "no_decay_round": lambda: {(DecayRound, "specs"): _nothing},
    "no_decay": lambda: {(copies, "with_total_decay"): _undecayed, (incumbent, "with_total_decay"): _undecayed},
    "no_law": lambda: {(incumbent, "read_limit"): lambda _: LimitReading("stability")},
    "no_check": lambda: {(CheckRound, "specs"): _nothing},
    "batch_kept": lambda: {(incumbent, "SMALLEST_BATCH"): math.inf},
}
"""Runs on all data instead of copies; total decay fixed at its prior; no decay; rates carried unscaled; no comparison
with the current settings; the current batch size."""


@contextmanager
def taken_out(variant: str) -> Iterator[None]:
    """Disables one part of the method."""
    with ExitStack() as stack:
        for (owner, name), value in VARIANTS[variant]().items():
            stack.enter_context(patch.object(owner, name, value))
        yield


def main() -> None:
    """Prints one line per diagnosis and the geometric mean of the test ratio of each variant."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--eval", required=True, type=Path)
    parser.add_argument("--tasks", default=",".join(TASKS))
    parser.add_argument("--seeds", default="0")
    parser.add_argument("--train-seeds", default="0,1,2")
    parser.add_argument("--variants", default=",".join(VARIANTS))
    parser.add_argument("--budget", type=float, default=1.0)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    sys.path.insert(0, str(given.eval))
    import score

    rows = []
    for variant in given.variants.split(","):
        for name in given.tasks.split(","):
            for seed in map(int, given.seeds.split(",")):
                with tempfile.TemporaryDirectory() as scratch, taken_out(variant):
                    path = str(given.eval / "tasks" / f"{name}.py")
                    options = Options(
                        path=path, seed=seed, budget=given.budget, out=Path(scratch), run="run", workers=1
                    )
                    report = diagnose(options, Quiet()).report
                config, cost = report["recommended"], report["cost"]["full_runs"]
                losses = [train(str(given.eval), name, config, int(s)) for s in given.train_seeds.split(",")]
                val, test = (statistics.mean(loss[i] for loss in losses) for i in (0, 1))
                rows.append(
                    {"variant": variant, "seed": seed, "full_runs": round(cost, 3), **score.score(name, val, test)}
                )
                print(json.dumps(rows[-1]), flush=True)
        ratios = [row["test_ratio"] for row in rows if row["variant"] == variant]
        finite = [math.log(min(ratio, 10.0)) for ratio in ratios]
        print(f"{variant:<16} {math.exp(statistics.mean(finite)):.3f}  worst {max(ratios):.3f}", flush=True)
    if given.out:
        meta = {"date": time.strftime("%Y-%m-%d"), "python": platform.python_version(), "device": platform.machine()}
        given.out.write_text(json.dumps({**meta, "budget": given.budget, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
