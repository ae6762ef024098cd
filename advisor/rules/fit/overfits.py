"""FT002."""

from advisor.logs.evidence import RunEvidence
from advisor.logs.queries import ends, metric_after, place, rate_rises_after, train_fell_after, turned
from advisor.rules.finding import Judgement, cannot_tell, detected, not_detected
from advisor.rules.run_rule import RunRule
from advisor.utils.numbers import number


class Overfits(RunRule):
    """The validation loss passes a minimum and rises again for good while the training loss goes on falling.

    ## What it reads
    All validation losses: a rank test on what follows the (smoothed) minimum, and the size of the rise against
    noise and range. The training loss after the same place, and the accuracy where there is one.

    ## Why it matters
    What is learned after the minimum makes predictions worse; epochs after it are wasted.

    ## Sources
    S-D3 and P-CV1 take the rising validation loss as the sign. G-6: a gap that opens when a cycle is annealed is no
    sign. S-R1: the loss is read before the accuracy.

    ## Known limits
    Where the accuracy still improves this is FT003 and not counted here. Fires by chance on less than 2 % of curves
    that have levelled off. A rise while the rate is still going up is not counted.
    """

    code = "FT002"
    title = "Training overfits: the validation loss rises again"
    passed = "The validation loss does not rise again"
    severity = "advice"
    confidence = "high"
    requires = ("val",)
    sources = ("S-D3", "P-CV1", "G-6", "S-R1")
    doubt = "another seed whose validation loss does not rise"

    def check(self, evidence: RunEvidence) -> Judgement:
        """Detected if the rise is beyond noise and lasts, the training loss fell, and the accuracy does not improve."""
        val = evidence.val
        assert val is not None
        found, at = turned(val, evidence)
        if found is None:
            return cannot_tell("too few validation losses")
        values = {"minimum": found.low, "at": at, "final": found.end, "noise": found.noise, "chance": found.chance}
        text = ends(val)
        if not found.turned:
            return not_detected(text, values=values)
        if not train_fell_after(evidence, at):
            return not_detected(f"{text}; the training loss rose with it, so it is no overfitting", values=values)
        if rate_rises_after(evidence, at):
            return not_detected(f"{text}; the rate was still rising and has not come down", values=values)
        accuracy = metric_after(evidence, at)
        if accuracy == "improves":
            return not_detected(f"{text}; the accuracy still improves, which is FT003", values=values)
        train = f", training loss {number(evidence.train.final)}" if evidence.train else ""
        held = {"holds": "; the accuracy holds", "worsens": "; the accuracy falls as well"}.get(accuracy, "")
        return detected(
            f"{text}{train}{held}",
            values=values | {"accuracy": accuracy},
            confidence="high" if at < 0.8 else "medium",
            advice=f"Stop at {place(val.best[0])} or keep the best checkpoint; to gain more: more "
            "weight decay, augmentation or data.",
        )
