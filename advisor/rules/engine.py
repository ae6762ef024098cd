"""Runs rules over evidence. Deterministic, and a rule that cannot decide says what it still wants."""

from collections.abc import Sequence

from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import was_run
from advisor.rules.base import Rule
from advisor.rules.finding import Finding, Judgement, cannot_tell


def judge(evidence: Evidence, rules: Sequence[Rule]) -> list[Finding]:
    """One finding for every rule, in the order of the rules."""
    return [rule.finding(_judgement(rule, evidence)) for rule in rules]


def wanted(findings: Sequence[Finding]) -> list[str]:
    """Names of rounds that would settle what is open, first come first, each once."""
    names = [finding.judgement.wants for finding in findings if finding.judgement.wants]
    return list(dict.fromkeys(names))


def pressing(findings: Sequence[Finding]) -> set[str]:
    """Names of wanted rounds that should come before all others."""
    return {finding.judgement.wants for finding in findings if finding.judgement.wants and finding.judgement.presses}


def _judgement(rule: Rule, evidence: Evidence) -> Judgement:
    missing = [name for name in rule.requires if not was_run(evidence, name)]
    if missing:
        return cannot_tell(f"needs the {missing[0]} round, which was not run", wants=missing[0])
    return rule.check(evidence)
