"""How long: one run of a quarter to half the length shows whether training longer still helps or overfits."""

import math
from collections.abc import Sequence
from dataclasses import replace

from advisor.fits import forecast_length
from advisor.fits.values import FitFailed, Point, Response
from advisor.lab import Lab
from advisor.probes.spec import ProbeSpec
from advisor.recipe import Recipe
from advisor.rounds.base import close, held, rate_text
from advisor.rounds.batch import BatchRound
from advisor.rounds.ladder import LENGTH as LADDER_LENGTH
from advisor.rounds.stability import near_divergence, usual_norm
from advisor.rules.evidence import Arm, Evidence

SUSPICIOUS = 10.0
"""Weights for every training target beyond which overfitting is looked for first."""
OVERFITS = 0.3
"""Share of the gain over an uninformed prediction that is lost between training and validation data."""
_HALF, _QUARTER, _LEAST = 1 / 2, 1 / 4, 3 / 16
_LOOKS = (0.3, 0.5, 0.65, 0.8, 0.9, 1.0)
_FEWEST_EPOCHS = 3
_Z80 = 1.2816
_SELECTION = 1.5
"""Widening of the interval of a loss that is reported because it was the best."""
_RATE_WHEN_LONGER = -0.2
GROWTH = 0.06
"""Exponent of the best rate over length where nothing overfits."""


class LengthRound:
    """The best rate in the longest run that is affordable, watched for a gap between training and validation."""

    name = "length"
    purpose = "a quarter to half the run: does longer training help, or overfit?"
    typical = (1, 1 / 4)

    def specs(self, evidence: Evidence, lab: Lab) -> list[ProbeSpec]:
        """Half the run at once where the model is large for its data; else a quarter, after the batch round."""
        if evidence.of_round(self.name) or not evidence.of_round("ladder") or lab.epochs < _FEWEST_EPOCHS:
            return []
        suspicious = evidence.capacity_ratio > SUSPICIOUS
        if not suspicious and not evidence.of_round(BatchRound.name):
            return []
        for length in (_HALF, 3 / 8, _QUARTER) if suspicious else (_QUARTER, _LEAST):
            spec = _probe(evidence, lab, length, suspicious)
            if lab.affordable([spec]):
                return [spec]
        return [spec]

    def run(self, evidence: Evidence, lab: Lab) -> Evidence:
        """Runs it, again at half the rate if it fails, or shorter if it overfits below a short run; then decides."""
        before = lab.full_runs
        first = lab.run(self.name, self.specs(evidence, lab))[0]
        arms, choice = [first], evidence.choice
        if failed(evidence, first):
            retry = _at_rate(first.spec, first.spec.lr / 2)
            choice = choice.with_(lr=min(choice.lr, retry.lr))
            if lab.affordable([retry]):
                arms.extend(lab.run(self.name, [retry]))
        arm = arms[-1]
        overfits = not failed(evidence, arm) and lost_share(evidence, arm) > OVERFITS
        if overfits and loses_to_short(evidence, arm):
            between = _probe(evidence, lab, (arm.length * LADDER_LENGTH) ** 0.5, suspicious=True)
            if lab.affordable([between]):
                arms.extend(lab.run(self.name, [between]))
        choice = choice.with_(clip_grad_norm=arm.spec.clip_grad_norm)
        known = evidence.with_(overfits=overfits, choice=choice)
        if overfits:
            best, share = _best_length(evidence, arms)
            known = known.with_(length=min(1.0, share), choice=choice.with_(lr=best.spec.lr))
        known = known.with_(responses=(*evidence.responses, _response(known, arms)))
        return close(
            known,
            lab,
            arms,
            before,
            name=self.name,
            goal="does training longer still help, or does it begin to overfit?",
            scientific="length of the run",
            nuisance="learning rate, carried to this length",
            fixed=held(evidence, "batch_size", "weight_decay", "momentum", "schedule"),
            outcome=_outcome(evidence, arm, known),
        )


def failed(evidence: Evidence, arm: Arm) -> bool:
    """Whether a longer run diverged, or ended above a short one without overfitting: the rate is not safe."""
    return arm.trace.diverged or (loses_to_short(evidence, arm) and lost_share(evidence, arm) <= OVERFITS)


def loses_to_short(evidence: Evidence, arm: Arm) -> bool:
    """Whether its result is worse than that of the best short run, beyond noise."""
    short = _best_short(evidence)
    if short is None:
        return False
    noise = evidence.noise if math.isfinite(evidence.noise) else 0.5 * short.trace.val_loss_se
    return evidence.cost(arm) > evidence.cost(short) + 2 * (noise if math.isfinite(noise) else 0.0)


def carried(evidence: Evidence) -> Recipe:
    """The choice with its rate carried from the ladder's length to the length that is advised.

    In six out of six measured tasks that do not overfit, the best rate of the full run was one to two times that
    of the ladder; where weights are many the rate is the one of the longer probe.
    """
    if evidence.overfits:
        return evidence.choice
    if any(failed(evidence, arm) for arm in evidence.of_round(LengthRound.name)) or near_divergence(evidence):
        return evidence.choice
    rate = evidence.choice.lr * (evidence.length / LADDER_LENGTH) ** GROWTH
    return evidence.choice.with_(lr=_significant(rate))


def forecast(evidence: Evidence) -> tuple[float, float, float] | None:
    """Loss to expect at the advised length: value, low, high (80 %); None if nothing supports one.

    Where the longer probe is the advice, that is a measurement; else it continues the best loss at each length.
    """
    if not evidence.objective.is_loss:
        return None
    noise = evidence.noise if math.isfinite(evidence.noise) else 0.0
    done = [arm for arm in evidence.of_round(LengthRound.name) if math.isfinite(evidence.cost(arm))]
    if evidence.overfits and done:
        value, spread = evidence.cost(done[-1]), _SELECTION * math.hypot(noise, done[-1].trace.val_loss_se)
        return value, value - _Z80 * spread, value + _Z80 * spread
    response = evidence.response("epochs")
    if response is None or len(response.points) < 2:
        return None
    epochs = evidence.current.epochs
    told = forecast_length([p.value / epochs for p in response.points], [p.loss for p in response.points], noise)
    if isinstance(told, FitFailed):
        return None
    low = told.estimate.low
    if min(point.loss for point in response.points) >= 0:
        low = max(low, 0.0)
    return max(told.estimate.value, low), low, told.estimate.high


def lost_share(evidence: Evidence, arm: Arm) -> float:
    """Gap between training and validation loss over the gain on an uninformed prediction; 0 if not measurable."""
    trace = arm.trace
    baseline = evidence.preflight.baseline_loss if evidence.preflight else math.nan
    if not math.isfinite(baseline):
        baseline = trace.train_loss[0] if trace.train_loss else math.nan
    gap = trace.final_gap
    if not math.isfinite(gap) or not math.isfinite(baseline):
        return 0.0
    gain = max(baseline - trace.final_val_loss, 1e-12)
    noise = trace.val_loss_se if math.isfinite(trace.val_loss_se) else 0.0
    return max(0.0, gap - 2 * noise) / gain


def _probe(evidence: Evidence, lab: Lab, length: float, suspicious: bool) -> ProbeSpec:
    """Where weights are many the best rate falls with length; elsewhere it grows slightly."""
    rate = evidence.choice.lr * (length / LADDER_LENGTH) ** (_RATE_WHEN_LONGER if suspicious else GROWTH)
    recipe = evidence.choice.with_(lr=_significant(rate))
    if near_divergence(evidence):
        recipe = evidence.choice.with_(clip_grad_norm=evidence.choice.clip_grad_norm or usual_norm(evidence))
    label = f"length={length:.3g},lr={rate_text(recipe.lr)}"
    return lab.cycle(recipe, length, label=label, looks=_LOOKS, eval_train=True)


def _at_rate(spec: ProbeSpec, rate: float) -> ProbeSpec:
    rate = _significant(rate)
    schedule = {**spec.schedule, "max_lr": rate} if spec.schedule else None
    label = f"length,lr={rate_text(rate)}"
    return replace(spec, optimizer={**spec.optimizer, "lr": rate}, schedule=schedule, label=label)


def _significant(rate: float) -> float:
    return float(f"{rate:.3g}")


def _best_look(arm: Arm) -> float:
    """Fraction of the run at which validation was best, the end unless an earlier look beat it beyond noise."""
    trace = arm.trace
    if not trace.val_loss:
        return 0.5
    best = min(range(len(trace.val_loss)), key=trace.val_loss.__getitem__)
    noise = trace.val_loss_se if math.isfinite(trace.val_loss_se) else 0.0
    if trace.val_loss[-1] - trace.val_loss[best] <= noise:
        return 1.0
    return trace.eval_step[best] / trace.eval_step[-1]


def _best_short(evidence: Evidence) -> Arm | None:
    arms = [arm for arm in evidence.cycles if arm.spec.batch_size == evidence.choice.batch_size]
    return min(arms, key=evidence.cost) if arms else None


def _best_length(evidence: Evidence, arms: Sequence[Arm]) -> tuple[Arm, float]:
    """The run with the best look at its validation loss, short ones included, and the length of that look."""
    short = _best_short(evidence)
    runs = [arm for arm in (*arms, *([short] if short else [])) if arm.trace.val_loss and not arm.trace.diverged]

    def lowest(arm: Arm) -> float:
        return min(arm.trace.val_loss) if evidence.objective.is_loss else evidence.cost(arm)

    best = min(runs, key=lowest)
    return best, _best_look(best) * best.length


def _response(evidence: Evidence, arms: Sequence[Arm]) -> Response:
    """Best objective at each length so far, for the forecast and the figure."""
    best: dict[float, Arm] = {}
    arm = arms[-1]
    for other in (*evidence.cycles, *arms):
        if other.spec.batch_size != arm.spec.batch_size or not math.isfinite(evidence.cost(other)):
            continue
        at = round(other.length * evidence.current.epochs, 3)
        if at not in best or evidence.cost(other) < evidence.cost(best[at]):
            best[at] = other
    points = tuple(Point(at, (evidence.cost(a),), (a.spec.key,)) for at, a in sorted(best.items()))
    reason = FitFailed("the best length is decided by the gap, not by a fit")
    return Response(
        "epochs", "log", arm.length, "best run at each length", points, evidence.noise, reason, "unmeasured"
    )


def _outcome(evidence: Evidence, arm: Arm, known: Evidence) -> str:
    trace = arm.trace
    if trace.diverged:
        return f"diverged at {arm.length:.2f} of the run: {trace.reason}"
    if failed(evidence, arm):
        return f"at {arm.length:.2f} of the run the rate {rate_text(arm.spec.lr)} does worse than in a short run"
    text = (
        f"at {arm.length:.2f} of the run: validation {trace.final_val_loss:.4g}, training {trace.train_eval_loss:.4g}; "
        f"{100 * lost_share(evidence, arm):.0f} % of the gain is lost to the gap"
    )
    if not known.overfits:
        return text + ": longer training still helps"
    return text + f": the full run would overfit; {known.length:.2f} of it is advised"
