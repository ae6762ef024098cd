"""FT001."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import best_by_length, gap_of, loss_noise, objective_text, shown, start_loss
from advisor.rules.base import Rule
from advisor.rules.finding import Judgement, cannot_tell, detected, not_detected
from advisor.utils.numbers import number, share

_SMALL_GAP = 0.1


class Underfitting(Rule):
    """Longer probes still do better, and the training loss is no lower than the validation loss.

    ## What it reads
    The best result at each length of probe, and the gap between validation and training loss at the longest.

    ## Why it matters
    Such a run is limited by how much it trains, not by what it can generalise: more steps, a larger model or
    less regularisation will help, and a shorter run will hurt.

    ## Sources
    S-D2: a test loss that keeps falling. P-CV3: a run that improves to its end is limited by computing.

    ## Known limits
    Probes are parts of the full run, so most healthy tasks underfit there: it tells where the probes stand,
    and the full run may not. With dropout or augmentation the training loss is too high where it could only
    be read from the training batches.
    """

    code = "FT001"
    title = "The longest probe still underfits"
    passed = "The longest probe does not underfit"
    severity = "info"
    confidence = "medium"
    requires = ("ladder",)
    sources = ("S-D2", "P-CV3")
    doubt = "a longer probe that does no better"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if length helps beyond noise and the gap is below a tenth of what was learned."""
        best = best_by_length(evidence)
        if len(best) < 2:
            return cannot_tell("probes of one length only", wants="length")
        (short, before), (long, after) = best[-2], best[-1]
        gain = evidence.cost(before) - evidence.cost(after)
        gap, learned = gap_of(after), start_loss(evidence, after) - after.trace.final_val_loss
        noise = loss_noise(evidence, after)
        values = {"gain": gain, "gap": gap, "short": short, "long": long, "noise": noise}
        text = (
            f"{objective_text(evidence)} {number(shown(evidence, evidence.cost(before)))} at {share(short)}, "
            f"{number(shown(evidence, evidence.cost(after)))} at {share(long)}; validation less training loss "
            f"{number(gap)} there"
        )
        limit = max(2 * noise, _SMALL_GAP * learned) if math.isfinite(learned) else 2 * noise
        threshold = 2 * evidence.noise if math.isfinite(evidence.noise) else noise
        if gain > threshold and gap <= limit:
            return detected(text, values=values, figures=("curves",),
                            advice="Do not shorten the run; a longer one or a larger model may do "
                            "better still.")  # fmt: skip
        return not_detected(text, values=values, figures=("curves",))
