"""PF021."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import best_trained
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_applicable, not_detected
from advisor.utils.numbers import share

_ALL = 0.995
_RARE = 0.002
_SKEWED = 0.4
"""Part of an equal share below which a class is rare."""


class OneClassForAll(ProbeRule):
    """The trained model predicts one class for every example.

    ## What it reads
    The classes that the longest run with the current settings (or another) predicts for up to 512 validation examples,
    and the share of each class among the training targets.

    ## Why it matters
    With 2 % positives "always negative" is right 98 times in 100, so accuracy and loss look good while nothing is
    found. Inverted class weights have the same effect.

    ## Sources
    K-CLASS: begin with the shares of the classes. P-INIT: a result must be clearly better than chance.

    ## Known limits
    A short run may not have learned enough yet. Scores may still rank the cases well: only the decision is checked.
    """

    code = "PF021"
    title = "The model predicts one class for all: class imbalance"
    passed = "The model predicts more than one class"
    neutral = "Whether the model predicts more than one class"
    severity = "advice"
    confidence = "medium"
    requires = (RoundName.PREFLIGHT,)
    sources = ("K-CLASS", "P-INIT")
    counterevidence = "a longer run that predicts the rare class"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected where 99.5 % of the predictions are one class, but not all targets are."""
        shares = evidence.preflight.looks.shares if evidence.preflight else ()
        present = [value for value in shares if value > _RARE]
        if len(present) < 2:
            return not_applicable("the targets are not classes, or only one class was found")
        arm = best_trained(evidence, lambda arm: bool(arm.trace.answers))
        rarest = min(present)
        all_shares = ", ".join(f"{value:.1%}" for value in sorted(shares, reverse=True)[:5])
        if arm is None:
            return inconclusive(
                f"the predictions of a trained model were not recorded; shares of the classes {all_shares}"
            )
        top = max(range(len(arm.trace.answers)), key=lambda index: arm.trace.answers[index])
        values = {"named": list(arm.trace.answers), "shares": list(shares)}
        text = (
            f"after {share(arm.length)}, {arm.trace.answers[top]:.1%} of the predictions are class {top}; classes have "
            "shares "
            f"of {all_shares}"
        )
        alone = top < len(shares) and shares[top] >= 1 - _RARE
        if arm.trace.answers[top] < _ALL or alone or rarest > _SKEWED / len(present):
            return not_detected(text, values=values)
        majority = top < len(shares) and shares[top] == max(shares)
        return detected(
            text + (": always the majority class" if majority else ": not even the majority class"),
            values=values,
            advice="Weight the rare class (pos_weight, or weight of the loss, about the ratio of the shares), or "
            "sample it "
            "more often; check that class weights are not inverted; judge by F1 or average precision, and "
            "move the threshold.",
        )
