"""Hysteresis of findings: a finding must persist before it is reported, and be absent as long before it is withdrawn.

A finding is reported when it was detected at every judgement while the run grew by ``SPAN``; immediately if the loss
is not finite. It is withdrawn when it was not detected while the run grew by ``HOLD``, and is then reported again
only at the end of the run, so that findings do not flip back and forth.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from advisor.rules.finding import Finding, Verdict

SPAN = {"fault": 1.5, "advice": 1.5, "info": 1.8}
HOLD = 1.5
_AT_ONCE = ("non_finite", "chance", "dead", "constant")
"""Kinds of FT005 that are certain, or are already evaluated over half of the run."""
_LOOKED_BEFORE = ("PF001", "PF008")
"""Rules that themselves require several gradient samples."""


@dataclass(frozen=True, slots=True)
class Standing:
    """State of one code.

    Attributes:
        finding: The finding when last detected.
        state: Waiting to persist, reported, or withdrawn.
        since: Step of the first of an unbroken series of judgements that detected it.
        said_at: Step at which it was reported.
        absent_since: Step since which it was not detected; None while it is.
        taken_back_at: Step at which it was withdrawn.
        turns: Number of times it was reported or withdrawn.
    """

    finding: Finding
    state: Literal["waiting", "said", "taken_back"]
    since: int
    said_at: int = 0
    absent_since: int | None = None
    taken_back_at: int | None = None
    turns: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """A report or withdrawal at this judgement.

    Attributes:
        step: The step.
        kind: A new finding, or one that is withdrawn.
        finding: The finding.
    """

    step: int
    kind: Literal["said", "taken_back"]
    finding: Finding


class Verdicts:
    """The states of all codes, updated by each judgement."""

    def __init__(self) -> None:
        self._by_code: dict[str, Standing] = {}

    @property
    def standings(self) -> tuple[Standing, ...]:
        """All reported findings, in order."""
        spoken = [item for item in self._by_code.values() if item.state != "waiting"]
        return tuple(sorted(spoken, key=lambda item: item.said_at))

    def update(self, findings: Sequence[Finding], step: int, ended: bool = False) -> list[Event]:
        """Processes the findings of one judgement; returns what to report.

        Args:
            findings: One per rule.
            step: Steps so far.
            ended: Whether this is the last judgement of a finished run: it reports what it detects, withdraws the rest.
        """
        events: list[Event] = []
        judged = {item.code: item for item in findings}
        for code, finding in judged.items():
            verdict = finding.judgement.verdict
            before = self._by_code.get(code)
            if verdict == Verdict.DETECTED:
                events += self._detected(code, finding, before, step, ended)
            elif before is not None and not self._open(finding):
                events += self._absent(code, before, step, ended)
        return events

    @staticmethod
    def _open(finding: Finding) -> bool:
        """Whether the judgement leaves the state unchanged: another finding covers it, or it is inconclusive."""
        return finding.told_by is not None or finding.judgement.verdict == Verdict.INCONCLUSIVE

    def _detected(self, code: str, finding: Finding, before: Standing | None, step: int, ended: bool) -> list[Event]:
        now = before or Standing(finding, "waiting", step)
        now = replace(now, finding=finding, absent_since=None)
        certain = finding.judgement.values.get("kind") in _AT_ONCE or code in _LOOKED_BEFORE
        held = step >= SPAN[finding.severity] * now.since
        speak = (now.state == "waiting" and (certain or held or ended)) or (now.state == "taken_back" and ended)
        if speak:
            now = replace(now, state="said", said_at=step, taken_back_at=None, turns=now.turns + 1)
        self._by_code[code] = now
        return [Event(step, "said", finding)] if speak else []

    def _absent(self, code: str, before: Standing, step: int, ended: bool) -> list[Event]:
        if before.state == "waiting":
            del self._by_code[code]
            return []
        if before.state == "taken_back":
            return []
        since = before.absent_since if before.absent_since is not None else step
        if step < HOLD * since and not ended:
            self._by_code[code] = replace(before, absent_since=since)
            return []
        self._by_code[code] = replace(
            before, state="taken_back", absent_since=since, taken_back_at=step, turns=before.turns + 1
        )
        return [Event(step, "taken_back", before.finding)]
