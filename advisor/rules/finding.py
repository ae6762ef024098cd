"""What a rule says: measured value and judgement kept apart."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from advisor.rules.references import SOURCES

Verdict = Literal["detected", "not_detected", "not_identifiable", "not_applicable"]
Confidence = Literal["high", "medium", "low"]
Severity = Literal["fault", "advice", "info"]


@dataclass(frozen=True, slots=True)
class Judgement:
    """The answer of one rule's ``check``.

    Attributes:
        verdict: Whether it found what it looks for.
        text: The evidence in one or two sentences, with the measured numbers.
        values: The same numbers for machines.
        figures: Ids of the figures that show it.
        advice: What to do; empty if nothing follows.
        confidence: How sure this judgement is; None takes the rule's own.
        sets: Settings that it decides, by the name of the ``Recipe`` field (or ``epochs``).
        wants: Name of the round of probes that would settle it; None if nothing is open.
        presses: True if that round should come before all others that are wanted.
        keeps: True if the present settings are to be kept as they are, whatever other rules would set.
        stops: True if training cannot work as it is, so that no number is worth giving.
    """

    verdict: Verdict
    text: str
    values: dict[str, Any] = field(default_factory=dict)
    figures: tuple[str, ...] = ()
    advice: str = ""
    confidence: Confidence | None = None
    sets: dict[str, Any] = field(default_factory=dict)
    wants: str | None = None
    presses: bool = False
    keeps: bool = False
    stops: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """A judgement with everything a reader needs beside it.

    Attributes:
        code: Code of the rule, e.g. ``LR003``.
        family: Family of the code.
        title: The state in one line, worded for this verdict.
        severity: ``fault``, ``advice`` or ``info``.
        confidence: ``high``, ``medium`` or ``low``.
        judgement: What the rule said.
        doubt: What would change our mind.
        sources: Heuristic ids.
    """

    code: str
    family: str
    title: str
    severity: Severity
    confidence: Confidence
    judgement: Judgement
    doubt: str
    sources: tuple[str, ...]

    def as_dict(self, figures: Sequence[str] = ()) -> dict[str, Any]:
        """The finding in the form that reports hold it, with the ids of the figures that show it."""
        judgement = self.judgement
        return {
            "code": self.code,
            "family": self.family,
            "title": self.title,
            "verdict": judgement.verdict,
            "confidence": self.confidence,
            "severity": self.severity,
            "evidence": {"text": judgement.text, "values": dict(judgement.values), "figures": list(figures)},
            "advice": judgement.advice,
            "doubt": self.doubt,
            "sources": [SOURCES[id_].as_dict() for id_ in self.sources if id_ in SOURCES],
        }


def detected(text: str, **rest: Any) -> Judgement:
    """The rule found what it looks for."""
    return Judgement("detected", text, **rest)


def not_detected(text: str, **rest: Any) -> Judgement:
    """The rule looked and found nothing."""
    return Judgement("not_detected", text, **rest)


def cannot_tell(text: str, **rest: Any) -> Judgement:
    """What was measured does not decide it."""
    return Judgement("not_identifiable", text, **rest)


def not_applicable(text: str) -> Judgement:
    """The rule has nothing to say here."""
    return Judgement("not_applicable", text)
