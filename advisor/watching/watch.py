"""``advisor.watch``: three lines in a training loop."""

import sys
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import click
from torch import nn

from advisor.rules.base import Rule
from advisor.rules.selection import live_rules
from advisor.schema.finding import Finding
from advisor.schema.watching import State, WatchReport
from advisor.utils import lazy_scipy
from advisor.watching.judging import Judging, Say
from advisor.watching.live_run import LiveRun
from advisor.watching.pace import Pace
from advisor.watching.recorder import Recorder
from advisor.watching.stop import StopTraining

_BROKEN = 3  # consecutive non-finite losses that trigger the next judgement early


def watch(
    model: nn.Module | None = None,
    optimizer: Any = None,
    *,
    total_steps: int | None = None,
    name: str = "",
    out: str | Path | None = None,
    metric: str = "accuracy",
    higher_is_better: bool = True,
    stop_on: Literal["fault"] | None = None,
    select: tuple[str, ...] = (),
    ignore: tuple[str, ...] = (),
    tensorboard: bool = True,
    overhead: float = 0.01,
    say: Say | None = None,
) -> "Watch":
    """Watches a run in progress: reports what goes wrong, what would do better, and when to stop.

    Use it as a context manager around the training loop, call ``step`` once after every optimizer step and
    ``validation`` after every validation. It never breaks the training: an internal error ends the watching with one
    warning. Under distributed training only the first process watches.

    Args:
        model: The trained model; without it there are no findings on missing gradients or on waiting for data.
        optimizer: Its optimizer; without it there are no findings on gradients, weights and learning rate.
        total_steps: Planned optimizer steps. Some findings need it: whether a level loss may still fall, whether the
            rate is far too low.
        name: Name of the run; the time of day if empty.
        out: Folder for ``watch.json`` and the event files; by default ``reports/watch/<name>``.
        metric: Name of the metric of ``validation``.
        higher_is_better: Direction of the metric.
        stop_on: ``"fault"`` raises ``StopTraining`` when a fault of at least medium confidence is reported.
        select: Rule codes or prefixes to use; all if empty.
        ignore: Rule codes or prefixes to leave out.
        tensorboard: Whether to write event files.
        overhead: Maximum share of the time for watching.
        say: Prints one line; by default to standard error.

    Returns:
        The watch, a context manager.

    Raises:
        UsageError: If a code of ``select`` or ``ignore`` matches no rule.
    """
    rules = live_rules(select, ignore)
    called = name or f"{datetime.now():%Y%m%d-%H%M%S}"
    folder = Path(out) if out is not None else Path("reports") / "watch" / called
    run = LiveRun(called, metric, higher_is_better, total_steps)
    return Watch(run, rules, model, optimizer, folder, tensorboard, stop_on == "fault", overhead, say)


class Watch:
    """A watched run; created by ``advisor.watch``."""

    def __init__(
        self,
        run: LiveRun,
        rules: list[Rule],
        model: nn.Module | None,
        optimizer: Any,
        folder: Path,
        tensorboard: bool,
        stops: bool,
        overhead: float,
        say: Say | None,
    ) -> None:
        self._run, self._stops = run, stops
        self._recorder = Recorder(run, model, optimizer)
        self._folder, self._tensorboard = folder, tensorboard
        self._pace = Pace(overhead)
        self._judging = Judging(run, rules, say or (lambda line: click.echo(line, err=True)))
        self._read_at = 1
        self._alive = self._stopped = self._seen_broken = False

    def __enter__(self) -> "Watch":
        self._safely(self._start)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        stopped = kind is not None and issubclass(kind, (StopTraining, KeyboardInterrupt))
        self.end("stopped" if stopped else "failed" if kind is not None else "finished")

    @property
    def report(self) -> WatchReport | None:
        """The content of ``watch.json`` after the last judgement; None before the first."""
        return self._judging.report

    @property
    def fault(self) -> Finding | None:
        """The reported fault of at least medium confidence; None if there is none."""
        return self._judging.fault

    @property
    def stopping(self) -> bool:
        """Whether ``StopTraining`` was raised."""
        return self._stopped

    @property
    def planned(self) -> bool:
        """Whether the planned length of the run is known."""
        return self._run.total_steps is not None

    @property
    def has_losses(self) -> bool:
        """Whether losses of single steps are available."""
        return self._recorder.has_losses

    @property
    def hint(self) -> str:
        """Which checkpoint to keep; empty if unknown."""
        return self._judging.hint

    def step(self, loss: Any = None) -> None:
        """Records one optimizer step; call it after ``optimizer.step()``.

        Args:
            loss: Training loss of the step, a tensor of one element or a number; None if unknown. Tensors are read
                later.

        Raises:
            StopTraining: Under ``stop_on="fault"``.
        """
        if self._alive:
            self._safely(self._stepped, loss)
            self._stop()

    def validation(self, loss: Any = None, metric: Any = None, *, logged: Mapping[str, Any] | None = None) -> None:
        """Records a validation.

        Args:
            loss: Validation loss; None if there is none.
            metric: Validation metric; None if there is none.
            logged: All logged values; loss and metric are selected by name.

        Raises:
            StopTraining: Under ``stop_on="fault"``.
        """
        if self._alive:
            self._safely(self._validated, loss, metric, logged or {})
            self._stop()

    def noted(self, loss: Any) -> None:
        """Records a training loss for the current step, if it becomes known after the step."""
        if self._alive and loss is not None:
            self._recorder.add_loss(loss)

    def batch_ready(self) -> None:
        """Ends the wait for data, if the model is not called directly."""
        if self._alive:
            self._safely(self._recorder.batch_ready)

    def plan(self, total_steps: int | None) -> None:
        """Sets the planned number of steps, if it becomes known after the start."""
        self._run.total_steps = total_steps

    def end(self, state: State = "finished") -> None:
        """Judges the run a last time and closes the files; called at the end of a ``with`` block."""
        if self._alive:
            self._safely(self._finish, state)
        self._release()

    def _start(self) -> None:
        if _follower():
            return
        lazy_scipy.kendalltau([0.0, 1.0, 2.0, 3.0], [0.0, 1.0, 2.0, 3.0])  # Imports it before the run begins.
        self._recorder.read_settings()
        self._safely_without_gradients(self._recorder.observe_gradients, self._after_step)
        self._recorder.observe_waiting()
        self._judging.open(self._folder, self._tensorboard)
        self._pace = Pace(self._pace.share)
        self._alive = True

    def _after_step(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        if self._alive and self._recorder.observes_gradients and self._pace.look_due(self._run.step + 1):
            with self._pace.counted("look"):
                self._safely_without_gradients(self._recorder.sample_gradients)

    def _stepped(self, loss: Any) -> None:
        self._recorder.add_step(loss)
        step = self._run.step
        if step >= self._read_at:
            with self._pace.counted("read"):
                self._recorder.read_losses()
            self._read_at = self._pace.read_after(step)
            broken = self._run.train.not_finite_at_end() >= _BROKEN and not self._seen_broken
            if broken or self._pace.judge_due(step):
                self._seen_broken = self._seen_broken or broken
                self._judge()
        self._recorder.end_step()

    def _validated(self, loss: Any, metric: Any, logged: Mapping[str, Any]) -> None:
        self._recorder.add_validation(loss, metric, logged)
        if self._pace.judge_due(self._run.step, validated=True):
            with self._pace.counted("read"):
                self._recorder.read_losses()
            self._judge()

    def _judge(self, state: State = "running") -> None:
        with self._pace.counted("judge"):
            self._recorder.read_observations()
            self._pace.judged(self._run.step)
            self._judging.judge(self._pace, state)

    def _stop(self) -> None:
        fault = self._judging.fault
        if self._stops and fault is not None and self._alive:
            self._stops, self._stopped = False, True
            raise StopTraining(fault, self._run.step, self.hint)

    def _finish(self, state: State) -> None:
        self._recorder.read_losses(wait=True)
        if self._run.step or len(self._run.val):
            self._judge(state)

    def _release(self) -> None:
        """Removes all hooks from model and optimizer."""
        self._alive = False
        self._recorder.close()
        self._judging.close()

    def _safely(self, work: Callable[..., None], *args: Any) -> None:
        """Calls ``work``; an error ends the watching but never the training."""
        try:
            work(*args)
        except Exception as error:
            self._release()
            said = f"advisor.watch stopped watching: {type(error).__name__}: {error}"
            with suppress(RuntimeWarning):  # Under -W error, this warning must not end the training.
                warnings.warn(said, RuntimeWarning, stacklevel=4)

    def _safely_without_gradients(self, work: Callable[..., None], *args: Any) -> None:
        """Calls ``work``; an error ends the observation of the gradients."""
        try:
            work(*args)
        except Exception as error:
            self._recorder.ignore_gradients()
            self._judging.notes += (f"gradients are not watched: {type(error).__name__}: {error}",)


def _follower() -> bool:
    """Whether another process of a distributed training does the watching."""
    distributed = sys.modules.get("torch.distributed")
    return bool(distributed and distributed.is_available() and distributed.is_initialized() and distributed.get_rank())
