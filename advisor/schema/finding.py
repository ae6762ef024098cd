"""A finding: what one rule says, with the measured values behind it."""

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
    """A publication or page that a rule rests on.

    Attributes:
        id: Its short name.
        text: What it says, or its title.
        url: Where it stands.
    """

    id: str
    text: str
    url: str = ""


class FindingEvidence(Part, frozen=True, kw_only=True):
    """What a finding rests on.

    Attributes:
        text: One or two sentences with the measured numbers.
        values: The same numbers by name.
        figures: Ids of the figures that show it.
    """

    text: str
    values: Facts = msgspec.field(default_factory=dict)
    figures: tuple[str, ...] = ()


class Finding(Part, frozen=True, kw_only=True):
    """The answer of one rule.

    Attributes:
        code: Code of the rule, for example ``LR003``.
        family: Family of the code.
        title: The state in one line, worded for this verdict.
        verdict: Whether the rule found what it looks for.
        confidence: How sure that is.
        severity: ``fault`` is for what is broken.
        evidence: What was measured.
        advice: What to do; empty if nothing follows.
        doubt: What would change the verdict.
        sources: What the rule rests on.
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
