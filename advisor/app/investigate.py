"""The search loop: runs the first affordable round that a rule requests, until there is none."""

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
    """Runs rounds until no rule requests an affordable one. ``runner.latest`` is kept up to date for interrupts.

    Args:
        evidence: The evidence so far.
        runner: Runs the probes.
        rules: Rules that request rounds.
        only: Names of the allowed rounds; all if empty.
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
    """The first requested round that has probes left and is affordable; urgent ones first."""
    names, first = set(requested_rounds(findings)), urgent_rounds(findings)
    for search_round in sorted(ROUNDS, key=lambda item: item.name not in first):
        if search_round.name not in names or (only and search_round.name not in only):
            continue
        specs = search_round.specs(evidence, runner)
        if specs and runner.affordable(specs):
            return search_round
    return None
