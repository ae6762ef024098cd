"""Progress events of a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from advisor.records.spec import ProbeSpec
from advisor.records.trace import Trace
from advisor.workers.messages import LoadedTask

if TYPE_CHECKING:
    from advisor.evidence.evidence import Evidence
    from advisor.schema.planning import PlanRound
    from advisor.search.rounds import SearchRound
    from advisor.search.runner import ProbeRunner


class Observer:
    """Receives progress events for display. This base class shows nothing; subclasses override events."""

    def loaded(self, task: LoadedTask) -> None:
        """The user's file was loaded."""

    def planned(self, lines: Sequence[PlanRound], runner: ProbeRunner, step_seconds: float) -> None:
        """The rounds to be run were planned and priced."""

    def round_started(self, search_round: SearchRound, runner: ProbeRunner) -> None:
        """A round begins."""

    def round_ended(self, evidence: Evidence, runner: ProbeRunner) -> None:
        """A round ended with an outcome."""

    def waiting(self, what: str) -> None:
        """Something other than a probe is in progress."""

    def noticed(self, what: str) -> None:
        """A message about the run itself."""

    def probe_started(self, spec: ProbeSpec) -> None:
        """A probe begins."""

    def probe_moved(self, spec: ProbeSpec, step: int, loss: float) -> None:
        """A probe made progress."""

    def probe_ended(self, spec: ProbeSpec, trace: Trace, reused: bool) -> None:
        """A probe ended, or was found in the store."""

    def close(self) -> None:
        """Ends the display."""
