"""Whether outputs with one axis more than whole-number targets are scores of classes, by what the user's loss says.

Thresholds of ordered grades, quantiles of counts and embeddings have that shape as well.
"""

import copy
import math
from typing import Any

import torch
from torch import nn

from advisor.runtime.oom import out_of_memory
from advisor.task.step.losses import Loss, class_axis, prediction

_HEIGHT, _APART = 4.0, 1e-4


def scores_classes(loss: Loss, outputs: Any, targets: Any) -> bool:
    """Whether the loss is lower for a high score at the target's place than for one beside it, on both sides.

    True also where the loss cannot be asked: outputs that are no tensor, or a loss that fails on all forms of scores.

    Args:
        loss: The user's.
        outputs: Of a model, for some examples.
        targets: Theirs; numbers beyond the outputs count as 0.
    """
    out = prediction(outputs)
    if not isinstance(out, torch.Tensor) or out is not outputs or not isinstance(targets, torch.Tensor):
        return True
    axis = class_axis(out, targets)
    if axis is None:
        return True
    classes = int(out.shape[axis])
    clean = torch.where((targets >= 0) & (targets < classes), targets, torch.zeros_like(targets))
    places = [(clean + step) % classes for step in (0, 1, classes - 1)]
    hot = [_HEIGHT * nn.functional.one_hot(place.long(), classes).movedim(-1, axis).to(out.dtype) for place in places]
    asked = False
    for forms in (hot, [scores.softmax(axis) for scores in hot], [scores.log_softmax(axis) for scores in hot]):
        found = [_value(loss, scores, clean) for scores in forms]
        if not all(math.isfinite(value) for value in found):
            continue
        asked = True
        right, *wrong = found
        if right < min(wrong) - _APART * max(map(abs, found)):
            return True
    return not asked


def leaves_out(loss: Loss, outputs: Any, targets: torch.Tensor, number: int) -> bool:
    """Whether the loss takes no notice of examples with this target, as with ``ignore_index``; asked on the CPU.

    Args:
        loss: The user's.
        outputs: Of a model, for some examples.
        targets: Theirs.
        number: A target beyond the outputs.
    """
    out = prediction(outputs)
    if not isinstance(out, torch.Tensor) or out is not outputs or len(targets) < 2:
        return False
    try:
        asked = copy.deepcopy(loss).cpu() if isinstance(loss, nn.Module) else loss
        scores, some = out.detach().cpu(), targets.cpu().clamp(0).remainder(_places(out, targets))
        some[0] = number
        one = _value(asked, scores, some)
        scores = scores.clone()
        scores[0] = scores[0].flip(0) + 1.0
        return math.isfinite(one) and math.isclose(one, _value(asked, scores, some), rel_tol=1e-5)
    except RuntimeError:
        return False


def _places(out: torch.Tensor, targets: torch.Tensor) -> int:
    axis = class_axis(out, targets)
    return int(out.shape[axis]) if axis is not None else 1


def _value(loss: Loss, outputs: torch.Tensor, targets: torch.Tensor) -> float:
    """The loss; NaN where it fails."""
    try:
        with torch.no_grad():
            return float(loss(outputs, targets))
    except Exception as error:
        if out_of_memory(error):
            raise
        return math.nan
