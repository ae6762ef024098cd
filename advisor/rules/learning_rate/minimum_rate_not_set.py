"""LR005."""

from advisor.config.hparams import DIV_FACTOR, FINAL_DIV_FACTOR
from advisor.evidence.evidence import Evidence
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, not_applicable, not_detected
from advisor.utils.numbers import rate, times

_LEAST_FALL = 100.0
_DECAYING = (
    "OneCycleLR",
    "CosineAnnealingLR",
    "LinearLR",
    "PolynomialLR",
    "ExponentialLR",
    "StepLR",
    "MultiStepLR",
)


class MinimumRateNotSet(ProbeRule):
    """The schedule in use does not decay the rate to a small minimum.

    ## What it reads
    The user's schedule, and the settings of the probes: start at a tenth of the peak, end a thousand times
    lower.

    ## Why it matters
    The last part of a run, at a rate far below the peak, is where the noise of the steps averages out and the
    validation loss falls most.

    ## Sources
    S-LR2 sets the minimum of a single cycle; S-LR4 anneals far below it; P-DEC asks for some decay always.

    ## Known limits
    Explains a choice and measures nothing: the minimum is not compared. Other schedules may end in other
    ways.
    """

    code = "LR005"
    title = "The learning rate does not end near zero"
    passed = "The learning rate ends near zero"
    neutral = "Where the learning rate ends"
    severity = "info"
    confidence = "medium"
    sources = ("S-LR2", "S-LR4", "P-DEC")
    counterevidence = "a constant rate that ends as low at the same length"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected for a constant rate, or a schedule that ends less than 100 times below its peak."""
        schedule = evidence.current.schedule
        top = evidence.choice.lr
        values = {"div_factor": DIV_FACTOR, "final_div_factor": FINAL_DIV_FACTOR}
        advised = (
            f"start at {rate(top / DIV_FACTOR)}, peak at {rate(top)}, end at "
            f"{rate(top / DIV_FACTOR / FINAL_DIV_FACTOR)}"
        )
        if not evidence.current_given:
            return not_applicable(f"no schedule is in use; the one advised would {advised}")
        if schedule is None:
            return detected("the rate is constant to the end", values=values, advice=f"Under 1cycle, {advised}.")
        if schedule["name"] == "OneCycleLR":
            fall = float(schedule.get("div_factor", 25.0)) * float(schedule.get("final_div_factor", 1e4))
            if fall < _LEAST_FALL:
                return detected(
                    f"the rate ends only {times(fall)} times below its peak",
                    values=values,
                    advice=f"Let it {advised}.",
                )
            return not_detected(f"OneCycleLR ends {fall:.0f} times below its peak", values=values | {"fall": fall})
        if schedule["name"] in _DECAYING:
            return not_detected(f"{schedule['name']} brings the rate down", values=values)
        return detected(f"{schedule['name']} may not end near zero", values=values, confidence="low",
                        advice=f"Under 1cycle, {advised}.")  # fmt: skip
