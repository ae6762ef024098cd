"""Statements before the findings of a run: that it cannot be judged, what is visible, or that nothing is wrong."""

from collections.abc import Sequence

from advisor.logs.evidence import Curve, RunEvidence
from advisor.logs.visible import blew_up, change, few_looks, goes_on, never_better
from advisor.rules.finding import Finding, Verdict

_FEWEST = 5
_SAID_ELSEWHERE = ("nothing was held out", "the training loss does not fall")
NOTHING_WRONG = "nothing wrong was found"
SOUND_ENOUGH = "nothing that calls for a change was found"
_NOT_SOUND = {"FT003", "FT007", "EP005"}
"""Findings of severity info beside which a run is not called sound: they state the reason."""


def opening(evidence: RunEvidence, findings: Sequence[Finding]) -> tuple[str, ...]:
    """Sentences in order of importance; empty where a finding covers it.

    "Nothing wrong" is stated only if something could be judged: a training loss that fell, and held-out data
    with at least five evaluations.
    """
    said: list[str] = []
    few = few_looks(evidence)
    if few:
        said.append(few)
    said += [f"unknown: {text}" for text in _open(findings)]
    told = blew_up(evidence)
    if told:
        said.append(told)
    if not evidence.comparable and evidence.train is not None and evidence.val is not None:
        said.append(
            f"{evidence.train.name} and {evidence.val.name} are not on one scale (a sum over batches against a mean?): "
            "no gap is read from them"
        )
    spoken = [item for item in findings if item.judgement.verdict == Verdict.DETECTED]
    serious = [item for item in spoken if item.severity != "info"]
    unseen = _unseen(evidence)
    if not few and not said and (not serious or unseen) and not any(item.severity == "fault" for item in serious):
        said.append(unseen or _verdict(evidence, bool(spoken)))
    unsound = {item.code for item in spoken} & _NOT_SOUND
    return tuple(text for text in said if not (unsound and text == SOUND_ENOUGH))


def _held(evidence: RunEvidence) -> Curve | None:
    """The held-out curve: the validation loss, else a metric whose name says so."""
    return evidence.val or (None if evidence.metric_unsaid else evidence.metric)


def _unseen(evidence: RunEvidence) -> str:
    """Statement that there is no held-out data; empty if there is."""
    if _held(evidence) is not None:
        return ""
    if evidence.metric is not None:
        return (
            f"{evidence.metric.name} does not say which data it was measured on, and nothing else was held out, so "
            f"whether it generalises is unknown; {change(evidence.metric)}"
        )
    seen = f"; {change(evidence.train)}" if evidence.train is not None else ""
    return f"nothing was held out, so whether it generalises is unknown{seen}"


def _verdict(evidence: RunEvidence, some: bool) -> str:
    held = _held(evidence)
    assert held is not None
    if len(held.raw) < _FEWEST:
        return f"{len(held.raw)} evaluations of {held.name}: too few to call it sound; {change(held)}"
    if evidence.train is None and evidence.run.paradigm == "supervised":
        return f"no training loss was logged, so only {held.name} was judged; {change(held)}"
    if never_better(evidence):
        return (
            f"{held.name} never improves beyond noise in {len(held.raw)} evaluations: it had converged before "
            f"the first of them, or nothing that generalises was learned; {change(held)}"
        )
    if goes_on(evidence):
        high = ", with the rate still high" if evidence.schedule.varies else ""
        return f"{held.name} was still improving when the run ended{high}: its final value is unknown"
    return SOUND_ENOUGH if some else NOTHING_WRONG


def _open(findings: Sequence[Finding]) -> list[str]:
    """Inconclusive results of the rules that decide whether a run can be trusted."""
    silent = {"FT005", "FT002", "FT008"}
    open_ = [item for item in findings if item.code in silent and item.judgement.verdict == Verdict.INCONCLUSIVE]
    texts = [item.judgement.text for item in open_ if "too few" not in item.judgement.text]
    return [text for text in texts if not text.startswith(_SAID_ELSEWHERE)]
