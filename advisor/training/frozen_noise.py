"""The gradient noise scale at the final weights of a probe: a few more batches without steps."""

import math
from typing import TYPE_CHECKING

from advisor.training.gradient_noise import LEAST, GradientNoise, NoiseScale

if TYPE_CHECKING:
    from advisor.training.trainer import Progress, Training

_GRADIENTS = 24
"""Number of batches that the allowed examples are split into; the estimate does not depend on the batch size."""
_SMALLEST = 8
_SURE = 1.25
"""Ratio of the interval's ends at which it is narrow enough."""
_OTHER_ORDER = 7919
_TELL_EVERY = 10


def frozen_noise(
    training: "Training", examples: int, on_progress: "Progress | None" = None
) -> tuple[NoiseScale | None, int]:
    """Takes gradients of disjoint batches until the interval is narrow, or the examples are used up.

    During training the weights move between two gradients, and batches of the same epoch are fitted better than the
    rest: estimates from ordinary steps were off by factors of 0.1 to 16
    (``benchmarks/batch.py``).

    Args:
        training: A finished run.
        examples: Maximum number of examples to use.
        on_progress: Called at every tenth gradient, so that a slow model does not count as hung.

    Returns:
        The estimate, or None with fewer than six gradients; and the number of examples used.
    """
    task, spec, train = training.task, training.spec, training.train
    examples = min(examples, train.size)
    size = min(spec.batch_size, task.piece or spec.batch_size, max(_SMALLEST, examples // _GRADIENTS))
    count = examples // size
    noise = GradientNoise(training.params, size, count, train.size, first=1)
    share = training.ranks.share(train, size, spec.seed + _OTHER_ORDER)
    taken, found = 0, None
    for taken in range(1, count + 1):
        training.optimizer.zero_grad(set_to_none=True)
        training.backward(next(share.batches), share)
        noise.add(taken)
        if on_progress and taken % _TELL_EVERY == 0:
            on_progress(spec.steps, training.recorder.level()[2])
        if taken % LEAST == 0 or taken == count:
            found = noise.scale()
            if found is not None and _narrow(found):
                break
    return found, taken * size


def _narrow(scale: NoiseScale) -> bool:
    return scale.low > 0 and scale.high / _SURE <= scale.value <= _SURE * scale.low < math.inf
