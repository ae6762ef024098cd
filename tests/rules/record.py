"""Makes every recording again, by real training: ``python tests/rules/record.py [name ...]``.

Each task beside this file is trained by the same engine, rounds and rules as in a diagnosis, with a budget of its
own; the final evidence is thinned and written to ``recordings/<name>.json.gz``.
"""

import gzip
import json
import math
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from advisor.app.conclude import concluded
from advisor.app.investigate import investigate
from advisor.app.options import Options
from advisor.app.session import Session
from advisor.evidence.evidence import Evidence
from advisor.evidence.io import to_json
from advisor.records.trace import Trace
from advisor.rules.registry import RULES
from advisor.workers.local import local_pool
from advisor.workers.messages import PreflightRequest, ProfileRequest, ThroughputRequest

HERE = Path(__file__).parent
RECORDINGS = HERE / "recordings"
MOST_POINTS = 40
MOST_NORMS = 15
DIGITS = 5
BUDGET = 2.5
BUDGETS = {
    "overfitting": 5.0, "unstable": 1.5, "shuffled_labels": 4.0, "inputs_lost": 4.0, "dead_units": 4.0,
    "deep_sigmoid": 4.0, "squashed_output": 4.0,
}  # fmt: skip
"""Budgets of those that are meant to end before everything is known, or to pay for more than the others need."""
SHORT_OF_BUDGET = {
    "no_mask": ("no_mask", ("nothing",)),
    "several_faults": ("several_faults", ("nothing",)),
    "unregistered": ("unregistered", ("nothing",)),
    "half_and_one_sided": ("half_and_one_sided", ("nothing",)),
    "class_numbers": ("class_numbers", ("nothing",)),
    "classes_renamed": ("classes_renamed", ("range", "ladder", "confirm")),
    "padded": ("padded", ("nothing",)),
    "likelihood": ("likelihood", ("range", "ladder", "confirm")),
    "endless_loss": ("endless_loss", ("range", "ladder", "confirm")),
    "short_frames": ("short_frames", ("nothing",)),
    "windows_at_random": ("windows_at_random", ("nothing",)),
    "square_of_differences": ("square_of_differences", ("range", "ladder", "confirm")),
    "rare_class": ("rare_class", ("range", "ladder", "confirm")),
    "copies_mlp": ("healthy_mlp", ()),
    "early": ("healthy_mlp", ("range",)),
    "wide_open": ("wine", ("range",)),
    "edge": ("tokens", ("range", "ladder")),
    "ladder_only": ("rate_too_low", ("range", "ladder")),
    "lottery": ("lottery", ("range", "range_wider", "ladder", "ladder_wider", "noise")),
    "easy_flat": ("easy_metric", ("range", "ladder", "noise")),
    "breaks_early": ("breaks_early", ("range", "ladder", "noise", "confirm")),
    "breaks_late": ("breaks_late", ("range", "ladder", "noise", "confirm")),
    "normalised": ("normalised", ("range", "ladder", "noise")),
    "accumulated": ("accumulated", ("range",)),
    "conv_large_batch": ("conv_large_batch", ("range",)),
    "huge_batch": ("huge_batch", ("range", "ladder", "noise")),
    "equal_units": ("equal_units", ("range",)),
    "restless": ("restless", ("range", "ladder", "noise", "confirm")),
    "l2_inside_adam": ("l2_inside_adam", ("range", "ladder", "confirm", "decay")),
    "no_decay": ("healthy_mlp", ("range", "ladder", "noise", "batch")),
}
"""Recordings that end after these rounds: the state in which rules still want something."""


def record(task: str, only: tuple[str, ...] = ()) -> Evidence:
    """Runs preflight and then every requested round that the budget allows for, or only those named."""
    path, budget = str(HERE / "tasks" / f"{task}.py"), BUDGETS.get(task, BUDGET)
    with tempfile.TemporaryDirectory() as folder:
        options = Options(path, device="cpu", budget=budget, out=Path(folder), run="r")
        with Session(options, engine=local_pool(workers=1, threads=1)) as session:
            session.load()
            runner, engine = session.begin(), session.engine
            batch = engine.ask(ThroughputRequest(runner.full_run_examples))
            evidence = session.evidence(
                objective=session.objective,
                profile=replace(engine.ask(ProfileRequest()), batch=batch),
                preflight=engine.ask(PreflightRequest(runner.full_run_examples // 10)),
            )
            return concluded(investigate(evidence, runner, RULES, only))


def thinned(evidence: Evidence) -> Evidence:
    """The same with fewer points in each trace, which no rule needs all of."""
    return evidence.with_(arms=tuple(replace(arm, trace=_thin(arm.trace)) for arm in evidence.arms))


def _thin(trace: Trace) -> Trace:
    every = max(1, math.ceil(len(trace.step) / MOST_POINTS))
    keep = [i for i in range(len(trace.step)) if i < 5 or i % every == 0 or i >= len(trace.step) - 5]
    columns = {name: tuple(getattr(trace, name)[i] for i in keep) for name in ("step", "train_loss", "lr", "momentum")}
    sparse = max(1, math.ceil(len(trace.norm_step) / MOST_NORMS))
    norms = {name: getattr(trace, name)[::sparse] for name in ("norm_step", "grad_norm", "weight_norm")}
    return replace(trace, **columns, **norms)


def rounded(value: Any) -> Any:
    """Floats with a few significant digits."""
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    return [rounded(item) for item in value] if isinstance(value, list) else value


def write(name: str, evidence: Evidence) -> None:
    """Writes one recording; equal evidence gives equal bytes."""
    text = json.dumps(rounded(to_json(thinned(evidence))), allow_nan=False, separators=(",", ":"))
    RECORDINGS.mkdir(exist_ok=True)
    (RECORDINGS / f"{name}.json.gz").write_bytes(gzip.compress(text.encode(), mtime=0))


def main() -> None:
    """Makes those named on the command line, or all."""
    tasks = sorted(path.stem for path in (HERE / "tasks").glob("*.py") if path.stem != "digits")
    plan: dict[str, tuple[str, tuple[str, ...]]] = {name: (name, ()) for name in tasks} | SHORT_OF_BUDGET
    for name in sys.argv[1:] or plan:
        task, only = plan[name]
        evidence = record(task, only)
        write(name, evidence)
        rounds = " ".join(item.name for item in evidence.rounds)
        print(f"{name}: {len(evidence.arms)} probes; {rounds}", flush=True)


if __name__ == "__main__":
    main()
