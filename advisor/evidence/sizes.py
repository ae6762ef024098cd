"""The best rate of each size of run that was probed, for the laws that carry it to others."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import arms_of
from advisor.fits.carry import Size
from advisor.fits.optimum import Optimum
from advisor.fits.types import FitFailed


def best_by_size(evidence: Evidence) -> list[tuple[Size, Optimum]]:
    """Rates that were closed in from both sides, by the examples that their probes trained on; smallest first.

    Copies count with the examples of the copy. Of responses at one size the last, which knows most, stands.
    """
    found: dict[tuple[int, int], tuple[Size, Optimum]] = {}
    for response in evidence.responses:
        arms = arms_of(evidence, response)
        batches = {arm.spec.batch_size for arm in arms}
        if response.knob != "lr" or response.verdict != "resolved" or len(batches) != 1:
            continue
        if isinstance(response.best, FitFailed) or response.best.low <= 0:
            continue
        batch, data = batches.pop(), max(arm.spec.train_examples for arm in arms)
        found[data, batch] = Size(data), Optimum(response.best, None, batch, len(response.points))
    return [found[key] for key in sorted(found)]
