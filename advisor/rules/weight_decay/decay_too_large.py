"""WD001."""

import math
from dataclasses import replace

from advisor.config.total_decay import has_total_decay
from advisor.evidence.comparison import confirmed
from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import noise_of, shown, was_run
from advisor.evidence.round_name import RoundName
from advisor.evidence.weight_decay import advised_total, asks_for_less, decay_pull, present_total, weights_shrank
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, Verdict, detected, inconclusive, not_applicable, not_detected
from advisor.rules.weight_decay._compare import better_beside
from advisor.utils.numbers import number, times

_OUTWEIGHS = 0.5
_NOTHING = 0.98
_URGENT = 0.25  # pull of L2 inside an adaptive optimizer from which on it is compared before anything else
_FAR, _HALF = 3.0, 0.5
_CLEAR = 0.05  # relative improvement that less L2 must give on one copy


class DecayTooLarge(ProbeRule):
    """Weight decay holds the model back: a smaller one ends lower.

    ## What it reads
    Copies at several weight decays: the loss at the current one, and the lowest among smaller ones; for L2 inside an
    adaptive optimizer, the current settings with all of it and with a hundredth. If, with the current settings, the
    decay term (decay times weights) is at least half of the gradient norm and nothing is learned at any rate, no
    comparison is needed.

    ## Why it matters
    Too much decay underfits, and it lowers the largest stable learning rate as well.

    ## Sources
    S-D3 and S-LR6: large values cap the learning rate; S-R6 calls decay the knob that balances it.
    S-WD5: the more the schedule regularises, the smaller the best decay.

    ## Known limits
    Short runs overfit less than long ones, so they show too much decay sooner than too little.
    """

    code = "WD001"
    title = "Weight decay is too large"
    passed = "Weight decay is not too large"
    neutral = "Whether weight decay is too large"
    severity = "advice"
    confidence = "medium"
    requires = (RoundName.LADDER,)
    sources = ("S-D3", "S-LR6", "S-R6", "S-WD5")
    counterevidence = "longer runs in which the current value does as well"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if a smaller value on the grid ends lower beyond the noise."""
        if not evidence.current_given:
            return not_applicable("no current settings to judge")
        held = _held_at_nothing(evidence)
        if held is not None:
            return held
        far = _far_above(evidence)
        if far is not None:
            return far
        if not was_run(evidence, RoundName.DECAY):
            return _not_compared(evidence)
        found = better_beside(evidence, smaller=True)
        if found.verdict != Verdict.DETECTED or has_total_decay(evidence.choice.optimizer):
            return found
        return _l2_alone(evidence, found)


def _l2_alone(evidence: Evidence, found: Judgement) -> Judgement:
    """If only the decay of the current settings was changed: detected if the gain is clear."""
    if found.values["gain"] < _CLEAR * abs(evidence.cost(evidence.of_round(RoundName.CONFIRM)[0])):
        return not_detected(found.text, values=found.values, figures=found.figures)
    better, name = found.values["better"], evidence.choice.optimizer
    return replace(
        found,
        text=f"current settings but for L2 inside {name}: {found.text}",
        advice=f"Set weight decay to {better:g}, or use AdamW, whose decay leaves the gradients alone.",
        alone=True,
    )


def _far_above(evidence: Evidence) -> Judgement | None:
    """Detected if total decay is at least three times the recommended one, and the settings in use do far worse."""
    mine, total, pair = present_total(evidence), advised_total(evidence), confirmed(evidence)
    if not mine or not total or pair is None or mine < _FAR * total:
        return None
    own, best = (evidence.cost(arm) for arm in pair)
    if own - best <= max(noise_of(evidence), _HALF * abs(own)):
        return None
    return detected(
        f"total decay {mine:.3g} in use is {times(mine / total)} times the advised {total:.2g}; in the same run the "
        f"settings in use reach {number(shown(evidence, own))}, others {number(shown(evidence, best))}",
        values={"total": mine, "advised_total": total, "present": own, "best": best},
        confidence="low",
        advice="Lower weight decay (WD008 says to which value): at this size it keeps the weights near 0.",
    )


def _held_at_nothing(evidence: Evidence) -> Judgement | None:
    """Detected if decay term and gradient are about equal, the weights shrink, and no run beats a constant prediction.

    In a well-trained model they balance at the end as well, but it has learned something by then.
    """
    pull, baseline = decay_pull(evidence), evidence.preflight.baseline_loss if evidence.preflight else math.nan
    best = min((arm.trace.final_val_loss for arm in evidence.cycles), default=math.inf)
    if not weights_shrank(evidence):
        return None
    if not (pull >= _OUTWEIGHS and baseline > 0 and _NOTHING * baseline <= best < math.inf):
        return None
    present = evidence.current_settings.weight_decay
    return detected(
        f"at weight decay {present:g} the decay term is {pull:.2g} × the gradient norm, and the lowest "
        f"validation loss is {number(best)}, where a constant prediction has {number(baseline)}",
        values={"weight_decay": present, "pull": pull, "best": best, "guess": baseline},
        advice=f"Lower weight decay from {present:g} to a hundredth of it or to 0, then diagnose again.",
    )


def _not_compared(evidence: Evidence) -> Judgement:
    """Requests the comparison."""
    if asks_for_less(evidence) and not was_run(evidence, RoundName.LESS_DECAY):
        return inconclusive(
            "the current settings beat the copies, which decay more", requests_round=RoundName.LESS_DECAY
        )
    pull = decay_pull(evidence)
    text = "other weight decays were not compared"
    if math.isnan(pull):
        return inconclusive(text, requests_round=RoundName.DECAY)
    text += f"; the decay term is {pull:.2g} × the gradient norm"
    urgent = pull >= _URGENT and not has_total_decay(evidence.choice.optimizer)
    return inconclusive(text, values={"pull": pull}, requests_round=RoundName.DECAY, urgent=urgent)
