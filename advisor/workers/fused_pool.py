"""A pool whose workers train the arms of a round together where possible."""

from collections.abc import Sequence

from advisor.errors import AdvisorError, TaskLost
from advisor.records.spec import ProbeSpec
from advisor.records.trace import Trace
from advisor.workers.grouping import grouped
from advisor.workers.messages import FusedProbesRequest, Progress, SignOfLife
from advisor.workers.pool import Pool
from advisor.workers.protocol import OnProgress, OnTrace, Worker


class FusedPool(Pool):
    """An Engine that sends groups of arms to its workers, and receives each trace as it ends."""

    def run(
        self, specs: Sequence[ProbeSpec], on_trace: OnTrace | None = None, on_progress: OnProgress | None = None
    ) -> list[Trace]:
        """Runs all specs (``Pool.run``)."""
        groups = grouped(specs, self.workers)
        found = self._map(lambda group: self._group(group, on_trace, on_progress), groups)
        traces = {trace.key: trace for group in found for trace in group}
        return [traces[spec.key] for spec in specs]

    def _group(self, specs: list[ProbeSpec], on_trace: OnTrace | None, on_progress: OnProgress | None) -> list[Trace]:
        """Runs one group; arms left unfinished because their worker was lost are run one by one."""
        if len(specs) == 1:
            return [self._probe(specs[0], on_trace, on_progress)]
        asked = {spec.key: spec for spec in specs}
        found: dict[str, Trace] = {}
        problems: list[Exception] = []

        def heard(sign: SignOfLife) -> None:
            if isinstance(sign, Progress):
                if on_progress:
                    on_progress(asked[sign.key], sign)
                return
            spec = asked[sign.trace.key]
            found[spec.key] = sign.trace
            if on_trace and not problems:
                try:
                    on_trace(spec, sign.trace)
                except Exception as error:  # Raised after the worker has finished its answer, so it can be used again.
                    problems.append(error)

        def work(worker: Worker) -> None:
            silence, limit = sum(map(self.limits.silence, specs)), sum(map(self.limits.probe, specs))
            worker.call(FusedProbesRequest(tuple(specs)), heard, silence, limit)

        try:
            self._with_worker(work, attempts=1)
        except TaskLost:
            raise
        except AdvisorError:
            if self._closed.is_set():
                raise
        if problems:
            raise problems[0]
        return [found.get(spec.key) or self._probe(spec, on_trace, on_progress) for spec in specs]
