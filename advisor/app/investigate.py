"""The loop: rules say what is open, the first affordable round that settles it is run, until nothing is."""

from collections.abc import Collection, Sequence

from advisor.evidence.evidence import Evidence
from advisor.rules.base import ProbeRule
from advisor.rules.engine import judge, requested_rounds, urgent_rounds
from advisor.rules.finding import Finding
from advisor.search.rounds import ROUNDS, Probing
from advisor.search.runner import Lab

_MOST_ROUNDS = 40


def investigate(evidence: Evidence, lab: Lab, rules: Sequence[ProbeRule], only: Collection[str] = ()) -> Evidence:
    """Runs rounds until no rule requests one that is still affordable. ``lab.latest`` follows, for an interrupt.

    Args:
        evidence: What is known.
        lab: Runs the probes.
        rules: Decide which rounds are run.
        only: Names of the rounds that may be run; empty means all.
    """
    lab.latest = evidence
    for _ in range(_MOST_ROUNDS):
        findings = judge(evidence, rules)
        if any(finding.judgement.blocking for finding in findings):
            break
        probing = _next(evidence, lab, findings, only)
        if probing is None or lab.late():
            break
        lab.observer.round_started(probing, lab)
        evidence = probing.run(evidence, lab)
        lab.latest = evidence
        lab.observer.round_ended(evidence, lab)
    return evidence


def _next(evidence: Evidence, lab: Lab, findings: Sequence[Finding], only: Collection[str]) -> Probing | None:
    """The first round that a rule requests, that has probes left, and that is affordable; urgent ones before others."""
    names, first = set(requested_rounds(findings)), urgent_rounds(findings)
    for probing in sorted(ROUNDS, key=lambda item: item.name not in first):
        if probing.name not in names or (only and probing.name not in only):
            continue
        specs = probing.specs(evidence, lab)
        if specs and lab.affordable(specs):
            return probing
    return None
