"""Progress display while probes run: plain lines on stderr, or one live line on a terminal."""

import html
import math
import os
import sys
import textwrap
import time
from collections.abc import Callable, Sequence
from typing import Any, TextIO

from advisor.app.reminder import Reminder
from advisor.evidence.evidence import Evidence
from advisor.records.spec import ProbeSpec
from advisor.records.trace import Trace
from advisor.report.formatting import clean
from advisor.report.summary import fit
from advisor.schema.planning import PlanRound
from advisor.search.observer import Observer
from advisor.search.rounds import SearchRound
from advisor.search.runner import ProbeRunner
from advisor.workers.messages import LoadedTask

_REDRAW_SECONDS = 0.1
_NOTEBOOK_LINES = 12


class Plain(Observer):
    """One line per event, without control characters."""

    def __init__(self, out: TextIO | None = None) -> None:
        self.out = out or sys.stderr
        self.batch_size, self.metric = 1, "metric"
        self._reminder = Reminder(self.say)

    def say(self, text: str) -> None:
        """Writes a line without terminal control sequences."""
        self.out.write(clean(text).replace("\n", " ") + "\n")
        self.out.flush()

    def row(self, head: str, text: str) -> None:
        """Writes a table row: a head of fixed width, then text."""
        self.say(head + text)

    def _remind(self, text: str) -> None:
        """Text to repeat if the next line takes long."""
        self._reminder.start(text, short=False)

    def waiting(self, what: str) -> None:
        """Shows what is being waited for, if it takes long."""
        self._reminder.start(what)

    def loaded(self, task: LoadedTask) -> None:
        """Shows task, sizes and what was inferred."""
        self._reminder.stop()
        facts, current = task.facts, task.current
        self.batch_size = current.batch_size
        self.metric = facts.metric.name if facts.metric else ""
        self.say(
            f"{facts.name}: {facts.train_size} training and {facts.val_size} validation examples, "
            f"{current.epochs} epochs of batch {current.batch_size} with {current.optimizer['name']}, on {facts.device}"
        )
        for sentence in facts.inferred:
            self.say(f"  {sentence}")

    def noticed(self, what: str) -> None:
        """Shows a message about the run itself."""
        self.say(what)

    def planned(self, lines: Sequence[PlanRound], runner: ProbeRunner, step_seconds: float) -> None:
        """Shows the plan as a table."""
        self._reminder.stop()
        full = step_seconds * runner.steps(1.0, self.batch_size)
        self.say(f"plan: at most {runner.budget:g} full runs (one takes about {_duration(full)} here)")
        width = max((len(line.name) for line in lines), default=0)
        for line in lines:
            if line.probes:
                cost = f"{line.probes} x, {line.full_runs:.2f} full runs"
                self.row(
                    f"  {line.name:<{width}} {cost:<20} ",
                    line.purpose + ("" if line.fits else " (if budget is left)"),
                )

    def round_started(self, search_round: SearchRound, runner: ProbeRunner) -> None:
        """Shows the question of a round."""
        self._remind(f"    {search_round.name} in progress")
        self.say(f"[{runner.full_runs:.2f} of {runner.budget:g}] {search_round.name}: {search_round.purpose}")

    def probe_moved(self, spec: ProbeSpec, step: int, loss: float) -> None:
        """Records the progress of the running probe for the reminder."""
        self._reminder.text = f"    {clean(spec.label, 24)} {100 * step // spec.steps} %"

    def probe_ended(self, spec: ProbeSpec, trace: Trace, reused: bool) -> None:
        """Shows the result of a probe."""
        self._remind("    round in progress")
        result = swept(trace) if spec.kind == "range" else result_of(trace, self.metric)
        label = clean(spec.label) + (f", seed {spec.seed}" if spec.seed else "")
        self.row(f"    {label:<26} ", result + (" (from an earlier run)" if reused else ""))

    def round_ended(self, evidence: Evidence, runner: ProbeRunner) -> None:
        """Shows the answer of a round."""
        self._reminder.stop()
        self.say(f"  -> {evidence.rounds[-1].outcome}")

    def close(self) -> None:
        """Stops the display."""
        self._reminder.stop()


class Notebook(Plain):
    """The last lines and the running probes, updated in place in a notebook.

    Args:
        show: Shows HTML in place of its previous output.
    """

    def __init__(self, show: Callable[[str], None]) -> None:
        super().__init__()
        self._show, self._lines, self._running = show, [""], {}
        self._drawn = 0.0

    _lines: list[str]
    _running: dict[str, str]

    def say(self, text: str) -> None:
        """Adds a line."""
        self._lines.append(clean(text).replace("\n", " "))
        self._draw()

    def probe_moved(self, spec: ProbeSpec, step: int, loss: float) -> None:
        """Updates the running probe."""
        self._running[spec.key] = f"    {clean(spec.label, 24)}  {100 * step // spec.steps} %"
        if time.monotonic() - self._drawn > _REDRAW_SECONDS:
            self._draw()

    def probe_ended(self, spec: ProbeSpec, trace: Trace, reused: bool) -> None:
        """Removes the probe from the running ones and writes its result."""
        self._running.pop(spec.key, None)
        super().probe_ended(spec, trace, reused)

    def _draw(self) -> None:
        self._drawn = time.monotonic()
        shown = [*self._lines[-_NOTEBOOK_LINES:], *self._running.values()]
        self._show(f"<pre>{html.escape(chr(10).join(shown))}</pre>")


class Live(Plain):
    """Permanent lines, and one updated line for the running probes."""

    def __init__(self, out: TextIO | None = None) -> None:
        super().__init__(out)
        from rich.console import Console
        from rich.live import Live as RichLive

        self.console = Console(file=self.out, highlight=False)
        self._live = RichLive("", console=self.console, refresh_per_second=8, transient=True)
        self._live.start()
        self._running: dict[str, tuple[ProbeSpec, list[float], int]] = {}
        self._drawn = 0.0
        self._round, self._runner = "", None
        self._style = "" if os.environ.get("NO_COLOR") else "dim"

    _round: str
    _runner: ProbeRunner | None

    def say(self, text: str) -> None:
        """Writes above the live line; longer lines are wrapped with their own indent."""
        words = clean(text).replace("\n", " ")
        self._write(words[: len(words) - len(words.lstrip())], words.lstrip())

    def row(self, head: str, text: str) -> None:
        """Writes a table row; overflow is wrapped below the text."""
        self._write(head, clean(text).replace("\n", " "))

    def _write(self, head: str, words: str) -> None:
        from rich.text import Text

        width = max(20, self.console.width)
        room = max(16, width - len(head))
        for index, line in enumerate(textwrap.wrap(words, room) or [""]):
            lead = head if not index else " " * len(head)
            self.console.print(Text(fit(lead + line, width), no_wrap=True, overflow="ignore"), soft_wrap=True)

    def _remind(self, text: str) -> None:
        """Does nothing: the live line shows it."""

    def waiting(self, what: str) -> None:
        """Shows what is being waited for."""
        from rich.text import Text

        self._live.update(Text(f"{what} ...", style=self._style))

    def round_started(self, search_round: SearchRound, runner: ProbeRunner) -> None:
        """Shows the question, and the round's name on the live line."""
        self._round, self._runner = search_round.name, runner
        super().round_started(search_round, runner)

    def probe_started(self, spec: ProbeSpec) -> None:
        """Adds the probe to the live line."""
        self._running[spec.key] = (spec, [], 0)

    def probe_moved(self, spec: ProbeSpec, step: int, loss: float) -> None:
        """Updates the probe on the live line."""
        _, losses, _ = self._running.get(spec.key, (spec, [], 0))
        if math.isfinite(loss):
            losses.append(loss)
        self._running[spec.key] = (spec, losses, step)
        if time.monotonic() - self._drawn > _REDRAW_SECONDS:
            self._drawn = time.monotonic()
            self._live.update(self._line())

    def probe_ended(self, spec: ProbeSpec, trace: Trace, reused: bool) -> None:
        """Removes the probe from the live line and writes its result."""
        self._running.pop(spec.key, None)
        super().probe_ended(spec, trace, reused)

    def close(self) -> None:
        """Removes the live line."""
        super().close()
        self._live.stop()

    def _line(self) -> Any:
        """Round and remaining budget, then each running probe: label, loss curve, loss, progress."""
        from rich.text import Text

        width = self.console.width
        left = max(0.0, self._runner.budget - self._runner.full_runs) if self._runner is not None else math.nan
        parts = [f"{self._round}, {left:.2f} full runs left" if self._runner is not None else "running"]
        curve = min(20, width // 10)
        parts += [
            f"{clean(spec.label, 24)} {spark(losses, curve)} {losses[-1]:.3g} {100 * step // spec.steps} %"
            for spec, losses, step in self._running.values()
            if losses
        ]
        return Text(fit("  " + "   ".join(parts), width - 1), no_wrap=True, overflow="ellipsis", style=self._style)


def swept(trace: Trace) -> str:
    """Outcome of a range test, for which divergence is the expected end."""
    if trace.status == "failed" or not trace.lr:
        return result_of(trace)
    end = f"{trace.lr[-1]:.2g}"
    return f"diverged at {end}, as intended" if trace.diverged else f"trained up to {end} without diverging"


def result_of(trace: Trace, metric_name: str = "metric") -> str:
    """Outcome of a probe, in a few words."""
    if trace.status != "finished":
        return f"{trace.status}: {trace.reason}"
    metric = f", {metric_name} {trace.final_metric:.3g}" if math.isfinite(trace.final_metric) else ""
    return f"validation loss {trace.final_val_loss:.4g}{metric}"


def spark(values: Sequence[float], width: int = 12) -> str:
    """A loss curve as one line of block characters."""
    blocks = "▁▂▃▄▅▆▇█"
    if len(values) < 2:
        return ""
    tail = [values[i * len(values) // width] for i in range(width)] if len(values) > width else list(values)
    low, high = min(tail), max(tail)
    return "".join(blocks[round((value - low) / max(high - low, 1e-12) * 7)] for value in tail)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
