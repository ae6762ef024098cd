"""FT004."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import best_by_length, objective_text, shown
from advisor.evidence.round_name import RoundName
from advisor.fits.curve_shape import plateau
from advisor.fits.trend import still_falls
from advisor.logs.evidence import RunEvidence
from advisor.logs.queries import held, place, turned
from advisor.rules.base import LogRule, ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import number, share

_LONGER = 1.5
_SHORTEST = 0.2


class PlateauReached(ProbeRule, LogRule):
    """More training gives no further improvement.

    ## What it reads
    In probes: the best result at the two greatest lengths, and the noise between seeds. In logs: the first position
    after which the validation loss (else the training loss) improves by less than its noise.

    ## Why it matters
    The horizontal part of the curve is the aim of tuning; once it is reached, more steps are wasted.

    ## Sources
    S-R2 aims at a horizontal test loss. P-CV4: a plateau long before the end asks for fewer steps.

    ## Known limits
    Some tasks improve again after a long plateau, and always when the rate is lowered: a plateau under a rate that is
    still high does not predict the end of the schedule. Probes compare whole schedules, so a late fall within one
    run cannot hide, but their greatest length is a part of the full run.
    """

    code = "FT004"
    title = "A plateau is reached"
    passed = "No plateau is reached"
    neutral = "Whether a plateau is reached"
    severity = "info"
    confidence = "medium"
    requires = (RoundName.LADDER,)
    requires_curves = ("train",)
    while_running = "level_rate"
    sources = ("S-R2", "P-CV4")
    counterevidence = "a longer probe that improves beyond the noise"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if the last increase of length changed the objective by less than the noise."""
        best = best_by_length(evidence)
        if len(best) < 2 or best[-1][0] < _LONGER * best[-2][0]:
            return inconclusive("no two lengths far enough apart", requests_round=RoundName.LENGTH)
        if not math.isfinite(evidence.noise):
            return inconclusive("the noise was not measured", requests_round=RoundName.NOISE)
        (short, before), (long, after) = best[-2], best[-1]
        gain = evidence.cost(before) - evidence.cost(after)
        values = {"gain": gain, "noise": evidence.noise, "short": short, "long": long}
        text = (
            f"{objective_text(evidence)} {number(shown(evidence, evidence.cost(before)))} at {share(short)} and "
            f"{number(shown(evidence, evidence.cost(after)))} at {share(long)}, noise {number(evidence.noise)}"
        )
        if abs(gain) > evidence.noise:
            return not_detected(text, values=values)
        return detected(text, values=values, advice="A shorter run should do as well (EP003).")

    def check_log(self, evidence: RunEvidence) -> Judgement:
        """Detected if at least the last fifth of the run brought nothing beyond noise."""
        curve = evidence.val or evidence.train
        assert curve is not None
        if curve.fall == 0.0:
            return inconclusive(f"{curve.name} does not fall beyond noise")
        found, _ = turned(curve, evidence)
        if found is not None and found.turned:
            return not_detected(f"{curve.name} is past its minimum")
        start = plateau([1e4 * x for x in curve.x], curve.y, curve.noise)
        if (
            start is None
            or still_falls(curve.y, 0.4)[0]
            or start / 1e4 > 1.0 - _SHORTEST
            or not held(curve, start / 1e4)
        ):
            return not_detected(f"{curve.name} still changed in the last fifth of the run")
        text = f"{curve.name} is level at {number(curve.final)} from {place(start / 1e4)} on"
        if evidence.schedule.unfinished:
            return inconclusive(f"{text}, but the rate was still high")
        return detected(
            text,
            values={"from": start / 1e4, "noise": curve.noise},
            advice="A shorter run should do as well (EP003), or a lower rate from there on may do better.",
        )
