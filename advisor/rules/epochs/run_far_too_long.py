"""EP001."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.length import advised_epochs, length_text, length_values
from advisor.evidence.queries import figures_of
from advisor.evidence.round_name import RoundName
from advisor.logs.evidence import RunEvidence
from advisor.logs.queries import ends, place, train_fell_after, turned
from advisor.rules.base import LogRule, ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected

_FAR, _EXTREME = 0.2, 0.1
_LOG_FAR, _LOG_EXTREME = 0.2, 0.1


class RunFarTooLong(ProbeRule, LogRule):
    """The best length is within the first fifth of the epochs in use.

    ## What it reads
    In probes: the length that the length round recommends, and the best result at every length. In logs: where the
    (smoothed) validation loss is lowest, if it rises beyond noise after that.

    ## Why it matters
    Four fifths of the compute only make the result worse, or leave it unchanged.

    ## Sources
    P-ST1 reads the length from where the best checkpoint falls: in the first tenth the run is far too long. S-R4 asks
    for no more compute than helps.

    ## Known limits
    Probes rest on one long run: the length is known to about a factor of 1.5. Stronger regularisation or a lower rate
    could make a longer run worth while.
    """

    code = "EP001"
    title = "The run is far too long"
    passed = "The run is not far too long"
    neutral = "Whether the run is far too long"
    severity = "advice"
    confidence = "medium"
    requires = (RoundName.LADDER,)
    requires_curves = ("val",)
    sources = ("P-ST1", "S-R4")
    counterevidence = "a full run whose best checkpoint falls late"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected at a fifth or less; sets the epochs."""
        text = length_text(evidence)
        if evidence.limit is None:
            return inconclusive(text)
        values = length_values(evidence)
        if evidence.length > _FAR:
            return not_detected(text, values=values, figures=figures_of(evidence, "epochs"))
        new = advised_epochs(evidence)
        return detected(
            f"{text}: the best length is {evidence.length:.0%} of the epochs in use",
            values=values,
            figures=figures_of(evidence, "epochs"),
            settings={"epochs": new},
            confidence="high" if evidence.length <= _EXTREME else None,
            advice=f"Change epochs from {evidence.current.epochs} to {new}, with the schedule compressed to fit.",
        )

    def check_log(self, evidence: RunEvidence) -> Judgement:
        """Detected at a fifth or less; with high confidence at a tenth."""
        val = evidence.val
        assert val is not None
        found, at = turned(val, evidence)
        if found is None:
            return inconclusive("too few validation losses")
        if not found.turned or at > _LOG_FAR + 1e-9 or not train_fell_after(evidence, at):
            return not_detected(ends(val), values={"best_at": at})
        return detected(
            f"{ends(val)}; apart from noise it is lowest around {place(at)}",
            values={"best_at": at},
            confidence="high" if at <= _LOG_EXTREME + 1e-9 else None,
            advice=f"Train for about {place(max(1.5 * at, 0.05))}, with the whole schedule compressed to that length.",
        )
