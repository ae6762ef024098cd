"""WD003."""

import math

from advisor.config.total_decay import PRIOR
from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import figures_of, noise_text, objective_text, shown
from advisor.evidence.round_name import RoundName
from advisor.fits import at_stake
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import number, share


class DecayNotTheBest(ProbeRule):
    """Another weight decay does better than the one in use.

    ## What it reads
    Copies of the run at other total decays than the prior (WD008), same rate, seed, data and batches. Weight decays are
    given as for the full run.

    ## Why it matters
    Weight decay is the setting that balances all other regularisation, the learning rate's included.

    ## Sources
    S-WD1 and S-WD3: a small grid, and one significant figure is enough. S-WD5: compare under the schedule
    that will be used, as the best value depends on it.

    ## Known limits
    Short runs overfit less than long ones and so prefer too little decay (P-TR counts regularisation among
    what may not transfer). The rate is not tuned again for each value.
    """

    code = "WD003"
    title = "Another weight decay does better"
    passed = "No other weight decay on the grid does better beyond the noise"
    neutral = "Weight decay in use against the others on the grid"
    severity = "advice"
    confidence = "medium"
    requires = (RoundName.DECAY,)
    sources = ("S-WD1", "S-WD3", "S-WD5", "P-TR")
    counterevidence = "longer runs, which overfit more, that prefer another value"

    def check(self, evidence: Evidence) -> Judgement:
        """Sets the weight decay that the rounds chose."""
        response = evidence.response("weight_decay")
        finite = response.finite if response else ()
        if response is None or len(finite) < 2:
            return inconclusive("fewer than two weight decays finished")
        chosen = evidence.choice.weight_decay
        given = evidence.current.optimizer.get("weight_decay")
        present = float(given) if given is not None else None
        mine = f"{present:g}" if present is not None else "the optimizer's default"
        table = ", ".join(f"{point.value:g}: {number(shown(evidence, point.loss))}" for point in finite)
        text = f"{objective_text(evidence)} at {share(response.length)} by weight decay {table}{noise_text(evidence)}"
        best = min(finite, key=lambda point: point.loss).value
        worth = at_stake(response, present, best) if present is not None else None
        values = {"chosen": chosen, "current": present, "at_stake": worth, "noise": evidence.noise}
        figures, settings = figures_of(evidence, "weight_decay"), {"weight_decay": chosen}
        if evidence.total_decay in (None, PRIOR):
            return not_detected(f"{text}; the prior stays", values=values, figures=figures, settings=settings)
        if math.isclose(chosen, evidence.current_settings.weight_decay, rel_tol=0.05):
            return not_detected(f"{text}; {mine} stays", values=values, figures=figures, settings=settings)
        costs = f"; {mine} costs {number(worth)} more" if worth is not None and worth > 0 else f"; {mine} is in use"
        return detected(
            text + costs,
            values=values,
            figures=figures,
            settings=settings,
            confidence=None if math.isfinite(evidence.noise) else "low",
            advice=f"Change weight decay from {mine} to {chosen:g}.",
        )
