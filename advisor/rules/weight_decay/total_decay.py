"""WD008."""

from advisor.config.total_decay import PRIOR
from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import figures_of, objective_text, shown
from advisor.evidence.round_name import RoundName
from advisor.evidence.weight_decay import advised_total, present_total
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, not_applicable, not_detected
from advisor.utils.numbers import number, times

_SAME = 2.0


class TotalDecay(ProbeRule):
    """Weight decay does not suit the length of the run: total decay is far from the best.

    ## What it reads
    Total decay (effective rate times weight decay times steps) of the settings in use and of the recommended ones, and
    the copies at other totals. It is the number of e-foldings by which decay alone would shrink the weights.

    ## Why it matters
    A weight decay that suits one rate and length is far too small or too large at another: torch's default of 0.01 for
    AdamW is a hundredth of what a short run needs.

    ## Sources
    WD-T: the timescale of AdamW's averaging, in epochs, is what transfers between sizes of model and data. S-WD2 lets
    decay fall with the complexity of the data, S-WD5 with how much the schedule regularises.

    ## Known limits
    The prior of 2.5 is within 5.5 % of the best on 13 small tasks; other kinds of data may need another. L2 inside an
    adaptive optimizer (Adam) does not shrink the weights at a known rate: it has no total decay; use AdamW.
    """

    code = "WD008"
    title = "Weight decay does not suit the length of the run"
    passed = "Weight decay suits the length of the run"
    neutral = "Weight decay for the length of the run"
    severity = "advice"
    confidence = "medium"
    requires = (RoundName.LADDER,)
    sources = ("WD-T", "S-WD2", "S-WD5")
    counterevidence = "full runs at other totals"

    def check(self, evidence: Evidence) -> Judgement:
        """Sets the weight decay that gives the recommended total."""
        mine, total = present_total(evidence), advised_total(evidence)
        name, own = evidence.choice.optimizer, evidence.current_settings.weight_decay
        if total is None or mine is None:
            l2 = f"; its {own:g} is L2 inside {name}" if own else ""
            return not_applicable(f"{name} has no total decay{l2}")
        chosen = evidence.choice.weight_decay
        values = {"current_total": mine, "total": total, "weight_decay": chosen, "prior": PRIOR}
        figures, settings = figures_of(evidence, "weight_decay"), {"weight_decay": chosen}
        text = f"total decay {mine:.2g} in use (weight decay {own:g}), advised {total:.2g}"
        response = evidence.response("weight_decay")
        if response is not None and len(response.finite) > 1:
            table = ", ".join(f"{point.value:g}: {number(shown(evidence, point.loss))}" for point in response.finite)
            text += f"; {objective_text(evidence)} of copies by weight decay of the full run {table}"
        else:
            text += ", the prior"
        if total / _SAME <= mine <= total * _SAME:
            return not_detected(text, values=values, figures=figures, settings=settings)
        how = f"{times(total / mine)} times as much" if mine > 0 else "where there is none"
        return detected(
            text,
            values=values,
            figures=figures,
            settings=settings,
            advice=f"Set weight decay to {chosen:g} for the advised rate and length ({how}).",
        )
