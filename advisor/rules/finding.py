"""The result of a rule: measurement and judgement kept apart."""

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
    """The result of a rule's ``check``.

    Attributes:
        verdict: Whether it found what it checks for.
        text: The evidence in one or two sentences, with the measured numbers.
        values: The same numbers for machines.
        figures: Ids of the figures that show it.
        advice: What to do; empty if there is nothing to do.
        confidence: Confidence of this judgement; None takes the rule's own.
        settings: Settings that it decides, by name of the ``HParams`` field (or ``epochs``).
        requests_round: Round of probes that would settle the question; None if it is settled.
        urgent: Whether that round must run before other requested ones.
        keep_current: Whether to keep the current settings, whatever other rules decide.
        blocking: Whether training cannot work as it is, so that no configuration is recommended.
        alone: Whether it compares the current settings with a single change; it then also holds where they are kept.
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
    """A judgement with the declarations of its rule.

    Attributes:
        code: Code of the rule, e.g. ``LR003``.
        family: Family of the code.
        title: The state in one line, worded for the verdict.
        neutral: The question in one line.
        severity: ``fault``, ``advice`` or ``info``.
        confidence: ``high``, ``medium`` or ``low``.
        judgement: The rule's judgement.
        counterevidence: What would change the verdict.
        sources: Heuristic ids.
        told_by: Code of the finding that reports the same fact, if this one is suppressed.
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
        """The finding as in reports, with the ids of its figures."""
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
    """The rule found what it checks for."""
    return Judgement(Verdict.DETECTED, text, **rest)


def not_detected(text: str, **rest: Any) -> Judgement:
    """The rule found nothing."""
    return Judgement(Verdict.NOT_DETECTED, text, **rest)


def inconclusive(text: str, **rest: Any) -> Judgement:
    """The measurements do not decide the question. The finding then has the rule's neutral title."""
    return Judgement(Verdict.INCONCLUSIVE, text, **rest)


def not_applicable(text: str) -> Judgement:
    """The rule does not apply."""
    return Judgement(Verdict.NOT_APPLICABLE, text)
