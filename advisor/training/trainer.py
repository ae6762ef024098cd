"""The training loop used by all probes, the baseline runs and ``advisor train``."""

import math
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from advisor.config.build_optimizer import build_optimizer
from advisor.config.build_scheduler import build_scheduler
from advisor.errors import AdvisorError
from advisor.records.spec import ProbeSpec
from advisor.records.trace import StopReason, Trace, failed
from advisor.runtime.oom import check_device
from advisor.runtime.randomness import seed_everything
from advisor.task.data.part import part_of
from advisor.training.accumulation import fitting, split
from advisor.training.answers import answers
from advisor.training.evaluation import Evaluation, evaluate
from advisor.training.frozen_noise import frozen_noise
from advisor.training.gradient_noise import GradientNoise
from advisor.training.ranks import ALONE, Alone, Share
from advisor.training.recorder import Recorder

if TYPE_CHECKING:
    from advisor.task.data.data import Data
    from advisor.task.task import Task

CHECK_EVERY = 10
_EXPLODED = 30.0
_RAMP_EXPLODED = 4.0

Progress = Callable[[int, float], None]
Measure = Callable[["Data", int], Evaluation]
"""Evaluates the model on a number of examples of some data."""


class Training:
    """One run of the loop: a fresh seeded model, its optimizer and schedule, and its recorder.

    Args:
        task: The task.
        spec: The specification.
        device_batch: Examples per forward pass, with accumulated gradients; 0 passes the whole batch at once.
        ranks: The processes that share each step.

    Attributes:
        train: The training data, or the part of them that the probe uses.
        done: Steps made so far.
        batches: Iterator over the batches.
    """

    def __init__(self, task: "Task", spec: ProbeSpec, device_batch: int = 0, ranks: Alone = ALONE) -> None:
        self.task, self.spec, self.device_batch, self.ranks = task, spec, device_batch, ranks
        seed_everything(spec.seed)
        self.model = task.fresh_model(spec.seed, spec.model_kwargs)
        self.model.train()
        self.optimizer = build_optimizer(task.param_groups(self.model), spec.optimizer)
        self.params = [p for group in self.optimizer.param_groups for p in group["params"] if p.requires_grad]
        self.scheduler = build_scheduler(self.optimizer, spec.schedule, spec.steps)
        self.recorder = Recorder(spec, self.optimizer, self.params, ranks.mean)
        self.train = part_of(task.train, spec.data_share, spec.data_seed)
        self.noise: GradientNoise | None = None
        if spec.grad_noise and not spec.noise_examples:
            self.noise = GradientNoise(self.params, spec.batch_size, spec.steps, self.train.size)
        self._amp = _Amp(task.device, spec.amp)
        pieces = 1 if task.piece is None else max(1, round(spec.batch_size / task.piece))
        self._share = ranks.share(self.train, max(1, spec.batch_size // pieces), spec.seed, pieces)
        self._loss = ranks.loss_of(task, self.model, spec.seed)
        self.batches = self._share.batches
        self._epoch_steps = max(1, self.train.size // spec.batch_size)
        self.done = 0
        self.evaluations = frozenset(spec.eval_steps)
        self._looks = self.evaluations | {spec.steps}

    def run(self, on_progress: Progress | None = None) -> Trace:
        """Trains to the end, or until the loss leaves the sane range. Continues after single steps."""
        started = time.perf_counter()
        reason: StopReason | None = None
        for step in range(self.done + 1, self.spec.steps + 1):
            self.step(step)
            if self.due(step):
                reason = self.look(step, on_progress)
                if reason:
                    break
        return self.trace(reason, time.perf_counter() - started, on_progress)

    def due(self, step: int) -> bool:
        """Whether ``look`` must be called after this step."""
        return step % CHECK_EVERY == 0 or step in self._looks

    def look(self, step: int, on_progress: Progress | None = None, measure: Measure | None = None) -> StopReason | None:
        """Reads the losses and evaluates if due; returns why to stop, or None."""
        recent = self.recorder.flush(step)
        reason = self._exploded()
        if not reason and on_progress:
            on_progress(step, recent)
        if not reason and step in self.evaluations and self.ranks.leads:
            with self.ranks.apart():
                reason = self.evaluate(step, measure or self.measure)
        return self.ranks.told(reason)

    def trace(self, reason: StopReason | None, seconds: float, on_progress: Progress | None = None) -> Trace:
        """The record of the run after ``seconds``; measures the gradient noise now if requested."""
        started, measured = time.perf_counter(), 0
        if not reason and self.spec.noise_examples:
            self.recorder.noise_scale, measured = frozen_noise(self, self.spec.noise_examples, on_progress)
        elif not reason and self.noise is not None:
            self.recorder.noise_scale = self.noise.scale()
        trace = self.recorder.trace(reason, seconds + time.perf_counter() - started)
        return replace(trace, train_examples=trace.train_examples + measured, device_batch=self.device_batch)

    def step(self, step: int, batch: Any = None) -> torch.Tensor:
        """One optimizer step on the next batch, or on a given one from ``batches``; returns its loss."""
        if self.task.before_epoch is not None and (step - 1) % self._epoch_steps == 0:
            self.task.before_epoch(model=self.model, epoch=(step - 1) // self._epoch_steps, step=step)
        for parameter in self.params:  # Like zero_grad, without its profiler hook.
            parameter.grad = None
        share = self._share
        loss = self.backward(next(self.batches) if batch is None else batch, share, share.pieces == 1)
        for left in reversed(range(share.pieces - 1)):
            loss = loss + self.backward(next(self.batches), share, left == 0)
        self._amp.unscale(self.optimizer)
        if self.noise is not None:
            self.noise.add(step)
        self.recorder.before_step(step, loss, self._clip())
        self._amp.step(self.optimizer)
        if self.task.after_step is not None:
            self.task.after_step(model=self.model, epoch=(step - 1) // self._epoch_steps, step=step)
        if self.scheduler is not None and step < self.spec.steps:
            self.scheduler.step()
        self.done = step
        return loss

    def evaluate(self, step: int, measure: Measure) -> StopReason | None:
        """Measures the validation loss; returns why to stop, or None."""
        spec = self.spec
        result = measure(self.task.val, spec.eval_examples)
        self.recorder.evaluated(step, result)
        if step == spec.steps and measure == self.measure:
            self.recorder.answers = answers(self.task, self.model)
        if spec.eval_train and step == spec.steps:
            examples = min(spec.eval_examples, self.train.size)
            self.recorder.train_evaluation = measure(self.train, examples)
        return None if math.isfinite(result.loss) else StopReason.VAL_NOT_FINITE

    def measure(self, data: "Data", examples: int) -> Evaluation:
        """Evaluates the current model."""
        return evaluate(self.task, self.model, data, examples, self.spec.batch_size)

    def backward(self, batch: Any, share: Share, last: bool = True) -> torch.Tensor:
        """Adds the gradient of one piece of the step, in device batches if needed; returns its part of the loss.

        Args:
            batch: The piece.
            share: What this process computes of the step.
            last: Whether it is the step's last piece.
        """
        parts = split(batch, self.device_batch) if self.device_batch else None
        losses = []
        with self.ranks.synced(last):
            for part, weight in parts or [(batch, 1.0)]:
                with self._amp.autocast():
                    loss = self._loss(part)
                weight *= share.weight / share.pieces
                loss = loss if weight == 1.0 else loss * weight
                self._amp.backward(loss)
                losses.append(loss.detach())
        return losses[0] if len(losses) == 1 else torch.stack(losses).sum()

    def _clip(self) -> "torch.Tensor | None":
        if self.spec.clip_grad_norm is None:
            return None
        return nn.utils.clip_grad_norm_(self.params, self.spec.clip_grad_norm)

    def _exploded(self) -> StopReason | None:
        """Compares the rise above the first losses with the fall below them and the noise; independent of units."""
        first, lowest, recent, noise = self.recorder.level()
        if not math.isfinite(recent):
            return StopReason.TRAIN_NOT_FINITE
        ramp = self.spec.kind == "range"
        fall = max(first - lowest, 3.0 * noise)
        limit = _RAMP_EXPLODED if ramp else _EXPLODED
        return StopReason.EXPLODED if recent - first > limit * fall else None


class _Amp:
    """Mixed precision: bfloat16 where the device supports it, else float16 with loss scaling."""

    def __init__(self, device: torch.device, enabled: bool) -> None:
        self.enabled = enabled
        self.kind = device.type
        half = device.type == "cuda" and not torch.cuda.is_bf16_supported()
        self.dtype = torch.float16 if half else torch.bfloat16
        self.scaler = torch.amp.GradScaler(device.type) if enabled and half else None

    def autocast(self) -> Any:
        return torch.autocast(self.kind, dtype=self.dtype) if self.enabled else nullcontext()

    def backward(self, loss: torch.Tensor) -> None:
        scaled = loss if self.scaler is None else self.scaler.scale(loss)
        scaled.backward()  # type: ignore[no-untyped-call]

    def unscale(self, optimizer: torch.optim.Optimizer) -> None:
        if self.scaler is not None:
            self.scaler.unscale_(optimizer)

    def step(self, optimizer: torch.optim.Optimizer) -> None:
        if self.scaler is None:
            optimizer.step()
        else:
            self.scaler.step(optimizer)
            self.scaler.update()


def run_probe(task: "Task", spec: ProbeSpec, on_progress: Progress | None = None, ranks: Alone = ALONE) -> Trace:
    """Runs one probe, in smaller device batches if memory runs out and the result does not depend on it.

    An error of the user's code, including out of memory, gives a trace with status ``failed``. Several processes do not
    try smaller device batches: memory may run out in one of them alone.

    Raises:
        WorkerDied: If the device is no longer usable from this process.
    """
    try:
        if ranks is not ALONE:
            return Training(task, spec, ranks=ranks).run(on_progress)
        return fitting(task, spec.batch_size, lambda size: Training(task, spec, size).run(on_progress))
    except AdvisorError:
        raise
    except MemoryError as error:
        return failed(spec, f"infeasible: {error}")
    except Exception as error:
        check_device(error)
        return failed(spec, f"{type(error).__name__}: {error}".splitlines()[0])
