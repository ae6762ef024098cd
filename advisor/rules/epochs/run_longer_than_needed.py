"""EP003."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.length import advised_epochs, length_text, length_values
from advisor.evidence.queries import figures_of
from advisor.evidence.round_name import RoundName
from advisor.fits.curve_shape import plateau
from advisor.fits.trend import still_falls
from advisor.logs.evidence import RunEvidence
from advisor.logs.queries import ends, held, metric_after, place, turned
from advisor.rules.base import LogRule, ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected

_FAR = 0.2
_LONG = 0.6
_LOG_FAR = 0.2
_AT_END = 0.95


class RunLongerThanNeeded(ProbeRule, LogRule):
    """A part of the epochs in use gives the same result, or a better one.

    ## What it reads
    In probes: which limit applies to the best rate (LR011). If it is what the run can fit, half or a quarter of it does
    as well at a rate that keeps rate times steps; shorter runs on all data are used if they were affordable.
    In logs: the first position after which the validation loss (else the training loss) improves by less than its
    noise, or its minimum where it rises again.

    ## Why it matters
    Epochs beyond the best length cost time, and where the model overfits they cost quality too.

    ## Sources
    P-CV4: a plateau long before the end asks for fewer steps. S-R4: the least compute for the best result.
    P-ST1 reads the length from where the best checkpoint falls. P-ST3: with the best checkpoint kept, the extra length
    only costs time.

    ## Known limits
    Below a fifth of the run it is EP001. If no shorter run on all data was affordable, the limit is read from copies
    alone. In a log a plateau under a rate that is still high may be caused by the rate.
    """

    code = "EP003"
    title = "The run is longer than it needs to be"
    passed = "The run is not longer than it needs to be"
    neutral = "Whether the run is longer than it needs to be"
    severity = "advice"
    confidence = "medium"
    requires = (RoundName.LADDER,)
    requires_curves = ("train",)
    sources = ("P-CV4", "S-R4", "P-ST1", "P-ST3")
    counterevidence = "a full run that ends lower than this shorter one"

    def check(self, evidence: Evidence) -> Judgement:
        """Sets the epochs; below a fifth of them EP001 reports it."""
        text = length_text(evidence)
        if evidence.limit is None:
            return inconclusive(text, settings={"epochs": evidence.current.epochs})
        values, new = length_values(evidence), advised_epochs(evidence)
        figures = figures_of(evidence, "epochs")
        if new >= evidence.current.epochs:
            return not_detected(text, values=values, figures=figures, settings={"epochs": evidence.current.epochs})
        if evidence.length <= _FAR:
            return not_detected(f"{text}; far too long, which is EP001", values=values, figures=figures)
        return detected(
            f"{text}: {evidence.length:.0%} of the epochs in use should do",
            values=values,
            figures=figures,
            settings={"epochs": new},
            advice=f"Change epochs from {evidence.current.epochs} to {new}, with the schedule compressed to fit.",
        )

    def check_log(self, evidence: RunEvidence) -> Judgement:
        """Detected if nothing was gained in at least the last 40 % of the run."""
        curve = evidence.val or evidence.train
        assert curve is not None
        found, at = turned(curve, evidence)
        if curve.fall == 0.0 and not (found is not None and found.turned):
            return inconclusive(f"{curve.name} does not fall beyond noise")
        if found is not None and found.turned and evidence.val is None:
            return not_detected(f"{ends(curve)}; it rises, which is FT008", values={"from": at})
        if found is not None and found.turned:
            start: float | None = at
            if at <= _LOG_FAR + 1e-9:
                return not_detected(f"{ends(curve)}; far too long, which is EP001", values={"from": at})
        else:
            step = plateau([1e4 * x for x in curve.x], curve.y, curve.noise)
            start = None if step is None or still_falls(curve.y, 0.4)[0] or not held(curve, step / 1e4) else step / 1e4
        rises = found is not None and found.turned
        if start is None or start > _LONG or (not rises and curve.best[0] >= _AT_END):
            return not_detected(ends(curve), values={"from": start})
        if metric_after(evidence, start) == "improves":
            return not_detected(
                f"{ends(curve)}; the metric still improves after {place(start)}", values={"from": start}
            )
        if evidence.schedule.unfinished:
            return inconclusive(f"{ends(curve)}; the rate was still high at the end", values={"from": start})
        return detected(
            f"{ends(curve)}; nothing beyond noise after {place(start)}",
            values={"from": start},
            advice=f"About {place(min(1.0, 1.15 * start))} should do as well, with the schedule compressed to fit.",
        )
