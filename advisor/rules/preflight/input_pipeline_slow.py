"""PF010."""

import math

from advisor.evidence.batch_size import present_row
from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.logs.evidence import RunEvidence
from advisor.records.vitals import Vitals
from advisor.rules.base import LiveRule, ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_applicable, not_detected

_SHARE = 0.5
_LEAST = 1e-3
_ADVICE = (
    "Give the DataLoader workers (num_workers) and pin_memory, keep data in memory, or do costly transforms once "
    "beforehand."
)


class InputPipelineSlow(ProbeRule, LiveRule):
    """Most of a training step is spent waiting for data.

    ## What it reads
    The time in which the training data deliver a batch without training in between, compared with the time of a
    training step at the current batch size. In a run in progress: the time between the end of a step and the next call
    of the model, on a GPU only if it is idle.

    ## Why it matters
    If training waits for data, neither a faster device nor a larger batch makes it faster.

    ## Sources
    P-BS3: if doubling the batch does not nearly double the throughput, look for a bottleneck, the input pipeline
    first.

    ## Known limits
    A batch that arrives within a millisecond is never blamed. A loader whose workers prefetch hides its time behind
    training; it counts only as far as it is slower than the step. Times are of this machine, and of a few batches.
    """

    code = "PF010"
    title = "Training waits for its input pipeline"
    passed = "The input pipeline keeps up"
    neutral = "Speed of the input pipeline"
    severity = "advice"
    confidence = "medium"
    requires = (RoundName.PREFLIGHT,)
    sources = ("P-BS3",)
    counterevidence = "a profile of a whole epoch on an idle machine"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if loading a batch takes a millisecond or more, and half of a step."""
        batch = evidence.profile.batch
        if batch is None:
            return inconclusive("no step was timed")
        step, fetch = present_row(evidence).step_seconds or math.nan, batch.fetch_seconds or math.nan
        if not math.isfinite(step) or not math.isfinite(fetch):
            return inconclusive("no step was timed")
        part = min(1.0, fetch / step)
        text = f"a batch takes {1e3 * fetch:.2g} ms to fetch, a training step {1e3 * step:.2g} ms in all"
        values = {"fetch_seconds": fetch, "step_seconds": step, "share": part}
        if part < _SHARE or fetch < _LEAST:
            return not_detected(text, values=values)
        return detected(
            f"{text}: {part:.0%} of it is waiting",
            values=values,
            advice=_ADVICE,
        )

    def check_live(self, evidence: RunEvidence, vitals: Vitals) -> Judgement:
        """The same for the steps of a run in progress."""
        share, seconds = vitals.wait_share, vitals.wait_seconds
        if not math.isfinite(share):
            return not_applicable("the time between steps was not measured")
        text = (
            f"{1e3 * seconds:.2g} ms of a step, {share:.0%} of it, pass between its end and the next call of the model"
        )
        values = {"wait_seconds": seconds, "share": share}
        if share < _SHARE or seconds < _LEAST:
            return not_detected(text, values=values)
        return detected(text, values=values, advice=_ADVICE)
