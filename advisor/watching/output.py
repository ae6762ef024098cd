"""Output of a watched run: watch.json and TensorBoard logs."""

import math
from pathlib import Path

from advisor.logs.evidence import Curve, RunEvidence
from advisor.report import tb_protos as protos
from advisor.schema.base import checked, plain
from advisor.schema.files import WATCH
from advisor.schema.reading import CurveEnds
from advisor.schema.watching import GradientState, Standing, State, WatchReport
from advisor.utils.jsonio import dumps, write_atomic
from advisor.watching.live_run import LiveRun
from advisor.watching.pace import Pace
from advisor.watching.verdicts import Event, Verdicts
from advisor.watching.words import lines_of, told

_SUFFIX = ".advisor"


def report_of(
    run: LiveRun,
    evidence: RunEvidence,
    verdicts: Verdicts,
    pace: Pace,
    state: State,
    judged: int,
    hint: str,
    notes: tuple[str, ...],
) -> WatchReport:
    """The content of watch.json."""
    curves = {"train_loss": evidence.train, "val_loss": evidence.val, "metric": evidence.metric}
    look = run.looks[-1] if run.looks else None
    made = WatchReport(
        name=run.name,
        state=state,
        step=run.step,
        total_steps=run.total_steps,
        seconds=pace.seconds,
        overhead=pace.overhead,
        judged=judged,
        settings=dict(run.settings),
        curves={role: _ends(curve) for role, curve in curves.items() if curve is not None},
        gradients=GradientState(step=look.step, norm=look.norm, zero=look.zero, moved=look.moved) if look else None,
        wait_share=run.wait[0],
        verdicts=tuple(
            Standing(
                state="taken_back" if item.state == "taken_back" else "holds",
                said_at=item.said_at,
                taken_back_at=item.taken_back_at,
                finding=told(item.finding, run.step, state == "finished"),
            )
            for item in verdicts.standings
        ),
        hint=hint,
        notes=notes,
    )
    return checked(WatchReport, made)


def _ends(curve: Curve) -> CurveEnds:
    at, best = curve.best
    return CurveEnds(column=curve.name, points=len(curve.raw), best=best, best_at=at, final=curve.final)


class Files:
    """Writes watch.json and event files.

    Args:
        folder: Output folder; created if absent.
        tensorboard: Whether to write event files as well.
        start: Wall-clock time of the start, seconds since the epoch.
    """

    def __init__(self, folder: Path, tensorboard: bool, start: float) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._log = protos.Log(folder / "tensorboard", _SUFFIX, start) if tensorboard else None

    def write(self, report: WatchReport) -> None:
        """Replaces watch.json."""
        write_atomic(self.folder / WATCH, dumps(plain(report), indent=1))

    def scalars(self, run: LiveRun, seconds: float) -> None:
        """Adds the latest values to the event file."""
        if self._log is None:
            return
        values = {
            "loss/train": run.train.last,
            "loss/val": run.val.last,
            "metric/val": run.metric.last,
            "schedule/lr": run.rate.last,
            "watch/wait_share": run.wait[0],
            "watch/gradient_norm": run.looks[-1].norm if run.looks else math.nan,
            "watch/moved": run.looks[-1].moved if run.looks else math.nan,
        }
        known = {tag: value for tag, value in values.items() if math.isfinite(value) or tag == "loss/train"}
        self._log.add(run.step, protos.scalars(known), seconds)
        self._log.flush()

    def said(self, events: list[Event], total: int | None, ended: bool, seconds: float) -> None:
        """Adds findings to the Text tab."""
        if self._log is None:
            return
        for event in events:
            words = "\n\n".join(line.strip() for line in lines_of(event, total, ended))
            self._log.add(event.step, protos.markdown("watch/verdicts", words), seconds)
        self._log.flush()

    def close(self) -> None:
        """Closes the event file."""
        if self._log is not None:
            self._log.__exit__(None, None, None)
