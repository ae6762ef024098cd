"""Answers requests about one loaded task. Imports torch when the first request arrives."""

import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from advisor.errors import AdvisorError, WorkerDied
from advisor.records.task import MetricFacts, Shapes, TaskFacts, TaskSource
from advisor.workers.known_errors import remedy
from advisor.workers.messages import (
    BuildRequest,
    DescribeRequest,
    Failed,
    FusedProbesRequest,
    FusedVerdict,
    LoadedTask,
    LoadRequest,
    Lost,
    PreflightRequest,
    ProbeRequest,
    ProfileRequest,
    Progress,
    RankRequest,
    Request,
    SignOfLife,
    ThroughputRequest,
    TraceEnded,
)

if TYPE_CHECKING:
    from advisor.records.profile import ProfileResult
    from advisor.records.spec import ProbeSpec
    from advisor.records.trace import Trace
    from advisor.task.task import Task
    from advisor.task.user_module import Offer
    from advisor.training.fused.together import Together
    from advisor.training.trainer import Progress as Progressing
    from advisor.workers.ranks import OtherRanks

_PROGRESS_SECONDS = 0.25


class TaskHandler:
    """Holds one loaded task and answers requests about it.

    Args:
        send: Receives progress messages while a request is answered.
        lost: Ends this process, because one that trains with it was lost. Given where it serves nothing else, so that
            scripts may be run under hooks and writes may be blocked by the kernel.
    """

    def __init__(self, send: Callable[[SignOfLife], None], lost: Callable[[WorkerDied], None] | None = None) -> None:
        self._send, self._lost = send, lost
        self._others: OtherRanks | None = None
        self._task: Task | None = None
        self._shapes: Shapes | None = None
        self._together: Together | None = None
        self._told = 0.0

    def answer(self, request: Request[Any]) -> Any:
        """Answers a request; retries once if memory ran out and could be released.

        Returns:
            A value of ``request.answer_type()``.

        Raises:
            WorkerDied: If the device is no longer usable from this process.
            Exception: Any error of the user's code.
        """
        from advisor.runtime.oom import check_device, out_of_memory, release

        for again in (True, False):
            try:
                return self._answer(request)
            except Exception as error:
                causes = [cause for cause in (error, error.__cause__) if cause is not None]
                for cause in causes:
                    check_device(cause)
                if not (again and any(map(out_of_memory, causes))):
                    raise
            release()
        raise AssertionError("unreachable")

    @property
    def task(self) -> "Task":
        """The loaded task."""
        assert self._task is not None, "the first request loads the task"
        return self._task

    def _answer(self, request: Request[Any]) -> Any:
        match request:
            case LoadRequest():
                return self._load(request)
            case DescribeRequest():
                from advisor.capture.offer import described
                from advisor.runtime.randomness import seed_everything

                seed_everything(0)
                return described(Path(request.path), request.arguments)
            case BuildRequest():
                return self._build(request)
            case ThroughputRequest():
                from advisor.probes.batch_size.throughput import throughput

                return throughput(self.task, request.examples, 1 if self._others is None else self._others.size)
            case ProfileRequest():
                return self._profile()
            case PreflightRequest():
                from advisor.probes.preflight.measure import preflight

                return preflight(self.task, request.examples)
            case ProbeRequest():
                return self._probe(request.spec)
            case RankRequest():
                return self._train_along(request)
            case FusedProbesRequest():
                return self._probes(request.specs)
        raise AssertionError(f"no such request: {request}")

    def _load(self, request: LoadRequest) -> LoadedTask:
        """Loads the user's file, runs model and loss once, and reports what was found."""
        import torch

        from advisor.runtime.randomness import seed_everything
        from advisor.task.device import check_devices
        from advisor.task.imports import code_hash
        from advisor.task.inspection import inspect_task
        from advisor.task.load import load_task

        resources, source = request.resources, request.source
        torch.set_num_threads(resources.threads)
        if source.nproc > 1 and request.rank == 0 and self._others is None:
            from advisor.workers.ranks import OtherRanks

            assert self._lost is not None, "several processes need a worker process"
            check_devices(source.device, source.nproc)
            self._others = OtherRanks(source.nproc, self._lost)  # Before a script's hooks refuse to start programs.
        seed_everything(0)  # So that data drawn by the file are the same in every worker.
        offer = self._offer(source)
        self._task = task = load_task(source, offer)
        said = list(task.inferred)
        if resources.memory < 1 and task.device.type == "cuda":  # Before the search for the largest batch.
            torch.cuda.set_per_process_memory_fraction(resources.memory, task.device)
            said.append(f"each worker may use {resources.memory:.0%} of the device's memory")
        self._shapes = inspect_task(task)
        if source.nproc > 1:
            from advisor.training.about_ranks import about_ranks

            said += about_ranks(task, source.nproc)
        metric = task.metric
        facts = TaskFacts(
            name=task.name,
            train_size=task.train.size,
            val_size=task.val.size,
            fingerprint=task.fingerprint,
            inferred=tuple(said),
            metric=None if metric is None else MetricFacts(metric.name, metric.higher_is_better, metric.from_user),
            shapes=self._shapes,
            device=str(task.device),
            torch=torch.__version__,
            code=code_hash(Path(request.source.path)),
            nproc=source.nproc,
        )
        loaded = LoadedTask(facts, task.current.config, task.current.given, "" if offer is None else offer.loop_file)
        if self._others is not None:
            self._others.load(request, loaded)
        return loaded

    def _offer(self, source: TaskSource) -> "Offer | None":
        """Captures a training script; None for a task file.

        Scripts are only run under hooks in a separate process: the hooks replace functions of torch and of the system,
        and the loop body needs some of them while it is trained.
        """
        if self._lost is None:
            return None
        from advisor.capture.offer import offer_of_script

        return offer_of_script(Path(source.path), source.names, source.arguments, guard=True, nproc=source.nproc)

    def _build(self, request: BuildRequest) -> int:
        from advisor.config.build_optimizer import build_optimizer

        model = self.task.fresh_model(0, request.model_kwargs)
        build_optimizer(self.task.param_groups(model), request.optimizer)
        return sum(p.numel() for p in model.parameters())

    def _profile(self) -> "ProfileResult":
        from advisor.probes.profile import profile

        assert self._shapes is not None
        return profile(self.task, self._shapes)

    def _probe(self, spec: "ProbeSpec") -> "Trace":
        from advisor.runtime.process_state import restored
        from advisor.training.trainer import run_probe

        def progress(step: int, loss: float) -> None:
            self._progress(spec, step, loss)

        with restored():
            if self._others is None:
                return run_probe(self.task, spec, progress)
            return self._others.train(spec, lambda store, size: self._part(spec, store, 0, size, progress))

    def _train_along(self, request: RankRequest) -> "Trace":
        from advisor.runtime.process_state import restored

        with restored():
            return self._part(request.spec, Path(request.store), request.rank, request.size)

    def _part(
        self, spec: "ProbeSpec", store: Path, rank: int, size: int, progress: "Progressing | None" = None
    ) -> "Trace":
        """This process's part of a probe that several train."""
        from advisor.training.ranks import joined
        from advisor.training.trainer import run_probe

        with joined(store, rank, size, self.task.device) as ranks:
            return run_probe(self.task, spec, progress, ranks)

    def _probes(self, specs: "tuple[ProbeSpec, ...]") -> FusedVerdict:
        from advisor.runtime.process_state import restored
        from advisor.training.fused.together import Together

        if self._together is None:
            self._together = Together(self.task)
        with restored():
            self._together.run(specs, lambda _, trace: self._send(TraceEnded(trace)), self._progress)
        return FusedVerdict(self._together.verdict.way, self._together.verdict.why)

    def _progress(self, spec: "ProbeSpec", step: int, loss: float) -> None:
        now = time.monotonic()
        if now - self._told > _PROGRESS_SECONDS:
            self._told = now
            self._send(Progress(spec.key, step, spec.steps, loss))


def failure(error: BaseException) -> Failed | Lost:
    """The message for an error. Call it inside the except block, so that the traceback is included."""
    if isinstance(error, WorkerDied):
        return Lost(**error.as_dict())
    if isinstance(error, AdvisorError):
        return Failed(**{**error.as_dict(), "details": error.details or traceback.format_exc()})
    found = f"{type(error).__name__}: {error}"
    return Failed("the task to run", found, remedy(found), traceback.format_exc())
