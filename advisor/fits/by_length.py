"""Forecast of a longer run from the best loss at two or more probe lengths."""

import math
from collections.abc import Sequence

from advisor.fits.extrapolate import Forecast
from advisor.fits.types import Estimate, FitFailed

FASTEST, SUDDEN = 3.0, 0.3
"""How the fall of the log loss continued beyond the probes, as a multiple of linear continuation.

On five small tasks (two image, one table, one text classification, one language model) the next factor of four in
length brought 0.4 to 5 times the fall of the last one; the language model's plateau broke only after a quarter of
its run. The interval therefore reaches from 0.15 in log loss above the last probe, as a run may begin to overfit (seen
on digits), to 3 times straight continuation, and at most 0.3 in log loss beyond it.
"""
_SAME_LENGTH = 1.3
_UNSEEN = 0.15


def forecast_length(
    lengths: Sequence[float], losses: Sequence[float], noise: float, at: float = 1.0
) -> Forecast | FitFailed:
    """Continues the fall between the last two lengths, in log loss where losses are positive.

    Args:
        lengths: Fractions of the full run, positive, in any order. Lengths within 30 % of each other count as one,
            with the better loss.
        losses: Best loss at each; any real numbers. Pairs with a non-finite member are left out.
        noise: Standard deviation of one loss; NaN if never measured.
        at: Length to predict, at least the longest measured.

    Returns:
        The forecast with its 80 % interval, or why there is none.
    """
    pairs = _merged(lengths, losses)
    if len(pairs) < 2:
        return FitFailed(f"finite losses at {len(pairs)} length(s), 2 needed")
    (before, above), (longest, last) = pairs[-2:]
    if not math.isfinite(at) or at < longest * (1 - 1e-9):
        return FitFailed(f"length {at:g} is not beyond the longest probe")
    sigma = noise if math.isfinite(noise) and noise > 0 else 0.0
    share = math.log(max(at / longest, 1.0)) / math.log(longest / before)
    if min(above, last) > 0:
        fall = max(math.log(above / last), 0.0) * share
        deepest = min(fall + SUDDEN * min(share, 1.0), FASTEST * fall + _UNSEEN * min(share, 1.0))
        value, low = last * math.exp(-fall), last * math.exp(-deepest)
        high = max(last, last + (last - above) * share) * math.exp(_UNSEEN * min(share, 1.0))
    else:
        fall = max(above - last, 0.0) * share
        value, low = last - fall, last - FASTEST * fall
        high = last + max(last - above, 0.0) * share
    return Forecast(at, Estimate(value, low - sigma, high + sigma), last)


def _merged(lengths: Sequence[float], losses: Sequence[float]) -> list[tuple[float, float]]:
    """Pairs by increasing length, near-equal lengths joined with their best loss."""
    pairs = sorted(
        (length, loss)
        for length, loss in zip(lengths, losses, strict=False)
        if math.isfinite(length) and math.isfinite(loss) and length > 0
    )
    merged: list[tuple[float, float]] = []
    for length, loss in pairs:
        if merged and length / merged[-1][0] < _SAME_LENGTH:
            merged[-1] = (merged[-1][0], min(merged[-1][1], loss))
        else:
            merged.append((length, loss))
    return merged
