"""FT016."""

from advisor.evidence.evidence import Arm, Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_applicable, not_detected
from advisor.utils.numbers import share

_RIGHT, _GAIN = 0.6, 0.4
_A_CLASS = 5


class ValidationClassesRenamed(ProbeRule):
    """The class numbers of the validation data mean other classes than those of the training data.

    ## What it reads
    The predictions of trained models on up to 512 validation examples, in all runs: how many are correct, and how many
    would be if the classes were renamed one to one.

    ## Why it matters
    Labels that are encoded separately in each part get other numbers as soon as a class is missing in one of them. The
    model is then right about the examples and wrong about the numbers, and every choice by validation loss is wrong.

    ## Sources
    P-CV6 names differences between training and validation data as a cause of misleading curves.

    ## Known limits
    Needs a run that learned to separate the classes. Memorised parity on few examples is inverted as well.
    """

    code = "FT016"
    title = "Class numbers of the validation data mean other classes than in training"
    passed = "Class numbers mean the same in training and validation data"
    neutral = "Whether class numbers mean the same in training and validation data"
    severity = "fault"
    confidence = "high"
    requires = (RoundName.LADDER,)
    sources = ("P-CV6",)
    counterevidence = "the same encoding in both parts"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if renaming makes at least 40 % more predictions correct, and 60 % in all."""
        seen = [arm for arm in (*evidence.cycles, *evidence.present_arms) if arm.trace.renamed]
        if not seen:
            return not_applicable("the targets are not classes, or predictions were not visible")
        arm = max(seen, key=_gain)
        right, renamed = arm.trace.renamed
        if arm.spec.eval_examples < _A_CLASS * len(arm.trace.answers):
            return inconclusive("too few validation examples for so many classes")
        values = {"right": right, "renamed": renamed}
        text = f"after {share(arm.length)}, {right:.0%} of the validation examples are predicted correctly"
        if renamed < _RIGHT or _gain(arm) < _GAIN:
            return not_detected(text, values=values)
        return detected(
            f"{text}, and {renamed:.0%} if the classes are renamed one to one",
            values=values,
            advice="Encode the labels of both parts with one mapping: fit the LabelEncoder, or build the dictionary, "
            "on the training labels and apply it to the validation labels.",
            blocking=True,
        )


def _gain(arm: Arm) -> float:
    return arm.trace.renamed[1] - arm.trace.renamed[0]
