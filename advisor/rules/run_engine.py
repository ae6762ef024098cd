"""Runs the rules over a run: one that breaks on unusual numbers says so and stops no other."""

from collections.abc import Sequence

from advisor.logs.evidence import RunEvidence, evidence_of
from advisor.logs.run import Run
from advisor.rules.finding import Finding, cannot_tell
from advisor.rules.registry import chosen, third_party
from advisor.rules.run_rules import RUN_RULES, RunRule


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
            findings.append(rule.read(evidence))
        except (ArithmeticError, ValueError, IndexError) as error:
            words = f"the numbers of this run could not be judged ({type(error).__name__})"
            findings.append(rule.finding(cannot_tell(words, confidence="low")))
    return evidence, findings
