"""FT004."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import best_by_length, objective_text, shown
from advisor.rules.base import Rule
from advisor.rules.finding import Judgement, cannot_tell, detected, not_detected
from advisor.utils.numbers import number, share

_LONGER = 1.5


class PlateauReached(Rule):
    """Probes of greater length do no better any more.

    ## What it reads
    The best result at the two greatest lengths, and the noise between seeds.

    ## Why it matters
    The horizontal part of the curve is the aim of tuning; once it is reached, more steps are wasted.

    ## Sources
    S-R2 aims at a horizontal test loss. P-CV4: a plateau long before the end asks for fewer steps.

    ## Known limits
    Whole schedules are compared, so a late fall within one run cannot hide; but the greatest length is
    still a part of the full run, and some tasks improve again after a long plateau.
    """

    code = "FT004"
    title = "A plateau is reached"
    passed = "Longer probes still do better, or worse"
    severity = "info"
    confidence = "medium"
    requires = ("ladder",)
    sources = ("S-R2", "P-CV4")
    doubt = "a longer probe that improves beyond the noise"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if the last increase of length changed the objective by no more than the noise."""
        best = best_by_length(evidence)
        if len(best) < 2 or best[-1][0] < _LONGER * best[-2][0]:
            return cannot_tell("no two lengths far enough apart", wants="length")
        if not math.isfinite(evidence.noise):
            return cannot_tell("the noise was not measured", wants="noise")
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
