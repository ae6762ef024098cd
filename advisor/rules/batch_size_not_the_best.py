"""BS008."""

import math

from advisor.fits.values import Point
from advisor.rules.base import Rule
from advisor.rules.evidence import Arm, Evidence
from advisor.rules.finding import Confidence, Judgement, cannot_tell, detected, not_detected
from advisor.rules.reading import (
    arms_of,
    figures_of,
    noise_text,
    number,
    objective_text,
    share,
    shown,
)


class BatchSizeNotTheBest(Rule):
    """Another batch size ends lower for the same number of examples.

    ## What it reads
    Short runs at each batch size, all on equally many examples, the same seeds at each; beside them the number
    of steps and the measured time for one epoch.

    ## Why it matters
    At equal examples a smaller batch takes more steps. Where a run is short of steps that helps more than the
    larger batch's better gradients; in time it can cost more. Which criterion counts is for the user to say.

    ## Sources
    S-BS2 compares at equal time and S-BS1 takes the largest batch that fits; P-BS1 calls the batch size a
    matter of speed, and P-BS5 notes what a comparison at equal epochs sees. All three readings are reported.

    ## Known limits
    Two sizes, and the rate of one of them, at a part of the full length. Times are of this machine, and of short
    probes.
    """

    code = "BS008"
    title = "Another batch size does better at equal examples"
    passed = "The batch size in use does as well as the other one tried"
    severity = "advice"
    confidence = "medium"
    requires = ("batch",)
    sources = ("S-BS1", "S-BS2", "P-BS1", "P-BS5")
    doubt = "a comparison at the full length, or at equal time"

    def check(self, evidence: Evidence) -> Judgement:
        """Sets the batch size that won beyond the noise."""
        response = evidence.response("batch_size")
        points = [point for point in response.points if math.isfinite(point.loss)] if response else []
        if response is None or len(points) < 2:
            return cannot_tell("fewer than two batch sizes finished")
        old, new = evidence.current.batch_size, evidence.choice.batch_size
        of_size = {arm.spec.batch_size: arm for arm in arms_of(evidence, response)}
        lines = [_line(evidence, point, of_size[int(point.value)]) for point in points]
        values = {
            str(int(point.value)): {
                "objective": shown(evidence, point.loss),
                "seeds": len(point.losses),
                "lr": of_size[int(point.value)].spec.lr,
                "seconds_per_epoch": _epoch(evidence, of_size[int(point.value)])[1],
            }
            for point in points
        }
        text = f"at equal examples ({share(response.length)}), {objective_text(evidence)} by batch size: " + "; ".join(
            lines
        )
        sets = {"batch_size": new}
        tail = noise_text(evidence)
        sure: Confidence | None = None if math.isfinite(evidence.noise) else "low"
        if new == old:
            return not_detected(
                text + tail, values=values, figures=figures_of(evidence, "batch_size"), sets=sets, confidence=sure
            )
        return detected(
            text + tail,
            values=values,
            figures=figures_of(evidence, "batch_size"),
            sets=sets,
            confidence=sure,
            advice=f"Change the batch size from {old} to {new} if examples or epochs are what is limited; compare "
            "the times above if it is time.",
        )


def _epoch(evidence: Evidence, arm: Arm) -> tuple[int, float]:
    """Steps and seconds of one epoch."""
    examples = evidence.full_run_examples / evidence.current.epochs
    steps = max(1, round(examples / arm.spec.batch_size))
    return steps, steps * arm.trace.step_seconds


def _line(evidence: Evidence, point: Point, arm: Arm) -> str:
    steps, seconds = _epoch(evidence, arm)
    time = f", {number(seconds)} s" if math.isfinite(seconds) else ""
    seeds = f" over {len(point.losses)} seeds" if len(point.losses) > 1 else ""
    result = number(shown(evidence, point.loss))
    return f"{point.value:.0f} gives {result}{seeds} ({steps} steps{time} an epoch)"
