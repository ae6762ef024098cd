"""Converts the facts read in a script to a judgement, shared by all rules of the family."""

from advisor.evidence.evidence import Evidence
from advisor.records.loop import LoopFault
from advisor.rules.finding import Judgement, detected, not_applicable, not_detected


def judged(evidence: Evidence, fault: LoopFault, says: str, advice: str) -> Judgement:
    """Detected with the line of the first fact of a kind.

    Args:
        evidence: The evidence.
        fault: The kind of fact.
        says: Its consequence; ``{detail}`` stands for what the fact concerns.
        advice: The repair.
    """
    if evidence.loop is None:
        return not_applicable("no script with a training loop was read")
    found = evidence.loop.of(fault)
    if not found:
        return not_detected(f"not in the loop of line {evidence.loop.line}")
    first = found[0]
    return detected(
        f"line {first.line}, `{first.source}`: {says.format(detail=first.detail)}",
        values={"line": first.line, "detail": first.detail, "count": len(found)},
        advice=advice,
    )
