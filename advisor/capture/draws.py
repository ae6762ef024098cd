"""Records how initial weights were drawn, so that they can be drawn again.

Every function that fills a tensor with random numbers is recorded with a fingerprint of the result. A parameter whose
values match such a fingerprint can be drawn again under another seed; others (loaded,
pretrained, computed) are kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from advisor.capture.patching import Patches
from advisor.records.spec import Keywords
from advisor.task.task import copied

_IN_PLACE = ("normal_", "uniform_", "exponential_", "bernoulli_", "cauchy_", "log_normal_", "geometric_", "random_")
_INIT = (
    "uniform_", "normal_", "trunc_normal_", "xavier_uniform_", "xavier_normal_", "kaiming_uniform_",
    "kaiming_normal_", "orthogonal_", "sparse_", "dirac_", "eye_",
)  # fmt: skip
_MADE = ("randn", "rand", "normal", "randn_like", "rand_like", "empty_like")
_FEWEST = 2
_ALIASES = {"xavier_uniform": "xavier_uniform_", "xavier_normal": "xavier_normal_", "normal": "normal_",
            "kaiming_normal": "kaiming_normal_", "uniform": "uniform_"}  # fmt: skip

Mark = tuple[Any, ...]


def mark(tensor: torch.Tensor) -> Mark:
    """Fingerprint of a tensor: shape and three sums, unique in practice for random tensors."""
    flat = tensor.detach().reshape(-1).to(torch.float64)
    return (tuple(tensor.shape), float(flat.sum()), float(flat[: len(flat) // 2].sum()), float(flat[0]))


@dataclass(frozen=True, slots=True)
class Draw:
    """One call that filled a whole tensor.

    Attributes:
        fill: Fills a tensor of the same shape.
    """

    fill: Callable[[torch.Tensor], Any]


class Draws:
    """All calls that drew tensors, by what they drew."""

    def __init__(self) -> None:
        self._of: dict[Mark, Draw] = {}
        self._inside = False
        self.closed = False

    def install(self, patches: Patches) -> None:
        """Hooks PyTorch's random initialisers."""
        for name in _INIT:
            patches.wrap(nn.init, name, self._filling)
        for old, new in _ALIASES.items():
            if hasattr(nn.init, old):
                patches.set(nn.init, old, getattr(nn.init, new))
        for name in _IN_PLACE:
            patches.wrap(torch.Tensor, name, self._filling)
        for name in ("randn", "rand", "normal"):
            patches.wrap(torch, name, self._making)

    def find(self, tensor: torch.Tensor) -> Draw | None:
        """How the current values of a tensor were drawn; None if they were not."""
        if tensor.numel() < 1 or not tensor.is_floating_point():
            return None
        return self._of.get(mark(tensor))

    def _note(self, tensor: Any, fill: Callable[[torch.Tensor], Any]) -> None:
        if isinstance(tensor, torch.Tensor) and tensor.is_floating_point() and tensor.numel() >= 1:
            self._of[mark(tensor)] = Draw(fill)

    def _filling(self, old: Callable[..., Any]) -> Callable[..., Any]:
        def filling(tensor: Any, *args: Any, **keywords: Any) -> Any:
            if self._inside or self.closed or not isinstance(tensor, torch.Tensor) or tensor.is_meta:
                return old(tensor, *args, **keywords)
            self._inside = True
            try:
                result = old(tensor, *args, **keywords)
            finally:
                self._inside = False
            keywords.pop("generator", None)
            self._note(tensor, lambda fresh: old(fresh, *args, **keywords))
            return result

        return filling

    def _making(self, old: Callable[..., Any]) -> Callable[..., Any]:
        def making(*args: Any, **keywords: Any) -> Any:
            made = old(*args, **keywords)
            if not (self._inside or self.closed) and isinstance(made, torch.Tensor) and made.numel() < 2**24:
                kept = {key: value for key, value in keywords.items() if key in ("mean", "std")}
                if old.__name__ == "normal" and any(isinstance(a, torch.Tensor) for a in (*args, *kept.values())):
                    return made
                self._note(made, lambda fresh: _refill(old.__name__, fresh, args, kept))
            return made

        return making


def _refill(name: str, fresh: torch.Tensor, args: Any, keywords: Keywords) -> None:
    if name == "normal":
        mean = keywords.get("mean", args[0] if args else 0.0)
        std = keywords.get("std", args[1] if len(args) > 1 else 1.0)
        fresh.normal_(mean, std)
    elif name == "rand":
        fresh.uniform_()
    else:
        fresh.normal_()


class Fresh:
    """Makes copies of a model with fresh weights.

    Args:
        model: The model before its first step.
        draws: How its weights were drawn.

    Attributes:
        drawn: Number of weights that are drawn again.
        kept: Number of non-constant weights that are kept.
    """

    def __init__(self, model: nn.Module, draws: Draws) -> None:
        self._model = model
        self._fills: dict[str, Draw] = {}
        self.drawn = self.kept = 0
        for name, parameter in model.named_parameters():
            draw = draws.find(parameter)
            if draw is not None:
                self._fills[name] = draw
                self.drawn += parameter.numel()
            elif parameter.numel() and bool((parameter != parameter.reshape(-1)[0]).any()):
                self.kept += self._pad(model, name, parameter, draws)

    def _pad(self, model: nn.Module, name: str, parameter: torch.Tensor, draws: Draws) -> int:
        """Draws an embedding with its padding row, which is then set to zero."""
        owner = model.get_submodule(name.rpartition(".")[0])
        index = getattr(owner, "padding_idx", None)
        if not isinstance(owner, nn.Embedding) or index is None or bool(parameter[index].any()):
            return parameter.numel()

        def fill(fresh: torch.Tensor) -> None:
            fresh.normal_(0.0, float(spread))
            fresh[index] = 0.0

        spread = parameter.detach().std() if parameter.numel() > _FEWEST else 1.0
        if abs(float(spread) - 1.0) > 0.2:
            return parameter.numel()
        spread = torch.tensor(1.0)
        self._fills[name] = Draw(fill)
        self.drawn += parameter.numel()
        return 0

    def __call__(self) -> nn.Module:
        """A copy with weights drawn from the current state of torch's generator."""
        model = copied(self._model)
        own = dict(model.named_parameters())
        with torch.no_grad():
            for name, draw in self._fills.items():
                draw.fill(own[name].data)
        return model
