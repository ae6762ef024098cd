"""An engine without worker processes: the user's code runs in the advisor's own process.

For debugging (breakpoints in the user's file work) and for tests. This is the only place where the advisor's
process imports torch. There are no time limits, and code that exits the process exits the advisor.
"""

import json
import sys
from collections.abc import Sequence
from contextlib import ExitStack, redirect_stdout
from dataclasses import asdict
from pathlib import Path

from advisor.errors import AdvisorError, ContractError, WorkerDied
from advisor.records.spec import ProbeSpec
from advisor.records.task import TaskSource
from advisor.records.trace import Trace, failed
from advisor.utils.codec import decode, to_text
from advisor.workers.handler import TaskHandler, failure
from advisor.workers.messages import (
    AnswerT,
    LoadedTask,
    LoadRequest,
    Lost,
    ProbeRequest,
    Progress,
    Request,
    SignOfLife,
    WorkerResources,
)
from advisor.workers.protocol import OnProgress, OnSign, OnTrace
from advisor.workers.timeouts import Limits


class InlineEngine:
    """An Engine that answers every request in the calling thread, with the same traces as worker processes.

    Args:
        resources: Resources of the task.
    """

    def __init__(self, resources: WorkerResources | None = None) -> None:
        self.limits = Limits()
        self.lost = 0
        self._resources = resources or WorkerResources()
        self._handler = TaskHandler(self._heard)
        self._on_sign: OnSign | None = None
        self._problem: Exception | None = None
        self._undo = ExitStack()

    @property
    def workers(self) -> int:
        """One probe runs at a time."""
        return 1

    def open(self, source: TaskSource) -> LoadedTask:
        """Loads the task (``Engine.open``); ``close`` undoes the changes to this process."""
        from advisor.runtime.process_state import modules_forgotten, restored
        from advisor.runtime.randomness import seeded

        self._undo.enter_context(restored())
        self._undo.enter_context(seeded(0))
        self._undo.enter_context(modules_forgotten(Path(source.path).resolve().parent))
        return self.ask(LoadRequest(source, self._resources))

    def expect(self, step_seconds: float, batch_size: int) -> None:
        """Does nothing: there are no time limits."""

    def ask(self, request: Request[AnswerT]) -> AnswerT:
        """Answers a request other than a probe."""
        return self._answer(request)

    def run(
        self, specs: Sequence[ProbeSpec], on_trace: OnTrace | None = None, on_progress: OnProgress | None = None
    ) -> list[Trace]:
        """Runs all specs one after the other (``Engine.run``)."""
        return [self._probe(spec, on_trace, on_progress) for spec in specs]

    def close(self) -> None:
        """Undoes the changes of loading the task to this process."""
        self._undo.close()

    def _probe(self, spec: ProbeSpec, on_trace: OnTrace | None, on_progress: OnProgress | None) -> Trace:
        def heard(sign: SignOfLife) -> None:
            if on_progress and isinstance(sign, Progress):
                on_progress(spec, sign)

        try:
            trace = self._answer(ProbeRequest(spec), heard)
        except AdvisorError as error:
            trace = failed(spec, error.found)
        if on_trace:
            on_trace(spec, trace)
        return trace

    def _answer(self, request: Request[AnswerT], on_sign: OnSign | None = None) -> AnswerT:
        """The answer as from a worker process: written as JSON and read back."""
        self._on_sign, self._problem = on_sign, None
        try:
            with redirect_stdout(sys.stderr):
                value = self._handler.answer(request)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            found = failure(error)
            kind = WorkerDied if isinstance(found, Lost) else ContractError
            raise kind(**asdict(found)) from error
        if self._problem is not None:
            raise self._problem
        return decode(request.answer_type(), json.loads(to_text(value)))

    def _heard(self, sign: SignOfLife) -> None:
        """Passes a progress message on; an error of the receiver is raised after the request."""
        try:
            if self._on_sign and self._problem is None:
                self._on_sign(sign)
        except Exception as error:
            self._problem = error
