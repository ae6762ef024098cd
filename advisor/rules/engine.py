"""Runs rules over evidence: the probes of a diagnosis, or a recorded run. Deterministic."""

from collections.abc import Callable, Sequence

from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import was_run
from advisor.evidence.round_name import RoundName
from advisor.logs.evidence import RunEvidence
from advisor.records.vitals import Vitals
from advisor.rules.base import LiveRule, LogRule, ProbeRule, Rule
from advisor.rules.finding import Finding, Judgement, Verdict, inconclusive, not_applicable
from advisor.rules.stories import LIVE_STORIES, LOG_STORIES, PROBE_STORIES, told_once

_CURVES = {
    "train": "training loss",
    "val": "validation loss",
    "metric": "validation metric such as accuracy",
    "lr": "learning rate",
}


def judge(evidence: Evidence, rules: Sequence[Rule]) -> list[Finding]:
    """One finding per probe rule, in the order of the rules; each fact is reported by one finding only."""
    found = [rule.finding(_on_probes(rule, evidence)) for rule in rules if isinstance(rule, ProbeRule)]
    return told_once(found, PROBE_STORIES)


def judge_log(evidence: RunEvidence, rules: Sequence[Rule]) -> list[Finding]:
    """One finding per log rule, in the order of the rules; each fact is reported by one finding only."""
    found = [rule.finding(_on_log(rule, evidence)) for rule in rules if isinstance(rule, LogRule)]
    return told_once(found, LOG_STORIES)


def judge_live(evidence: RunEvidence, vitals: Vitals, rules: Sequence[Rule], ended: bool = False) -> list[Finding]:
    """One finding for each rule that applies to a run in progress; after its end, all log rules."""
    found = []
    for rule in rules:
        if isinstance(rule, LiveRule):
            found.append(rule.finding(_live(rule, evidence, vitals, ended)))
        elif isinstance(rule, LogRule) and _speaks(rule, vitals, ended):
            found.append(rule.finding(_on_log(rule, evidence)))
    return told_once(found, LIVE_STORIES)


def _live(rule: LiveRule, evidence: RunEvidence, vitals: Vitals, ended: bool) -> Judgement:
    """The check of a run in progress; after its end, the log check if that detects something."""
    if ended and isinstance(rule, LogRule):
        judged = _on_log(rule, evidence)
        if judged.verdict == Verdict.DETECTED:
            return judged
    return _guarded(lambda: rule.check_live(evidence, vitals))


def _speaks(rule: LogRule, vitals: Vitals, ended: bool) -> bool:
    if ended or rule.while_running == "any_time":
        return True
    return rule.while_running == "level_rate" and not vitals.scheduled


def requested_rounds(findings: Sequence[Finding]) -> list[RoundName]:
    """Rounds that would settle open questions, in the order of the findings, each once."""
    names = [finding.judgement.requests_round for finding in findings]
    return list(dict.fromkeys(name for name in names if name is not None))


def urgent_rounds(findings: Sequence[Finding]) -> set[RoundName]:
    """Requested rounds that must run before all others."""
    asked = ((finding.judgement.requests_round, finding.judgement.urgent) for finding in findings)
    return {name for name, urgent in asked if name is not None and urgent}


def _on_probes(rule: ProbeRule, evidence: Evidence) -> Judgement:
    missing = [name for name in rule.requires if not was_run(evidence, name)]
    if missing:
        return inconclusive(f"needs the {missing[0]} round, which was not run", requests_round=missing[0])
    return rule.check(evidence)


def _on_log(rule: LogRule, evidence: RunEvidence) -> Judgement:
    """The judgement on a run; an error in a rule makes it inconclusive and does not affect others."""
    missing = [name for name in rule.requires_curves if not evidence.has(name)]
    if missing:
        return not_applicable(f"needs at least four values of a {_CURVES[missing[0]]}")
    return _guarded(lambda: rule.check_log(evidence))


def _guarded(check: Callable[[], Judgement]) -> Judgement:
    try:
        return check()
    except (ArithmeticError, ValueError, IndexError) as error:
        words = f"the numbers of this run could not be judged ({type(error).__name__})"
        return inconclusive(words, confidence="low")
