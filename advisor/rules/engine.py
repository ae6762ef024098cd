"""Runs rules over evidence: probes of a diagnosis, or a recorded run. Deterministic."""

from collections.abc import Sequence

from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import was_run
from advisor.evidence.round_name import RoundName
from advisor.logs.evidence import RunEvidence
from advisor.rules.base import LogRule, ProbeRule, Rule
from advisor.rules.finding import Finding, Judgement, inconclusive, not_applicable
from advisor.rules.stories import LOG_STORIES, PROBE_STORIES, told_once

_CURVES = {
    "train": "training loss",
    "val": "validation loss",
    "metric": "validation metric such as accuracy",
    "lr": "learning rate",
}


def judge(evidence: Evidence, rules: Sequence[Rule]) -> list[Finding]:
    """One finding for each rule over probes, in the order of the rules; of several that tell one fact, one speaks."""
    found = [rule.finding(_on_probes(rule, evidence)) for rule in rules if isinstance(rule, ProbeRule)]
    return told_once(found, PROBE_STORIES)


def judge_log(evidence: RunEvidence, rules: Sequence[Rule]) -> list[Finding]:
    """One finding for each rule over logs, in the order of the rules; of several that tell one fact, one speaks."""
    found = [rule.finding(_on_log(rule, evidence)) for rule in rules if isinstance(rule, LogRule)]
    return told_once(found, LOG_STORIES)


def requested_rounds(findings: Sequence[Finding]) -> list[RoundName]:
    """Rounds that would settle what is open, in the order of the findings, each once."""
    names = [finding.judgement.requests_round for finding in findings]
    return list(dict.fromkeys(name for name in names if name is not None))


def urgent_rounds(findings: Sequence[Finding]) -> set[RoundName]:
    """Requested rounds that should be run before all others."""
    asked = ((finding.judgement.requests_round, finding.judgement.urgent) for finding in findings)
    return {name for name, urgent in asked if name is not None and urgent}


def _on_probes(rule: ProbeRule, evidence: Evidence) -> Judgement:
    missing = [name for name in rule.requires if not was_run(evidence, name)]
    if missing:
        return inconclusive(f"needs the {missing[0]} round, which was not run", requests_round=missing[0])
    return rule.check(evidence)


def _on_log(rule: LogRule, evidence: RunEvidence) -> Judgement:
    """The judgement on a run; a rule that fails on unusual numbers is inconclusive and stops no other."""
    missing = [name for name in rule.requires_curves if not evidence.has(name)]
    if missing:
        return not_applicable(f"needs at least four values of a {_CURVES[missing[0]]}")
    try:
        return rule.check_log(evidence)
    except (ArithmeticError, ValueError, IndexError) as error:
        words = f"the numbers of this run could not be judged ({type(error).__name__})"
        return inconclusive(words, confidence="low")
