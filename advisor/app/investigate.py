"""The loop: rules say what is open, the first affordable round that settles it is run, until nothing is."""

from collections.abc import Collection, Sequence

from advisor.evidence.evidence import Evidence
from advisor.rules.base import ProbeRule
from advisor.rules.engine import judge, requested_rounds, urgent_rounds
from advisor.rules.finding import Finding
from advisor.search.rounds import ROUNDS, SearchRound
from advisor.search.runner import ProbeRunner

_MOST_ROUNDS = 40


def investigate(
    evidence: Evidence, runner: ProbeRunner, rules: Sequence[ProbeRule], only: Collection[str] = ()
) -> Evidence:
    """Runs rounds until no rule requests one that is still affordable. ``runner.latest`` follows, for an interrupt.

    Args:
        evidence: What is known.
        runner: Runs the probes.
        rules: Decide which rounds are run.
        only: Names of the rounds that may be run; empty means all.
    """
    runner.latest = evidence
    for _ in range(_MOST_ROUNDS):
        findings = judge(evidence, rules)
        if any(finding.judgement.blocking for finding in findings):
            break
        search_round = _next(evidence, runner, findings, only)
        if search_round is None or runner.late():
            break
        runner.observer.round_started(search_round, runner)
        evidence = search_round.run(evidence, runner)
        runner.latest = evidence
        runner.observer.round_ended(evidence, runner)
    return evidence


def _next(
    evidence: Evidence, runner: ProbeRunner, findings: Sequence[Finding], only: Collection[str]
) -> SearchRound | None:
    """The first round that a rule requests, that has probes left, and that is affordable; urgent ones before others."""
    names, first = set(requested_rounds(findings)), urgent_rounds(findings)
    for search_round in sorted(ROUNDS, key=lambda item: item.name not in first):
        if search_round.name not in names or (only and search_round.name not in only):
            continue
        specs = search_round.specs(evidence, runner)
        if specs and runner.affordable(specs):
            return search_round
    return None
