"""What a rule says: measured value and judgement kept apart."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from advisor.evidence.round_name import RoundName
from advisor.rules.references import SOURCES
from advisor.schema import finding as schema
from advisor.schema.base import plain
from advisor.schema.finding import Confidence as Confidence
from advisor.schema.finding import Severity as Severity
from advisor.schema.finding import Verdict as Verdict


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
        settings: Settings that it decides, by the name of the ``HParams`` field (or ``epochs``).
        requests_round: Round of probes that would settle it; None if nothing is open.
        urgent: Whether that round should be run before all others that are requested.
        keep_current: Whether the current settings are kept, whatever other rules decide.
        blocking: Whether training cannot work as it is, so that no configuration is advised.
        alone: Whether it judges the current settings by themselves, or all but one: it stands where they are kept.
    """

    verdict: Verdict
    text: str
    values: dict[str, Any] = field(default_factory=dict)
    figures: tuple[str, ...] = ()
    advice: str = ""
    confidence: Confidence | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    requests_round: RoundName | None = None
    urgent: bool = False
    keep_current: bool = False
    blocking: bool = False
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """A judgement with everything a reader needs beside it.

    Attributes:
        code: Code of the rule, e.g. ``LR003``.
        family: Family of the code.
        title: The state in one line, worded for this verdict.
        neutral: The question in one line.
        severity: ``fault``, ``advice`` or ``info``.
        confidence: ``high``, ``medium`` or ``low``.
        judgement: What the rule said.
        counterevidence: What would change our mind.
        sources: Heuristic ids.
        told_by: Code of the finding that tells the same fact, where this one is silent.
    """

    code: str
    family: str
    title: str
    neutral: str
    severity: Severity
    confidence: Confidence
    judgement: Judgement
    counterevidence: str
    sources: tuple[str, ...]
    told_by: str | None = None

    def as_part(self, figures: Sequence[str] = ()) -> schema.Finding:
        """The finding as reports hold it, with the ids of the figures that show it."""
        judgement = self.judgement
        cited = [SOURCES[id_] for id_ in self.sources if id_ in SOURCES]
        return schema.Finding(
            code=self.code,
            family=self.family,
            title=self.title,
            verdict=judgement.verdict,
            confidence=self.confidence,
            severity=self.severity,
            evidence=schema.FindingEvidence(
                text=judgement.text, values=plain(judgement.values), figures=tuple(figures)
            ),
            advice=judgement.advice,
            doubt=self.counterevidence,
            sources=tuple(schema.Source(id=source.id, text=source.text, url=source.url) for source in cited),
        )


def detected(text: str, **rest: Any) -> Judgement:
    """The rule found what it looks for."""
    return Judgement(Verdict.DETECTED, text, **rest)


def not_detected(text: str, **rest: Any) -> Judgement:
    """The rule looked and found nothing."""
    return Judgement(Verdict.NOT_DETECTED, text, **rest)


def inconclusive(text: str, **rest: Any) -> Judgement:
    """What was measured does not decide it. The title of the finding is then the rule's neutral one."""
    return Judgement(Verdict.INCONCLUSIVE, text, **rest)


def not_applicable(text: str) -> Judgement:
    """The rule has nothing to say here."""
    return Judgement(Verdict.NOT_APPLICABLE, text)
