"""The specification of one probe: plain data, hashed by content, so that no probe is run twice."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, TypeAlias

from advisor.utils.jsonio import dumps

Keywords: TypeAlias = dict[str, Any]
"""Keyword arguments by name: of a torch class (with its ``name``), of the user's model, or settings as given."""
ProbeKind = Literal["range", "cycle"]
_NOT_HASHED = ("label", "noise_examples")
_HASHED_IF_SET = ("model_kwargs", "grad_noise", "data_share", "data_seed")
"""Fields added later: left out of the hash at their default, so that probes of earlier versions are still
found."""


@dataclass(frozen=True)
class ProbeSpec:
    """The specification of one training run.

    Attributes:
        kind: ``range`` ramps the learning rate exponentially; ``cycle`` trains a whole schedule.
        optimizer: Keywords of a ``torch.optim`` class, with its ``name``.
        schedule: Keywords of a ``torch.optim.lr_scheduler`` class with its ``name``, or None for constant.
            For ``range``: ``{"name": "ExponentialRamp", "start_lr": float, "end_lr": float}``.
        batch_size: Examples per optimizer step.
        steps: Optimizer steps of the whole schedule.
        seed: Seeds weights, batch order and dropout. Arms that share it are paired.
        eval_steps: Steps (1-based) after which the validation loss is measured; always contains the last.
        eval_examples: Size of the fixed validation subset.
        clip_grad_norm: Largest gradient norm, or None.
        amp: Mixed precision.
        eval_train: Whether a training subset of the same size is evaluated at the end, for the true gap.
        task: Fingerprint of the user's code and data.
        model_kwargs: Keyword arguments of the user's ``model``, for comparisons.
        grad_noise: Whether the gradient noise scale is measured over the last steps.
        noise_examples: Maximum number of training examples whose gradients are taken after the last step, at the final
            weights, for the gradient noise scale. Not part of the key: nothing else depends on it.
        data_share: Share of the training examples that are used; validation data are never cut.
        data_seed: Seed of the choice of these examples. Arms that share it see the same examples.
        label: Description for people. Not part of the key.
    """

    kind: ProbeKind
    optimizer: Keywords
    schedule: Keywords | None
    batch_size: int
    steps: int
    seed: int
    eval_steps: tuple[int, ...]
    eval_examples: int
    clip_grad_norm: float | None = None
    amp: bool = False
    eval_train: bool = False
    task: str = ""
    model_kwargs: Keywords = field(default_factory=dict)
    grad_noise: bool = False
    noise_examples: int = field(default=0, compare=False)
    data_share: float = 1.0
    data_seed: int = 0
    label: str = field(default="", compare=False)

    @cached_property
    def key(self) -> str:
        """Content hash of everything that decides the result (16 hex digits); cached, as rules read it often."""
        fields = asdict(self)
        left_out = [*_NOT_HASHED, *(name for name in _HASHED_IF_SET if fields[name] in (0, {}))]
        if self.data_share >= 1.0:
            left_out += ["data_share", "data_seed"]
        content = {name: value for name, value in fields.items() if name not in left_out}
        return hashlib.sha256(dumps(_sorted(content)).encode()).hexdigest()[:16]

    def __hash__(self) -> int:
        return hash(self.key)

    @property
    def train_examples(self) -> int:
        """Examples that the finished probe trains on."""
        return self.steps * self.batch_size

    @property
    def is_copy(self) -> bool:
        """Whether it trains on a part of the data (a copy of the run)."""
        return self.data_share < 1.0

    @property
    def eval_total(self) -> int:
        """Examples that the finished probe evaluates."""
        return (len(self.eval_steps) + self.eval_train) * self.eval_examples

    @property
    def lr(self) -> float:
        """Peak learning rate."""
        return peak_lr(self.optimizer, self.schedule)

    @property
    def momentum(self) -> float | None:
        """Peak momentum: ``momentum`` or the first of ``betas``; None if the optimizer has neither."""
        if "momentum" in self.optimizer:
            return float(self.optimizer["momentum"])
        if "betas" in self.optimizer:
            return float(self.optimizer["betas"][0])
        return None

    @property
    def weight_decay(self) -> float:
        """Weight decay as the optimizer takes it (L2 for SGD and Adam, decoupled for AdamW)."""
        return float(self.optimizer.get("weight_decay", 0.0))

    def with_seed(self, seed: int) -> "ProbeSpec":
        """The same probe with another seed: a repeat."""
        return replace(self, seed=seed)


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, (list, tuple)):
        return [_sorted(item) for item in value]
    return value


def peak_lr(optimizer: Mapping[str, Any], schedule: Mapping[str, Any] | None) -> float:
    """The peak learning rate: the schedule's ``max_lr``, which overrides the optimizer's ``lr``, else ``lr``."""
    top = (schedule or {}).get("max_lr")
    if isinstance(top, (list, tuple)):
        return float(max(top))
    return float(optimizer["lr"] if top is None else top)
