"""Runs the rules over a run, and writes what they found as JSON."""

from collections.abc import Sequence
from typing import Any

from advisor.read.evidence import RunEvidence, evidence_of
from advisor.read.rules import RUN_RULES, RunRule
from advisor.read.rules.sources import READ_SOURCES
from advisor.read.run import Run
from advisor.rules.finding import Finding, cannot_tell
from advisor.rules.selection import chosen, third_party
from advisor.rules.sources import SOURCES


def run_rules(select: Sequence[str] = (), ignore: Sequence[str] = ()) -> list[RunRule]:
    """The rules that the options leave, those of installed packages among them.

    Raises:
        UsageError: If a prefix matches no rule.
    """
    return chosen([*RUN_RULES, *third_party(RunRule, RUN_RULES)], select, ignore)  # type: ignore[type-abstract]


def judge(run: Run, rules: Sequence[RunRule] = RUN_RULES) -> tuple[RunEvidence, list[Finding]]:
    """The evidence in a run, and one finding for every rule in their order."""
    evidence = evidence_of(run)
    findings = []
    for rule in rules:
        try:
            findings.append(rule.finding(evidence))
        except (ArithmeticError, ValueError, IndexError) as error:
            findings.append(_failed(rule, error))
    return evidence, findings


def _failed(rule: RunRule, error: Exception) -> Finding:
    """A rule that broke on unusual numbers says so and stops no other."""
    judgement = cannot_tell(f"the numbers of this run could not be judged ({type(error).__name__})")
    return Finding(rule.code, rule.family, rule.passed, rule.severity, "low", judgement, rule.doubt, rule.sources)


def as_dict(finding: Finding) -> dict[str, Any]:
    """A finding in the form that reports hold it."""
    judgement = finding.judgement
    known = {**SOURCES, **READ_SOURCES}
    return {
        "code": finding.code,
        "family": finding.family,
        "title": finding.title,
        "verdict": judgement.verdict,
        "confidence": finding.confidence,
        "severity": finding.severity,
        "evidence": {"text": judgement.text, "values": dict(judgement.values), "figures": list(judgement.figures)},
        "advice": judgement.advice,
        "doubt": finding.doubt,
        "sources": [
            {"id": known[id_].id, "text": known[id_].text, "url": known[id_].url}
            for id_ in finding.sources
            if id_ in known
        ],
    }
