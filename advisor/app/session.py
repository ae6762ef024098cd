"""One run: its engine, folder, store, budget and observer."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any

from advisor.app.engines import make_engine
from advisor.app.options import ObjectiveName, Options, check_options
from advisor.app.run_dir import RunDir
from advisor.config.config import Config
from advisor.config.hparams import HParams
from advisor.errors import UsageError
from advisor.evidence.evidence import Evidence, Objective
from advisor.records.profile import ProfileResult
from advisor.search.observer import Observer
from advisor.search.runner import ProbeRunner
from advisor.search.store import ProbeStore
from advisor.workers.messages import LoadedTask
from advisor.workers.protocol import Engine


class Session:
    """Owns the resources of a run for the duration of the ``with`` block; used by diagnose, compare and recordings.

    Args:
        options: Options of the run.
        observer: Receives progress events; by default none.
        engine: Where probes run; by default the engine of the options.

    Attributes:
        options: Options of the run.
        observer: Receives progress events.
        engine: Where probes run.
        task: The loaded task, after ``load``.
        objective: The objective, after ``load``.
        folder: The run directory, after ``begin``.
        runner: Runs and counts probes, after ``begin``.

    Raises:
        UsageError: If an option is invalid.
    """

    task: LoadedTask
    objective: Objective
    folder: RunDir
    runner: ProbeRunner

    def __init__(self, options: Options, observer: Observer | None = None, engine: Engine | None = None) -> None:
        check_options(options)
        self.options = options
        self.observer = observer or Observer()
        self.engine = engine or make_engine(options)
        self._ledger: ProbeStore | None = None

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.engine.close()
        finally:
            if self._ledger is not None:
                self._ledger.close()

    def load(self) -> LoadedTask:
        """Loads the user's file.

        Raises:
            AdvisorError: If it violates the contract, or has no metric although that is the objective.
        """
        self.observer.waiting(f"loading {Path(self.options.path).name}; a training script is run for its first steps")
        self.task = self.engine.open(self.options.source)
        self.objective = _objective(self.task, self.options.objective)
        self.observer.loaded(self.task)
        return self.task

    def evidence(self, current: Config | None = None, objective: Objective | None = None, **known: Any) -> Evidence:
        """The evidence after loading the task.

        Args:
            current: Current configuration; by default the user's.
            objective: The objective; by default the validation loss.
            known: Further fields of ``Evidence``.
        """
        facts, current = self.task.facts, current or self.task.current
        fields: dict[str, Any] = {
            "profile": ProfileResult(),
            "current_given": self.task.current_given,
            "choice": HParams.starting_from(current),
            **known,
        }
        return Evidence(
            facts=facts,
            current=current,
            objective=objective or Objective(),
            full_run_examples=facts.train_size * self.task.current.epochs,
            **fields,
        )

    def begin(self) -> ProbeRunner:
        """Creates the run directory and its store, and starts counting the budget.

        Raises:
            UsageError: If the folder is not writable, or another advisor is writing to it.
        """
        facts, options = self.task.facts, self.options
        self.folder = RunDir(options.out, facts.name, options.run)
        self._ledger = ProbeStore(self.folder.store, self.folder.siblings)
        self.runner = ProbeRunner(
            engine=self.engine,
            store=self._ledger,
            observer=self.observer,
            train_size=facts.train_size,
            val_size=facts.val_size,
            epochs=self.task.current.epochs,
            fingerprint=facts.fingerprint,
            seed=options.seed,
            budget=options.full_runs,
        )
        return self.runner


def _objective(task: LoadedTask, asked: ObjectiveName) -> Objective:
    metric = task.facts.metric
    if asked == "metric" and metric is None:
        raise UsageError("a metric in the file, for --objective metric", "none", "define metric(outputs, targets)")
    if metric is None or asked == "loss" or (asked == "auto" and not metric.from_user):
        return Objective()
    return Objective(metric.name, metric.higher_is_better, False)
