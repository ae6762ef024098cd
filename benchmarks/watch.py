"""What `advisor.watch` says of runs as they go, when, and what it costs.

Usage: python benchmarks/watch.py --half development|held-out [--curves FOLDER] [--overhead] [--out FILE]

Trainings: the sound tasks of `benchmarks/mutations` and `benchmarks/faults_real`, each as it is and with one fault put
into it, drawn by the hash of its name. A fault counts only where it really spoils the run: where the validation loss
ends nearer to its first value than to where the sound run ends. Called means that a verdict of severity fault was said
before the end (for a rate far too low also LR002). The halves are fixed by the hash of the task's name.

Programs: those of `benchmarks/faults_real`, faulty and repaired. Most of their faults leave curves like any other, so
this says what a watch can see at all, and whether it blames a sound twin.

Curves: every recorded run below the folder is fed point by point. Broken are those of whose whole log the rules say so,
and those that end above their start. Those that never leave their start, by a hundredth of it, are counted apart: that
they learn nothing can be warned of early (FT013), and be called a fault only when they had time to begin.

Overhead: the same steps of about 20 ms with and without the watch, in turns, as a ratio within one process; and the
time that the watch itself counted.
"""

import argparse
import hashlib
import json
import math
import os
import platform
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from torch import nn

from advisor.logs.evidence import evidence_of
from advisor.logs.readers import read
from advisor.logs.run import Column, Run
from advisor.records.spec import ProbeSpec
from advisor.records.task import TaskSource
from advisor.rules.engine import judge_live, judge_log
from advisor.rules.selection import live_rules, log_rules
from advisor.schema.watching import WatchReport
from advisor.task.inspection import inspect_task
from advisor.task.load import load_task
from advisor.training.evaluation import evaluate
from advisor.training.trainer import Training
from advisor.watching.live_run import LiveRun
from advisor.watching.pace import GROWTH
from advisor.watching.verdicts import Verdicts
from advisor.watching.watch import watch

HERE = Path(__file__).parent
KINDS = (
    "rate far too high", "rate far too low", "not a number", "weights at zero", "optimizer holds another model",
    "layers left out", "ascent", "rate jumps",
)  # fmt: skip
LATE = 0.1
"""Share of the run after which inputs become NaN, and the rate jumps."""
HELD_OUT = ("held-out", "development")


def half_of(name: str) -> str:
    """Which half a task or a log belongs to, by the hash of its name."""
    return ("development", "held-out")[int(hashlib.sha256(name.encode()).hexdigest(), 16) % 2]


def tasks(half: str) -> list[Path]:
    """Files of sound trainings."""
    found = [*(HERE / "mutations" / "healthy").glob("*.py"), *(HERE / "faults_real" / "healthy").glob("*.py")]
    return sorted((path for path in found if half_of(path.stem) == half), key=lambda path: path.stem)


def kind_of(name: str) -> str:
    """The fault that is put into a task: kinds in turn, begun at a place that the hash of all names fixes."""
    names = sorted(path.stem for half in HELD_OUT for path in tasks(half))
    return KINDS[names.index(name) % len(KINDS)]


def train(path: Path, kind: str, folder: Path) -> dict[str, Any]:
    """One whole training that is watched, with a fault or without."""
    sys.path.insert(0, str(HERE / "faults_real" / "programs"))
    task = load_task(TaskSource(path=str(path)))
    inspect_task(task)
    config = task.current.config
    batch = min(config.batch_size, task.train.size)
    per_epoch = max(1, task.train.size // batch)
    steps = per_epoch * config.epochs
    factor = {"rate far too high": 300.0, "rate far too low": 1 / 3000}.get(kind, 1.0)
    optimizer = {
        **config.optimizer,
        "lr": config.optimizer["lr"] * factor,
        **({"maximize": True} if kind == "ascent" else {}),
    }
    schedule = config.schedule
    if schedule is not None and "max_lr" in schedule:
        schedule = {**schedule, "max_lr": schedule["max_lr"] * factor}
    spec = ProbeSpec(
        kind="cycle", optimizer=optimizer, schedule=schedule, batch_size=batch, steps=steps, seed=0,
        eval_steps=(steps,), eval_examples=task.val.size, clip_grad_norm=config.clip_grad_norm, amp=config.amp,
    )  # fmt: skip
    training = Training(task, spec)
    model, late = training.model, int(LATE * steps)
    if kind == "weights at zero":
        for parameter in model.parameters():
            nn.init.zeros_(parameter)
    if kind == "optimizer holds another model":
        other = task.fresh_model(1, spec.model_kwargs)
        _hold(training, task.param_groups(other))
    if kind == "layers left out":
        kept = {id(p) for p in list(model.parameters())[-2:]}
        training.optimizer.param_groups[0]["params"] = [
            p for p in training.optimizer.param_groups[0]["params"] if id(p) in kept
        ]
    looks: list[float] = []
    watched = watch(model, training.optimizer, total_steps=steps, name=f"{path.stem}, {kind or 'sound'}", out=folder,
                    overhead=1.0, tensorboard=False, say=lambda line: None)  # fmt: skip
    with warnings.catch_warnings(), watched:
        warnings.simplefilter("ignore")
        for step in range(1, steps + 1):
            if kind == "rate jumps" and step == late:
                for group in training.optimizer.param_groups:
                    group["lr"] *= 3000.0
                    group["initial_lr"] = group.get("initial_lr", group["lr"]) * 3000.0
                training.scheduler = None
            if kind == "not a number" and step == late:
                with torch.no_grad():
                    next(model.parameters()).view(-1)[0] = math.nan
            watched.step(training.step(step))
            if step % per_epoch == 0:
                result = evaluate(task, model, task.val, task.val.size, batch)
                looks.append(result.loss)
                watched.validation(result.loss, result.metric)
    turns = [item.turns for item in watched._judging.verdicts.standings]
    return {"looks": looks, "report": watched.report, "steps": steps, "turns": turns}


def _hold(training: Training, groups: Any) -> None:
    """Exchanges what the optimizer holds for the parameters of another model."""
    other = [p for group in (groups if isinstance(groups[0], dict) else [{"params": groups}]) for p in group["params"]]
    for group in training.optimizer.param_groups:
        group["params"] = other[: len(group["params"])]


def spoilt(sound: list[float], broken: list[float]) -> bool:
    """Whether a fault really spoils the run: it ends nearer to the first loss than to the sound end."""
    first, best, end = sound[0], min(sound), broken[-1]
    start = max(first, broken[0]) if math.isfinite(broken[0]) else first
    return not math.isfinite(end) or end > 0.5 * (start + best)


def row(name: str, kind: str, made: dict[str, Any], sound: list[float] | None) -> dict[str, Any]:
    """One training in the table."""
    report: WatchReport = made["report"]
    said = [item for item in report.verdicts if item.said_at < made["steps"]]
    wanted = {"LR002", "FT013"} if kind == "rate far too low" else set()
    right = [item for item in said if item.finding.severity == "fault" or item.finding.code in wanted]
    return {
        "task": name, "fault": kind, "steps": made["steps"],
        "first": made["looks"][0], "last": made["looks"][-1],
        "spoilt": sound is not None and spoilt(sound, made["looks"]),
        "verdicts": len(made["turns"]), "said_again": sum(turns > 2 for turns in made["turns"]),
        "called_at": min((item.said_at for item in right), default=0) / made["steps"],
        "said": [f"{item.finding.code} {item.finding.severity} {item.finding.confidence} at {item.said_at}"
                 + (f", back at {item.taken_back_at}" if item.taken_back_at else "") for item in report.verdicts],
    }  # fmt: skip


def trainings(half: str) -> dict[str, Any]:
    """Every task of a half, sound and with its fault."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for path in tasks(half):
            sound = train(path, "", Path(folder))
            broken = train(path, kind_of(path.stem), Path(folder))
            for kind, made, other in (("", sound, None), (kind_of(path.stem), broken, sound["looks"])):
                rows.append(row(path.stem, kind, made, other))
                print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
    counted = [item for item in rows if item["spoilt"]]
    called = [item for item in counted if item["called_at"]]
    healthy = [item for item in rows if not item["fault"]]
    faults = [item for item in healthy if any(" fault " in said for said in item["said"])]
    slow = [item for item in healthy if any(said.startswith("LR002") for said in item["said"])]
    return {
        "broken": len(counted), "not spoilt by their fault": len(rows) - len(healthy) - len(counted),
        "recall": len(called) / max(1, len(counted)),
        "median_called_at": median([item["called_at"] for item in called]) if called else None,
        "sound": len(healthy), "false faults": [item["task"] for item in faults],
        "sound called too slow": [item["task"] for item in slow],
        "verdicts": sum(item["verdicts"] for item in rows),
        "said again after they were taken back": sum(item["said_again"] for item in rows),
        "missed": [f"{item['task']}: {item['fault']}" for item in counted if not item["called_at"]],
        "rows": rows,
    }  # fmt: skip


def programs(half: str) -> dict[str, Any]:
    """The programs of `benchmarks/faults_real`: which faults show while they train, and what is said of their twins."""
    sys.path.insert(0, str(HERE / "faults_real"))
    from cases import all_cases

    called: dict[str, list[str]] = {"called": [], "not seen": []}
    blamed, failed, sound = [], [], 0
    with tempfile.TemporaryDirectory() as folder:
        for case in all_cases():
            if case.half != half or case.script or case.kind == "healthy":
                continue
            path = Path(folder) / f"{case.name}_{case.kind}.py"
            path.write_text(case.text, encoding="utf-8")
            try:
                made = train(path, "", Path(folder))
            except Exception as error:
                failed.append(f"{case.name}, {case.kind}: {type(error).__name__}: {str(error)[:80]}")
                continue
            said = [item for item in made["report"].verdicts if item.said_at < made["steps"]]
            faults = [f"{x.finding.code} at {x.said_at / made['steps']:.0%}" for x in said
                      if x.finding.severity == "fault" or x.finding.code in ("LR002", "FT013")]  # fmt: skip
            words = f"{case.name} ({case.cause}): {', '.join(faults)}"
            print(case.kind, words, file=sys.stderr, flush=True)
            if case.kind == "fault":
                called["called" if faults else "not seen"].append(words)
            else:
                sound += 1
                blamed += [words] if any(x.finding.severity == "fault" for x in said) else []
    return {**called, "twins": sound, "twins with a fault said": blamed, "not trained": failed}


def replayed(run: Run) -> tuple[Verdicts, set[str], float]:
    """A recorded run fed point by point; the verdicts, the faults that the whole log has, and its last position."""
    whole = evidence_of(run)
    truth = {item.code for item in judge_log(whole, log_rules()) if item.judgement.verdict == "detected"}
    end = max(item.x[-1] for item in run.columns if item.x)
    live, verdicts, rules = LiveRun(run.name, "accuracy", True, max(1, round(end))), Verdicts(), live_rules()
    live.scheduled = whole.schedule.varies
    live.first_loss = min(whole.train.raw[:3]) if whole.train else math.nan
    longest = max(run.columns, key=lambda item: len(item.x))
    judged = 0.0
    for place in longest.x:
        if place < GROWTH * judged and place < end:
            continue
        judged = place
        seen = _until(run, place)
        if not any(len(item.x) >= 2 for item in seen.columns):
            continue
        live.step = max(1, round(place))
        verdicts.update(judge_live(evidence_of(seen), live.vitals(), rules, place >= end), live.step, place >= end)
    return verdicts, truth, end


def _until(run: Run, place: float) -> Run:
    columns = []
    for item in run.columns:
        count = int(np.searchsorted(item.x, place, side="right"))
        if count:
            columns.append(Column(item.name, item.x[:count], item.y[:count], item.wall[:count], item.group))
    return Run(run.name, run.source, run.kind, run.axis, tuple(columns), run.settings, run.epochs, (), run.paradigm)


def recorded(folder: Path, most: int) -> Iterator[Run]:
    """Runs below a folder; of a TaskSet file so many settings, taken evenly."""
    for path in sorted(folder.rglob("*.npz")):
        curves = np.load(path)["valid"]
        for index in np.unique(np.linspace(0, len(curves) - 1, most).astype(int)):
            values = curves[index]
            column = Column("train_loss", tuple(map(float, range(1, values.size + 1))), tuple(values.tolist()))
            yield Run(f"{path.stem}/{index}", str(path), "taskset", "epoch", (column,))
    yield from read([folder]).runs


def curves(half: str, folder: Path, most: int) -> dict[str, Any]:
    """Every recorded run of a half."""
    said = faults_right = faults_false = faults_missed = twice = held = 0
    places, places_stood, false, missed, runs, stood = [], [], [], [], 0, 0
    for run in recorded(folder, most):
        if half_of(run.name) != half or evidence_of(run).main is None:
            continue
        runs += 1
        verdicts, truth, end = replayed(run)
        before = [item for item in verdicts.standings if item.said_at < end]
        said += len(verdicts.standings)
        twice += sum(item.turns > 2 for item in verdicts.standings)
        held += sum(item.state == "said" for item in before)
        called = {item.finding.code: item for item in before if item.finding.severity == "fault"}
        level = _level(run)
        if level:
            stood += 1
            warned = [item for item in before if item.finding.code in ("FT013", *called)]
            places_stood += [min(item.said_at for item in warned) / end] if warned else []
        elif truth & {"FT005", "LR001", "FT008"} or _worse(run):
            places += [min(item.said_at for item in called.values()) / end] if called else []
            faults_right, faults_missed = faults_right + bool(called), faults_missed + (not called)
            missed += [] if called else [run.name]
        elif called:
            faults_false += 1
            false.append(
                f"{run.name}: "
                + ", ".join(
                    f"{code} at {item.said_at / end:.0%}"
                    + (f", back at {item.taken_back_at / end:.0%}" if item.taken_back_at else "")
                    for code, item in called.items()
                )
            )
    return {
        "runs": runs, "broken": faults_right + faults_missed, "called before the end": faults_right,
        "median_called_at": median(places) if places else None,
        "never left their start": stood, "of these called or warned of": len(places_stood),
        "median_warned_at": median(places_stood) if places_stood else None,
        "sound with a fault said": faults_false, "which": false, "missed": missed,
        "verdicts": said, "said again after they were taken back": twice,
    }  # fmt: skip


def _loss(run: Run) -> np.ndarray:
    curve = evidence_of(run).train or evidence_of(run).val
    return np.asarray(curve.raw if curve is not None else (math.nan,))


def _level(run: Run) -> bool:
    """Whether the loss ends within a hundredth of where it began, and was never lower by more than that."""
    values = _loss(run)
    end = float(np.median(values[-max(1, values.size // 10) :]))
    return abs(end - values[0]) <= 0.01 * abs(values[0]) and values.min() >= 0.97 * values[0]


def _worse(run: Run) -> bool:
    """Whether the loss ends above its start."""
    values = _loss(run)
    return float(np.median(values[-max(1, values.size // 10) :])) > 1.01 * values[0] > 0.0


def overhead(seconds: float) -> dict[str, Any]:
    """Time of watched steps over that of the same steps unwatched, in turns of 20 steps within one run.

    Processor time of this process, which others on the machine do not change; the clock stands beside it.
    """
    torch.manual_seed(0)
    model = nn.Sequential(*[layer for _ in range(6) for layer in (nn.Linear(512, 512), nn.ReLU())], nn.Linear(512, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
    x, y = torch.randn(128, 512), torch.randint(10, (128,))
    used: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    with tempfile.TemporaryDirectory() as folder:
        watched = watch(model, optimizer, total_steps=100_000, out=folder, say=lambda line: None)
        with watched:
            begin = time.perf_counter()
            while time.perf_counter() - begin < seconds:
                for watching in (True, False):
                    watched._alive = watching
                    wall, processor = time.perf_counter(), time.process_time()
                    for _ in range(20):
                        optimizer.zero_grad()
                        loss = nn.functional.cross_entropy(model(x), y)
                        loss.backward()
                        optimizer.step()
                        watched.step(loss)
                    took = time.perf_counter() - wall
                    used[watching].append((took, time.process_time() - processor))
                    watched._pace.began += 0.0 if watching else took
            watched._alive = True
            spent, whole = watched._pace.spent, watched._pace.seconds
        report = watched.report
    assert report is not None
    on, off = (np.array(used[watching][1:]) / 20 for watching in (True, False))
    return {
        "step_ms": 1e3 * float(np.median(off[:, 1])), "step_ms_by_the_clock": 1e3 * float(np.median(off[:, 0])),
        "ratio": float(on[:, 1].sum() / off[:, 1].sum()), "ratio_by_the_clock": float(on[:, 0].sum() / off[:, 0].sum()),
        "ratio_error": float(np.std(on[:, 1] / off[:, 1], ddof=1) / math.sqrt(len(on))),
        "ratio_of_medians": float(np.median(on[:, 1]) / np.median(off[:, 1])),
        "own_account": spent / whole, "steps": 20 * len(on), "judged": report.judged,
    }  # fmt: skip


def main() -> None:
    """Prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--half", choices=["development", "held-out"], default="development")
    parser.add_argument("--trainings", action="store_true")
    parser.add_argument("--programs", action="store_true")
    parser.add_argument("--curves", type=Path)
    parser.add_argument("--most", type=int, default=40, help="settings of each TaskSet file")
    parser.add_argument("--overhead", type=float, default=0.0, metavar="SECONDS")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(1)
    result: dict[str, Any] = {
        "date": date.today().isoformat(), "device": f"{platform.machine()}, {os.cpu_count()} cores, CPU",
        "torch": torch.__version__, "half": given.half,
    }  # fmt: skip
    if given.trainings:
        result["trainings"] = trainings(given.half)
    if given.programs:
        result["programs"] = programs(given.half)
    if given.curves:
        result["curves"] = curves(given.half, given.curves, given.most)
    if given.overhead:
        result["overhead"] = overhead(given.overhead)
    text = json.dumps(result, indent=1) + "\n"
    if given.out:
        given.out.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
