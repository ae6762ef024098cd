"""FT005."""

import math
from collections.abc import Sequence

from advisor.evidence.evidence import Arm, Evidence
from advisor.evidence.queries import can_widen, far_below_divergence, first_loss, ladder, was_run
from advisor.rules.base import Rule
from advisor.rules.finding import Judgement, cannot_tell, detected, not_detected
from advisor.utils.numbers import number, rate, share

_ALIKE = 3
_APART = 10.0
_EARLIEST = 20
_WITHIN = 10
_LEAST = 0.005
_CLEAR, _NOTHING = 3.0, 0.5
_CHANCE = 4.0


class NothingLearned(Rule):
    """Every probe diverged, or none predicts better than a guess that ignores the inputs.

    ## What it reads
    The lowest validation loss over all cycles and all looks at them, against that of the best constant
    prediction; and accuracy, where it is known, against that of always naming the most frequent class.

    ## Why it matters
    No setting can be advised for a model that learns nothing: the ranking of the settings would be noise.
    Labels that do not belong to their inputs look exactly like this.

    ## Sources
    P-INIT asks for a result clearly better than chance before tuning. K-BASE compares with a model that
    sees no inputs. P-SS2: where most trials fail, look for a bug.

    ## Known limits
    Only rates within the widened ladder, and lengths up to an eighth of the run or a little more, are
    looked at: a task that starts to learn late (parity, modular arithmetic) would be stopped wrongly.
    """

    code = "FT005"
    title = "The model learns nothing from these data"
    passed = "The model learns more than a guess"
    severity = "fault"
    confidence = "high"
    requires = ("preflight", "ladder")
    sources = ("P-INIT", "K-BASE", "P-SS2")
    doubt = "one full run that ends below the loss of a guess"

    def check(self, evidence: Evidence) -> Judgement:
        """Stops only if the best rung is inside the ladder and a longer probe has failed as well."""
        cycles = evidence.cycles
        done = [arm for arm in cycles if arm.trace.status == "finished" and math.isfinite(arm.trace.final_val_loss)]
        if not done:
            return _all_failed(evidence)
        best = min(done, key=_lowest)
        base = evidence.preflight.baseline_loss if evidence.preflight else math.nan
        known = math.isfinite(base)
        base = base if known else first_loss(best)
        gain = base - _lowest(best)
        error = best.trace.val_loss_se if math.isfinite(best.trace.val_loss_se) else 0.0
        accuracy, chance = _accuracy(evidence, done)
        values = {"best": _lowest(best), "baseline": base, "gain": gain, "standard_error": error,
                  "accuracy": accuracy, "chance": chance}  # fmt: skip
        what = "the best constant prediction" if known else "the first training losses"
        text = f"lowest validation loss {number(_lowest(best))}, {what} {number(base)}"
        if accuracy is not None and chance is not None:
            text += f"; accuracy {accuracy:.1%}, the most frequent class alone {chance:.1%}"
            if accuracy > chance + _CHANCE * math.sqrt(chance * (1 - chance) / best.spec.eval_examples):
                return not_detected(text, values=values)
        if gain > max(_CLEAR * error, _LEAST * abs(base)):
            return not_detected(text, values=values)
        open_question = _open(evidence)
        if open_question is not None:
            return cannot_tell(f"{text}, so far", values=values, wants=open_question, presses=open_question == "length")
        if gain > max(_NOTHING * error, _LEAST * abs(base)):
            return cannot_tell(f"{text}: better, but within three standard errors ({number(error)})", values=values)
        rates = [arm.spec.lr for arm in done]
        after = f"{text}, after {len(done)} runs at rates from {rate(min(rates))} to {rate(max(rates))}"
        edge = _edge(evidence)
        if edge:
            return detected(
                f"{after}; the {edge} of them does best, and the search ended there",
                values=values,
                confidence="medium",
                advice=f"Rates {'below' if edge == 'lowest' else 'above'} these may still work: normalise the "
                "inputs first (PF005), then repeat.",
            )
        fitted = min(arm.trace.final_train_loss for arm in done)
        also = f"; training falls to {number(fitted)} by memorising" if 0 < fitted < 0.7 * base else ""
        return detected(
            f"{after}, the longest {share(max(arm.length for arm in done))}{also}",
            values=values,
            advice="The labels may be shuffled, or the inputs may carry no information about them: look at some "
            "examples with their labels, in training and in validation data.",
            stops=True,
        )


def _lowest(arm: Arm) -> float:
    return min((loss for loss in arm.trace.val_loss if math.isfinite(loss)), default=math.inf)


def _edge(evidence: Evidence) -> str:
    """At which end of the ladder the best rung stands; empty if inside."""
    response = ladder(evidence)
    verdict = response.verdict if response else ""
    return {"edge_low": "lowest", "edge_high": "highest"}.get(verdict, "")


def _open(evidence: Evidence) -> str | None:
    """The round that could still show learning."""
    response = ladder(evidence)
    edge = response is not None and response.verdict in ("edge_low", "edge_high", "unmeasured")
    if response is not None and (edge or far_below_divergence(response)) and can_widen(evidence):
        return "ladder_wider"
    longer = was_run(evidence, "zoom") or was_run(evidence, "length")
    return None if longer else "length"


def _accuracy(evidence: Evidence, done: list[Arm]) -> tuple[float | None, float | None]:
    """Best accuracy seen and that of the most frequent class; None where it is not accuracy, or not known."""
    metric = evidence.facts.get("metric") or {}
    error = (evidence.profile.get("data") or {}).get("chance_error")
    seen = [value for arm in done for value in arm.trace.val_metric if math.isfinite(value)]
    if not seen or metric.get("from_user", True) or error is None:
        return None, None
    return max(seen), 1.0 - float(error)


def _all_failed(evidence: Evidence) -> Judgement:
    cycles = evidence.cycles
    if not cycles:
        return cannot_tell("no run was made")
    broke = [arm for arm in cycles if arm.trace.diverged]
    reasons = sorted({arm.trace.reason for arm in cycles if arm.trace.reason})
    lowest = min(arm.spec.lr for arm in cycles)
    values = {"cycles": len(cycles), "diverged": len(broke), "lowest_rate": lowest, "reasons": reasons}
    text = f"none of {len(cycles)} runs finished, down to a rate of {rate(lowest)} ({'; '.join(reasons[:2])})"
    place = breaks_at_one_place(cycles)
    if place is not None:
        return detected(
            f"{text}; each broke near step {place}, whatever its rate",
            values={**values, "step": place},
            advice=f"The rate is not the cause: look at what model, loss or data do around training step {place}.",
            stops=True,
        )
    if broke and can_widen(evidence):
        return cannot_tell(text, values=values, wants="ladder_wider")
    return detected(
        text,
        values=values,
        advice="Look for what makes the loss explode at any rate: inputs or targets out of range, a loss that sums "
        "over the batch, weights drawn too large."
        if broke
        else "Repair the error first.",
        stops=True,
    )


def breaks_at_one_place(cycles: Sequence[Arm]) -> int | None:
    """The step near which all runs became non-finite, over rates an order of magnitude apart; None if there is none."""
    broke = [arm for arm in cycles if arm.trace.diverged and "finite" in arm.trace.reason and arm.trace.step]
    if len(broke) < _ALIKE or len(broke) < len(cycles):
        return None
    rates, ends = [arm.spec.lr for arm in broke], [_first_not_finite(arm) for arm in broke]
    if max(rates) < _APART * min(rates) or min(ends) <= _EARLIEST or max(ends) - min(ends) > _WITHIN:
        return None
    return ends[0]


def _first_not_finite(arm: Arm) -> int:
    pairs = zip(arm.trace.step, arm.trace.train_loss, strict=True)
    return next((step for step, loss in pairs if not math.isfinite(loss)), arm.trace.step[-1])
