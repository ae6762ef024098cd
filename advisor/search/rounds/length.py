"""How long: one run of a quarter to half the length shows whether training longer still helps or overfits."""

import math
from collections.abc import Sequence
from dataclasses import replace

from advisor.evidence.evidence import Arm, Evidence
from advisor.evidence.length import lost_share
from advisor.evidence.round_name import RoundName
from advisor.fits.types import FitFailed, Point, Response
from advisor.records.spec import ProbeSpec
from advisor.rules.fit.nothing_learned import NothingLearned
from advisor.search.rounds.base import close, held, significant
from advisor.search.rounds.baseline import ConfirmRound
from advisor.search.rounds.batch_size import BatchRound
from advisor.search.rounds.stability import near_divergence, usual_norm
from advisor.search.runner import Lab
from advisor.utils.numbers import rate as rate_text

SUSPICIOUS = 10.0
"""Weights for every training target beyond which overfitting is looked for first."""
OVERFITS = 0.3
"""Share of the gain over an uninformed prediction that is lost between training and validation data."""
LENGTHS = (1.0, 1 / 2, 3 / 8, 1 / 4, 3 / 16, 1 / 8)
_LONG = 3 / 8
_SHARE = 0.65
"""A long probe takes at most this part of what is left, so that other rounds are not starved, except where
overfitting is suspected."""
_LOOKS = (0.3, 0.5, 0.65, 0.8, 0.9, 1.0)
_FEWEST_EPOCHS = 3
_RATE_WHEN_LONGER = -0.2
GROWTH = 0.06
"""Exponent of the best rate over length where nothing overfits."""


class LengthRound:
    """The best rate in the longest run that is affordable, watched for a gap between training and validation."""

    name = RoundName.LENGTH
    purpose = "a quarter to half the run: does longer training help, or overfit?"
    typical = (1, 1 / 4)

    def specs(self, evidence: Evidence, lab: Lab) -> list[ProbeSpec]:
        """Half the run at once where the model is large for its data; else a quarter, after the cheaper rounds.

        Before them where no short run has learned anything: what they would compare is then noise.
        """
        if evidence.of_round(self.name) or not evidence.of_round(RoundName.LADDER) or lab.epochs < _FEWEST_EPOCHS:
            return []
        suspicious = evidence.capacity_ratio > SUSPICIOUS
        if not suspicious and not NothingLearned().check(evidence).urgent and _others_first(evidence, lab):
            return []
        for length in LENGTHS:
            spec = _probe(evidence, lab, length, suspicious)
            if lab.price(spec) <= lab.left * (1.0 if suspicious or length < _LONG else _SHARE):
                return [spec]
        return []

    def run(self, evidence: Evidence, lab: Lab) -> Evidence:
        """Runs it, again at half the rate if it fails, or shorter if it overfits below a short run; then decides."""
        before = lab.full_runs
        first = lab.run(self.name, self.specs(evidence, lab))[0]
        arms, choice = [first], evidence.choice
        if failed(evidence, first):
            retry = at_rate(evidence, first.spec, first.spec.lr / 2)
            choice = choice.with_(lr=min(choice.lr, retry.lr))
            if lab.affordable([retry]):
                arms.extend(lab.run(self.name, [retry]))
        arm = arms[-1]
        overfits = not failed(evidence, arm) and lost_share(evidence, arm) > OVERFITS
        if overfits and loses_to_short(evidence, arm):
            between = _probe(evidence, lab, (arm.length * lab.short) ** 0.5, suspicious=True)
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


def _others_first(evidence: Evidence, lab: Lab) -> bool:
    """Whether batch size and present settings, which cost less, are still to be run."""
    waiting = (probing.specs(evidence, lab) for probing in (BatchRound(), ConfirmRound()))
    return any(specs and lab.affordable(specs) for specs in waiting)


def failed(evidence: Evidence, arm: Arm) -> bool:
    """Whether a longer run diverged, or ended above a short one without overfitting: the rate is not safe."""
    return arm.trace.diverged or (loses_to_short(evidence, arm) and not lost_share(evidence, arm) > OVERFITS)


def loses_to_short(evidence: Evidence, arm: Arm) -> bool:
    """Whether its result is worse than that of the best short run, beyond noise."""
    short = _best_short(evidence)
    if short is None:
        return False
    noise = evidence.noise if math.isfinite(evidence.noise) else 0.5 * short.trace.val_loss_se
    return evidence.cost(arm) > evidence.cost(short) + 2 * (noise if math.isfinite(noise) else 0.0)


def _probe(evidence: Evidence, lab: Lab, length: float, suspicious: bool) -> ProbeSpec:
    """Where weights are many the best rate falls with length; elsewhere it grows slightly."""
    rate = evidence.choice.lr * (length / lab.short) ** (_RATE_WHEN_LONGER if suspicious else GROWTH)
    recipe = evidence.choice.with_(lr=significant(rate))
    if near_divergence(evidence):
        recipe = evidence.choice.with_(clip_grad_norm=evidence.choice.clip_grad_norm or usual_norm(evidence))
    label = f"length={length:.3g},lr={rate_text(recipe.lr)}"
    return lab.cycle(recipe, length, label=label, looks=_LOOKS, eval_train=True)


def at_rate(evidence: Evidence, spec: ProbeSpec, rate: float) -> ProbeSpec:
    """The same run of the chosen recipe at another rate."""
    recipe = evidence.choice.with_(lr=significant(rate))
    return replace(
        spec,
        optimizer=recipe.optimizer_keywords(),
        schedule=recipe.schedule_keywords(),
        label=f"length,lr={rate_text(recipe.lr)}",
    )


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
        f"{lost_share(evidence, arm):.0%} of the gain is lost to the gap"
    )
    if not known.overfits:
        return text + ": longer training still helps"
    return text + f": the full run would overfit; {known.length:.2f} of it is advised"
