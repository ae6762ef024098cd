"""The incumbent from all probes so far: limit, rate, total decay, batch size and length, scaled to the full run."""

import math
from collections.abc import Sequence

from advisor.config.hparams import HParams
from advisor.config.total_decay import has_total_decay, with_total_decay
from advisor.evidence.evidence import Arm, Evidence
from advisor.evidence.learned import baseline, tells, trusted
from advisor.evidence.limit import copy_groups, read_limit
from advisor.evidence.round_name import RoundName
from advisor.evidence.transfer import BATCH_EXPONENT, full_rate, full_size
from advisor.evidence.weight_decay import present_total
from advisor.fits.types import FitFailed, Response
from advisor.search.response import best_value, respond, significant
from advisor.search.runner import ProbeRunner

SMALLEST_BATCH = 16
"""Smaller batches are not halved."""
CLEAR_OF_BREAKING = 2.0
"""Safety factor below the lowest rate at which any run diverged."""
_AS_A_WHOLE = 0.5
"""Share of the recommended length from which on a run gets the full run's decay."""
_SOLVED = 0.05
"""Part of the loss of a constant prediction below which a task is solved."""
_ALIKE = 0.015
"""Relative difference of the objective within which two rates are indistinguishable."""
UNSEEN = ((50.0, 1.0), (10.0, 0.5))
"""Weights for every training target above which a run may memorise, and the exponent of the steps by which a rate from
small copies alone is then lowered."""
SHORTER = 0.5
"""Share of the epochs that is sufficient if the rate is fit-limited."""
_SHORTER_RISE = 1.3
"""Factor on rate × steps at which a shorter run does best (imdb_text, sst2_text): below it, it still underfits."""


def settled(evidence: Evidence, runner: ProbeRunner) -> Evidence:
    """Updates limit and responses from all copies, and the incumbent for the recommended run."""
    evidence = trusted(evidence)
    evidence = evidence.with_(limit=read_limit(evidence).limit)
    evidence = evidence.with_(responses=_responses(evidence))
    rates = [response for response in evidence.responses if response.knob == "lr" and response.finite]
    if not rates:
        return evidence
    rate = safest(rates[-1], best_value(rates[-1], evidence.choice.lr))
    total = evidence.total_decay if evidence.total_decay is not None else _prior(evidence)
    if total is not None and _solved(evidence):
        total = min(total, present_total(evidence) or 0.0)
    length = evidence.length if evidence.overfits else 1.0
    if evidence.overfits and not evidence.of_round(RoundName.LENGTH):
        length = SHORTER if runner.epochs >= 2 else 1.0
    evidence = evidence.with_(total_decay=total, length=length)
    return evidence.with_(choice=advised(evidence, runner, rate))


def advised(evidence: Evidence, runner: ProbeRunner, rate: float) -> HParams:
    """The hyper-parameters of the recommended run, from the best rate of the full run at the current batch size.

    Fit-limited: rate × steps is kept over the shorter run, and slightly increased. Stability-limited: half the batch,
    whose additional steps pay, and no rate near one that diverged.
    """
    current, choice = evidence.current, evidence.choice
    batch = current.batch_size
    rate *= _unseen(evidence)
    if evidence.overfits:
        rate *= (_SHORTER_RISE if evidence.length < 1.0 else 1.0) / evidence.length
    elif batch >= SMALLEST_BATCH and tells(evidence) and has_total_decay(choice.optimizer):
        batch //= 2
        rate *= (batch / current.batch_size) ** BATCH_EXPONENT
    broke = [arm.spec.lr for arm in evidence.cycles if arm.trace.diverged and arm.spec.momentum == choice.momentum]
    if broke and not evidence.overfits:
        rate = min(rate, min(broke) / CLEAR_OF_BREAKING)
    rate /= 2.0**evidence.steps_down
    hparams = choice.with_(lr=significant(rate), batch_size=batch)
    return with_decay(hparams, evidence, runner, evidence.length)


def safest(response: Response, best: float) -> float:
    """The best rate; if a higher one diverged, half way to the lowest one as good, as seeds fail near the edge."""
    if not any(point.value > best and not math.isfinite(point.loss) for point in response.points):
        return best
    lowest = min(point.loss for point in response.finite)
    alike = [point.value for point in response.finite if point.loss <= lowest + _ALIKE * abs(lowest)]
    return math.sqrt(best * min([best, *alike]))


def with_decay(hparams: HParams, evidence: Evidence, runner: ProbeRunner, length: float) -> HParams:
    """The hyper-parameters with the weight decay for the chosen total over a run of this length on all data.

    A smaller batch keeps rate × decay for each example, and so gets a larger total: rate × steps grows with its steps.
    Not so in runs much shorter than the whole, which do best with less decay than it, nor where small copies alone set
    the rate, which may be too low for so much of it.
    """
    total = evidence.total_decay
    if total is not None and length >= _AS_A_WHOLE * evidence.length and evidence.of_round(RoundName.ZOOM):
        total *= (evidence.current.batch_size / hparams.batch_size) ** (1.0 - BATCH_EXPONENT)
    return with_total_decay(hparams, total, runner.steps(length, hparams.batch_size))


def _solved(evidence: Evidence) -> bool:
    """Whether a run predicts almost perfectly: nothing is left to regularise, and decay keeps the loss from 0."""
    done = [arm for arm in evidence.cycles if math.isfinite(arm.trace.final_val_loss)]
    if not done:
        return False
    best = min(done, key=lambda arm: arm.trace.final_val_loss)
    return 0.0 <= best.trace.final_val_loss <= _SOLVED * baseline(evidence, best)


def _unseen(evidence: Evidence) -> float:
    """Factor on a rate that comes from small copies alone, where the model could memorise what they are too short for.

    Half the law of rate × steps, or all of it, the more weights there are: of indistinguishable rates, the
    lower.
    """
    groups = copy_groups(evidence)
    if evidence.overfits or evidence.of_round(RoundName.ZOOM) or not groups:
        return 1.0
    exponent = next((power for least, power in UNSEEN if evidence.capacity_ratio > least), 0.0)
    return float(min(1.0, groups[-1][0].spec.steps / full_size(evidence).steps) ** exponent)


def at_length(evidence: Evidence, runner: ProbeRunner, length: float) -> HParams:
    """The recommended hyper-parameters for a run of another length on all data: same rate, same total decay."""
    return with_decay(evidence.choice, evidence, runner, length)


def full_decay(evidence: Evidence, total: float) -> float:
    """The optimizer's own number for a total decay at the best rate of the full run."""
    rates = [response for response in evidence.responses if response.knob == "lr" and response.finite]
    rate = best_value(rates[-1], evidence.choice.lr) if rates else evidence.choice.lr
    return with_total_decay(evidence.choice.with_(lr=rate), total, full_size(evidence).steps).weight_decay


def _prior(evidence: Evidence) -> float | None:
    return evidence.base_decay if has_total_decay(evidence.choice.optimizer) else None


def _responses(evidence: Evidence) -> tuple[Response, ...]:
    """One response to the rate for each shape of copy, others kept; the coarsest one is the ladder."""
    groups = copy_groups(evidence)
    fitted = [_response(evidence, arms, "ladder of copies" if i == 0 else "copies") for i, arms in enumerate(groups)]
    others = [response for response in evidence.responses if response.knob != "lr"]
    return (*fitted, *others)


def _response(evidence: Evidence, arms: Sequence[Arm], context: str) -> Response:
    spec = arms[0].spec
    held = f"{context} of {spec.data_share:.3g} of the data, batch size {spec.batch_size}"
    held += f", total decay {evidence.base_decay:g}"
    shape = spec.steps, spec.data_share
    repeats = [arm for arm in evidence.of_round(RoundName.NOISE) if (arm.spec.steps, arm.spec.data_share) == shape]
    return respond(evidence, "lr", "log", [*arms, *repeats], lambda arm: full_rate(evidence, arm), held)


def best_copy(evidence: Evidence) -> Arm | None:
    """The copy with the lowest objective among those of the largest shape; None if none finished."""
    for arms in reversed(copy_groups(evidence)):
        done = [arm for arm in arms if math.isfinite(evidence.cost(arm))]
        if done:
            return min(done, key=evidence.cost)
    return None


def resolved(response: Response) -> bool:
    """Whether a response has an optimum bounded on both sides."""
    return response.verdict == "resolved" and not isinstance(response.best, FitFailed)
