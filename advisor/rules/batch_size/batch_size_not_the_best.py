"""BS008."""

import math
from itertools import pairwise

from advisor.evidence.batch_size import knee, most_that_fit, noise_scale
from advisor.evidence.evidence import Arm, Evidence
from advisor.evidence.queries import arms_of, figures_of, finished, noise_text, objective_text, shown, was_run
from advisor.evidence.round_name import RoundName
from advisor.evidence.transfer import BATCH_EXPONENT
from advisor.fits.types import Point, Response
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Confidence, Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import number, share, times


class BatchSizeNotTheBest(ProbeRule):
    """Another batch size ends lower for the same number of examples.

    ## What it reads
    Which limit applies to the rate (LR011): if it is stability, more steps pay and half the batch is recommended. With
    larger budgets, long runs at each batch size, all on equally many examples, the same seeds at each; also the number
    of steps and the measured time per epoch. At equal time, and at equal steps, the larger batch could train on
    more examples than the smaller one: if longer runs of the larger batch were made, its result there is interpolated
    between them, otherwise that comparison is reported as not measured. Three numbers are reported first: what fits
    into memory (BS001), where speed levels off (BS002), and the noise scale (BS003).

    ## Why it matters
    At equal examples a smaller batch takes more steps. If a run is short of steps that helps more than the
    larger batch's better gradients; in time it can cost more. Which criterion counts is up to the user.

    ## Sources
    S-BS2 compares at equal time and S-BS1 takes the largest batch that fits; P-BS1 calls the batch size a
    matter of speed, and P-BS5 notes what a comparison at equal epochs sees. All three readings are reported.

    ## Known limits
    Two sizes, and the rate of one of them, at a part of the full length. Times are of this machine, and of short
    probes. The rate of longer runs may be another one.
    """

    code = "BS008"
    title = "Another batch size does better at equal examples"
    passed = "The batch size in use does as well as the other one tried"
    neutral = "Batch size in use against the other one tried"
    severity = "advice"
    confidence = "medium"
    requires = (RoundName.LADDER,)
    sources = ("S-BS1", "S-BS2", "P-BS1", "P-BS5")
    counterevidence = "a comparison at the full length, or at equal time"

    def check(self, evidence: Evidence) -> Judgement:
        """Sets the batch size: by the limit of the rate, or by the result of long runs at both sizes."""
        if not was_run(evidence, RoundName.BATCH):
            return _by_limit(evidence)
        response = evidence.response("batch_size")
        points = response.finite if response else ()
        if response is None or len(points) < 2:
            return inconclusive("fewer than two batch sizes finished")
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
        others = _at_equal_time_and_steps(evidence, response, [of_size[int(point.value)] for point in points])
        text = (
            f"{_limits(evidence)}. At equal examples ({share(response.length)}), {objective_text(evidence)} by batch "
            f"size: {'; '.join(lines)}"
        )
        settings = {"batch_size": new}
        tail = noise_text(evidence)
        sure: Confidence | None = None if math.isfinite(evidence.noise) else "low"
        if new == old:
            return not_detected(
                f"{text}{tail}. {others}",
                values=values,
                figures=figures_of(evidence, "batch_size"),
                settings=settings,
                confidence=sure,
            )
        return detected(
            f"{text}{tail}. {others}",
            values=values,
            figures=figures_of(evidence, "batch_size"),
            settings=settings,
            confidence=sure,
            advice=f"Change the batch size from {old} to {new} if examples or epochs are limited; compare "
            "the times above if time is.",
        )


def _by_limit(evidence: Evidence) -> Judgement:
    """What the limit of the rate implies for the batch, if no runs at two sizes were affordable."""
    old, new = evidence.current.batch_size, evidence.choice.batch_size
    values = {"from": old, "to": new, "limit": evidence.limit, "compared": False}
    settings = {"batch_size": new}
    if new == old:
        why = "the run is fit-limited (LR011): more steps do not pay" if evidence.overfits else "no reason to change it"
        return not_detected(f"{_limits(evidence)}. {why}", values=values, settings=settings)
    return detected(
        f"{_limits(evidence)}. The rate is stability-limited (LR011), so more steps pay: half the batch did "
        "better on 13 of 16 such tasks, by 1.3 % of the loss on average, at twice the steps for the same examples",
        values=values,
        settings=settings,
        confidence="low",
        advice=f"Change the batch size from {old} to {new} if time is no limit; to keep {old}, multiply the rate by "
        f"{(old / new) ** BATCH_EXPONENT:.2f}.",
    )


def _limits(evidence: Evidence) -> str:
    """The three numbers that bound a batch size, where known."""
    fit, at, scale = most_that_fit(evidence), knee(evidence), noise_scale(evidence)
    memory = f"{fit.largest} fits" if fit.largest else "not tried"
    if fit.too_large:
        memory += f" and {fit.too_large} does not"
    critical = "not measured" if scale is None or not math.isfinite(scale[0]) else f"{_span(scale)} examples"
    speed = f"levels off at {at}" if at else "does not level off in what was timed"
    return f"memory: {memory}; speed: {speed}; noise scale: {critical}"


def _span(scale: tuple[float, float, float]) -> str:
    value, low, high = scale
    return f"{times(value)} ({times(low)} {f'to {times(high)}' if math.isfinite(high) else 'or more'})"


def _at_equal_time_and_steps(evidence: Evidence, response: Response, arms: list[Arm]) -> str:
    """The smaller batch beside the larger one on as many more examples as it can train on in the same time or steps."""
    small, large = sorted(arms, key=lambda arm: arm.spec.batch_size)[:: len(arms) - 1]
    seconds = _epoch(evidence, small)[1] / _epoch(evidence, large)[1]
    steps = large.spec.batch_size / small.spec.batch_size
    said = []
    for words, more in (("time", seconds), ("steps", steps)):
        cost = _read_at(evidence, large, response.length * more) if math.isfinite(more) else None
        if cost is None:
            said.append(f"at equal {words}: not measured")
            continue
        theirs, ours = number(shown(evidence, cost)), number(shown(evidence, evidence.cost(small)))
        said.append(
            f"at equal {words} {large.spec.batch_size} trains on {times(more)} times the examples and gives {theirs}, "
            f"{small.spec.batch_size} gives {ours}"
        )
    return "; ".join(said).capitalize()


def _read_at(evidence: Evidence, like: Arm, length: float) -> float | None:
    """Cost at a length, interpolated between the best runs of two lengths that differ only in rate; else None."""
    best: dict[float, float] = {}
    for arm in finished(evidence):
        if _but_for_rate(arm) != _but_for_rate(like):
            continue
        at = round(math.log2(arm.length), 1)
        best[at] = min(best.get(at, math.inf), evidence.cost(arm))
    known, wanted = sorted(best.items()), math.log2(length)
    for (left, low), (right, high) in pairwise(known):
        if left - 0.1 <= wanted <= right + 0.1:
            return low + (high - low) * min(1.0, max(0.0, (wanted - left) / (right - left)))
    return None


def _but_for_rate(arm: Arm) -> tuple[int, float, float | None]:
    return arm.spec.batch_size, arm.spec.weight_decay, arm.spec.momentum


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
    return f"{point.value:.0f} gives {result}{seeds} ({steps} steps{time} per epoch)"
