"""Recorded runs, fed to the watch point by point."""

import math
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from halves import half_of

from advisor.logs.evidence import evidence_of
from advisor.logs.readers import read
from advisor.logs.run import Column, Run
from advisor.rules.engine import judge_live, judge_log
from advisor.rules.selection import live_rules, log_rules
from advisor.watching.live_run import LiveRun
from advisor.watching.pace import GROWTH
from advisor.watching.verdicts import Verdicts


def replayed(run: Run) -> tuple[Verdicts, set[str], float]:
    """Feeds a recorded run point by point; returns the verdicts, the faults of the whole log, and its last position."""
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
    """Runs below a folder; of each TaskSet file at most ``most`` settings, evenly spaced."""
    for path in sorted(folder.rglob("*.npz")):
        curves = np.load(path)["valid"]
        for index in np.unique(np.linspace(0, len(curves) - 1, most).astype(int)):
            values = curves[index]
            column = Column("train_loss", tuple(map(float, range(1, values.size + 1))), tuple(values.tolist()))
            yield Run(f"{path.stem}/{index}", str(path), "taskset", "epoch", (column,))
    yield from read([folder]).runs


def curves(half: str, folder: Path, most: int) -> dict[str, Any]:
    """Replays every recorded run of a half."""
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
    """Whether the loss ends within 1 % of its start and never fell more than 3 % below it."""
    values = _loss(run)
    end = float(np.median(values[-max(1, values.size // 10) :]))
    return abs(end - values[0]) <= 0.01 * abs(values[0]) and values.min() >= 0.97 * values[0]


def _worse(run: Run) -> bool:
    """Whether the loss ends above its start."""
    values = _loss(run)
    return float(np.median(values[-max(1, values.size // 10) :])) > 1.01 * values[0] > 0.0
