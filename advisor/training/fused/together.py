"""Runs the arms of a round together if a measurement shows that it is faster; otherwise one by one.

Tried in this order: one forward and backward pass for all (``stacked``), if its losses match the plain loop; the same
batches for all (``lockstep``), if loading takes long. After any error the unfinished arms are trained one by
one.
"""

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from advisor.records.spec import ProbeSpec
from advisor.records.trace import Trace
from advisor.runtime.oom import check_device, release
from advisor.training.fused.trial import TRIED, Group, Verdict, begin, trial
from advisor.training.trainer import Progress, run_probe

if TYPE_CHECKING:
    from advisor.task.task import Task

OnTrace = Callable[[ProbeSpec, Trace], None]
OnProgress = Callable[[ProbeSpec, int, float], None]
_LEAST_WORK = 200
"""Total steps of all arms below which a trial would cost more than it can save."""


class Together:
    """Trains groups of arms, and remembers the verdict for a task, so that it is tried only once.

    Args:
        task: The task.

    Attributes:
        verdict: How the last group was trained, and why.
    """

    def __init__(self, task: "Task") -> None:
        self.task = task
        self.verdict = Verdict("single", "nothing was run yet")
        self._known: dict[tuple[Any, ...], Verdict] = {}

    def run(self, specs: Sequence[ProbeSpec], on_trace: OnTrace, on_progress: OnProgress | None = None) -> None:
        """Runs one group of specs (``probes.grouping``); ``on_trace`` is called as each one ends.

        Raises:
            WorkerDied: If the device is no longer usable from this process.
        """
        ended: set[int] = set()

        def end(spec: ProbeSpec, trace: Trace) -> None:
            ended.add(id(spec))
            on_trace(spec, trace)

        failed = False
        try:
            self._together(specs, end, on_progress)
        except Exception as error:
            check_device(error)
            self._known[_kind(specs[0])] = self.verdict = Verdict("single", f"{type(error).__name__}: {error}")
            failed = True
        if failed:
            release()
        for spec in specs:
            if id(spec) not in ended:
                end(spec, run_probe(self.task, spec, _told(spec, on_progress)))

    def _together(self, specs: Sequence[ProbeSpec], on_trace: OnTrace, on_progress: OnProgress | None) -> None:
        """Trains them together if that is faster; otherwise does nothing."""
        started = time.perf_counter()
        verdict, group = self._known_way(specs), None
        if verdict is None:
            verdict, group = trial(self.task, specs)
            self._known[_kind(specs[0])] = verdict
        self.verdict = verdict
        if verdict.way != "single":
            _train(group or begin(self.task, specs, verdict), started, on_trace, on_progress)

    def _known_way(self, specs: Sequence[ProbeSpec]) -> Verdict | None:
        """The remembered verdict for such a group; None if a trial is worthwhile."""
        first, task = specs[0], self.task
        if len(specs) < 2:
            return Verdict("single", "one arm")
        if task.before_epoch or task.after_step or task.piece is not None or first.amp:
            return Verdict("single", "hooks, accumulation or mixed precision")
        known = self._known.get(_kind(first))
        if known is not None and not (known.way == "single" and known.arms and len(specs) >= 2 * known.arms):
            return known
        if len(specs) * first.steps < _LEAST_WORK or min(first.eval_steps, default=first.steps) <= TRIED:
            return Verdict("single", "too short for a trial")
        return None


def _train(group: Group, started: float, on_trace: OnTrace, on_progress: OnProgress | None) -> None:
    """Trains to the end; arms that diverge leave the group at once."""
    clock = started
    seconds = {id(arm): 0.0 for arm in group.arms}
    steps = group.arms[0].spec.steps
    for step in range(group.arms[0].done + 1, steps + 1):
        group.step(step)
        if not group.arms[0].due(step):
            continue
        for arm in group.arms:
            arm.recorder.share = len(group.arms)
            arm.recorder.flush(step)
        reasons = [
            arm.look(step, _told(arm.spec, on_progress), measure)
            for arm, measure in zip(group.arms, group.measures(), strict=True)
        ]
        if step == steps:
            group.noise_scales()
        clock, before = time.perf_counter(), clock
        for arm, reason in zip(group.arms, reasons, strict=True):
            seconds[id(arm)] += (clock - before) / len(group.arms)
            if reason or step == steps:
                told = _told(arm.spec, on_progress)
                on_trace(arm.spec, arm.trace(reason, seconds[id(arm)], told))
        group.keep([index for index, reason in enumerate(reasons) if not reason])
        if all(reasons):
            return
        for arm in group.arms:
            arm.recorder.flush(step)


def _kind(spec: ProbeSpec) -> tuple[Any, ...]:
    """The properties that decide how arms are trained."""
    return (spec.batch_size, str(spec.optimizer["name"]), repr(spec.model_kwargs), spec.clip_grad_norm is None)


def _told(spec: ProbeSpec, on_progress: OnProgress | None) -> Progress | None:
    return None if on_progress is None else lambda step, loss: on_progress(spec, step, loss)
