"""Judges a live run, reports changes and writes them to files."""

import math
import time
from collections.abc import Callable
from pathlib import Path

from advisor.rules.base import Rule
from advisor.rules.engine import judge_live
from advisor.schema.finding import Finding
from advisor.schema.watching import State, WatchReport
from advisor.watching.live_run import LiveRun
from advisor.watching.output import Files, report_of
from advisor.watching.pace import Pace
from advisor.watching.verdicts import Event, Verdicts
from advisor.watching.words import hint, lines_of, told

Say = Callable[[str], None]
_SURE = ("high", "medium")


class Judging:
    """Judges a run in progress: prints lines, writes files, and holds the fault that may stop it.

    Args:
        run: The run.
        rules: Rules to apply.
        say: Prints one line.

    Attributes:
        verdicts: Reported and withdrawn findings.
        report: The content of watch.json after the last judgement; None before the first.
        fault: The first reported fault of at least medium confidence; None if there is none.
        notes: What could not be watched.
    """

    def __init__(self, run: LiveRun, rules: list[Rule], say: Say) -> None:
        self.run, self._rules, self._say = run, rules, say
        self.verdicts = Verdicts()
        self.report: WatchReport | None = None
        self.fault: Finding | None = None
        self.notes: tuple[str, ...] = ()
        self._judged = 0
        self._files: Files | None = None

    @property
    def hint(self) -> str:
        """Which checkpoint to keep; empty if unknown."""
        broken = self.fault is not None and self.run.train.not_finite_at_end()
        return hint(self.run.best, self.run.train.last_finite() if broken else math.nan)

    def open(self, folder: Path, tensorboard: bool) -> None:
        """Creates the folder and the event file."""
        self._files = Files(folder, tensorboard, time.time())

    def close(self) -> None:
        """Closes the files."""
        if self._files is not None:
            self._files.close()
            self._files = None

    def judge(self, pace: Pace, state: State) -> None:
        """Judges the run; for the last time if it has finished."""
        run, ended = self.run, state == "finished"
        evidence = run.evidence()
        events = self.verdicts.update(judge_live(evidence, run.vitals(), self._rules, ended), run.step, ended)
        self._judged += 1
        self._speak(events, ended)
        self.report = report_of(run, evidence, self.verdicts, pace, state, self._judged, self.hint, self.notes)
        if self._files is not None:
            self._files.scalars(run, pace.seconds)
            self._files.said(events, run.total_steps, ended, pace.seconds)
            self._files.write(self.report)

    def _speak(self, events: list[Event], ended: bool) -> None:
        for event in events:
            for line in lines_of(event, self.run.total_steps, ended):
                self._say(line)
            finding = event.finding
            if event.kind == "said" and finding.severity == "fault" and finding.confidence in _SURE:
                self.fault = self.fault or told(finding, event.step, ended)
