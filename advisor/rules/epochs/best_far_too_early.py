"""EP001."""

from advisor.logs.evidence import RunEvidence
from advisor.logs.queries import ends, place, train_fell_after, turned
from advisor.rules.finding import Judgement, cannot_tell, detected, not_detected
from advisor.rules.run_rule import RunRule

_FAR, _EXTREME = 0.2, 0.1


class BestFarTooEarly(RunRule):
    """The best validation loss falls in the first fifth of the run.

    ## What it reads
    Where the (smoothed) validation loss is lowest, if it rises beyond noise after that.

    ## Why it matters
    Four fifths of the computing only made the result worse.

    ## Sources
    P-ST1 reads the length from where the best checkpoint falls: in the first tenth the run is far too long. S-R4
    asks for no more computing than helps.

    ## Known limits
    Stronger regularisation or a lower rate could make a longer run worth while. A best that is early by luck in a
    level curve is not counted.
    """

    code = "EP001"
    title = "The run is far too long"
    passed = "The run is not far too long"
    severity = "advice"
    confidence = "medium"
    requires = ("val",)
    sources = ("P-ST1", "S-R4")
    doubt = "a second run whose best checkpoint falls late"

    def check(self, evidence: RunEvidence) -> Judgement:
        """Detected at a fifth or less; with high confidence at a tenth."""
        val = evidence.val
        assert val is not None
        found, at = turned(val, evidence)
        if found is None:
            return cannot_tell("too few validation losses")
        if not found.turned or at > _FAR + 1e-9 or not train_fell_after(evidence, at):
            return not_detected(ends(val), values={"best_at": at})
        return detected(
            f"{ends(val)}; apart from noise it is lowest around {place(at)}",
            values={"best_at": at},
            confidence="high" if at <= _EXTREME + 1e-9 else None,
            advice=f"Train for about {place(max(1.5 * at, 0.05))}, with the whole schedule squeezed into it.",
        )
