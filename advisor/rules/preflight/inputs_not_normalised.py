"""PF005."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_applicable, not_detected
from advisor.utils.numbers import number

_LARGE, _SMALL = 6.0, 0.05
"""Largest root mean square: a first layer with PyTorch's initialisation then gives outputs with a spread of 6 / sqrt(3)
= 3.5, where sigmoid and tanh are flat. Smallest standard deviation."""
_OFF_CENTRE, _ALONE = 3.0, 30.0
_IMAGE = (0.0, 1.0)


class InputsNotNormalised(ProbeRule):
    """Inputs are far from zero mean and unit spread.

    ## What it reads
    Mean, standard deviation and range of the first floating-point input over a few hundred training examples.

    ## Why it matters
    Large or shifted inputs make the first layer's gradient large and ill-conditioned: the rate that is stable
    there is too small for the rest of the model.

    ## Sources
    E-NORM explains why centred inputs of unit spread train faster. U-INPUT warns of an unusual range.

    ## Known limits
    Columns are compared for tables only. A model that begins with a normalisation layer does not need it, and some
    train well anyway; hence only advice.
    """

    code = "PF005"
    title = "The inputs are not normalised"
    passed = "The inputs have a usual scale"
    neutral = "Scale of the inputs"
    severity = "advice"
    confidence = "medium"
    requires = (RoundName.PREFLIGHT,)
    sources = ("E-NORM", "U-INPUT")
    counterevidence = "a normalisation layer at the model's input"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if the root mean square is above 6, the spread below 0.05, or the mean beyond three spreads."""
        seen = evidence.preflight
        if seen is None:
            return inconclusive("nothing was measured before training")
        mean, std = seen.input_mean, seen.input_std
        if math.isnan(mean) and math.isnan(std):
            return not_applicable("the inputs are tokens or other whole numbers")
        if not (math.isfinite(mean) and math.isfinite(std)):
            return inconclusive("the inputs contain non-finite values (PF004)")
        low, high = seen.input_range
        values = {"mean": mean, "std": std, "low": low, "high": high}
        text = f"mean {number(mean)}, standard deviation {number(std)}, from {number(low)} to {number(high)}"
        if low == high and seen.input_sensitivity == 0.0:
            return not_applicable(text + ": all inputs are equal (PF007)")
        if low == high:
            return detected(text + ": all inputs are equal", values=values, advice="Check how the data are read.")
        image = low >= _IMAGE[0] and high <= _IMAGE[1]
        if image and std >= _SMALL:
            return not_detected(text + ": the usual range of images", values=values)
        index, largest, typical = seen.looks.column
        if largest > _LARGE and largest > _ALONE * max(typical, _SMALL):
            return detected(
                f"column {index:.0f} has a root mean square of {number(largest)}, a median column {number(typical)}",
                values={**values, "column": index, "largest": largest, "typical": typical},
                advice="Normalise each column with its own mean and standard deviation: the largest one dominates the "
                "rest.",
            )
        if std >= _SMALL and math.hypot(mean, std) <= _LARGE and abs(mean) <= _OFF_CENTRE * max(std, 1.0):
            return not_detected(text, values=values)
        return detected(
            text,
            values=values,
            advice=f"Subtract the mean ({number(mean)}) and divide by the standard deviation ({number(std)}), for "
            "each feature or channel.",
        )
