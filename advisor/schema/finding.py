"""A finding: the result of one rule, with the measured values behind it."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import msgspec

from advisor.schema.base import Facts, Part

Confidence = Literal["high", "medium", "low"]
Severity = Literal["fault", "advice", "info"]


class Verdict(StrEnum):
    """What a rule answers."""

    DETECTED = "detected"
    NOT_DETECTED = "not_detected"
    INCONCLUSIVE = "not_identifiable"
    NOT_APPLICABLE = "not_applicable"


class Source(Part, frozen=True, kw_only=True):
    """A publication or page that a rule is based on.

    Attributes:
        id: Short name.
        text: Statement or title.
        url: Address.
    """

    id: str
    text: str
    url: str = ""


class FindingEvidence(Part, frozen=True, kw_only=True):
    """Measurements behind a finding.

    Attributes:
        text: One or two sentences with the measured numbers.
        values: The same numbers by name.
        figures: Ids of the figures that show them.
    """

    text: str
    values: Facts = msgspec.field(default_factory=dict)
    figures: tuple[str, ...] = ()


class Finding(Part, frozen=True, kw_only=True):
    """The result of one rule.

    Attributes:
        code: Code of the rule, for example ``LR003``.
        family: Family of the code.
        title: The state in one line, worded for this verdict.
        verdict: Whether the rule found what it checks for.
        confidence: Confidence of the verdict.
        severity: ``fault`` is reserved for what is broken.
        evidence: The measurements.
        advice: What to do; empty if there is nothing to do.
        doubt: What would change the verdict.
        sources: Publications behind the rule.
    """

    code: str
    family: str
    title: str
    verdict: Verdict
    confidence: Confidence
    severity: Severity
    evidence: FindingEvidence
    advice: str = ""
    doubt: str = ""
    sources: tuple[Source, ...] = ()
