"""The hyper-parameters that are tuned, and the PyTorch keywords that they map to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from advisor.config.config import Config
from advisor.config.schedule import CYCLES, ScheduleKind
from advisor.records.spec import Keywords, peak_lr

MOMENTUM_CYCLE = 0.1
"""Range of the momentum, which falls while the rate rises: 0.95 to 0.85 (S-M2)."""
DIV_FACTOR = 10.0
"""The rate starts at a tenth of its peak (S-LR2)"""
FINAL_DIV_FACTOR = 1000.0
"""and ends at a thousandth of its start (S-LR4)."""
PCT_START = {"1cycle": 0.3, "cosine": 0.1}


@dataclass(frozen=True, slots=True)
class HParams:
    """One point of the search.

    Attributes:
        optimizer: Name of a ``torch.optim`` class.
        lr: Peak learning rate.
        momentum: Peak momentum, or first beta; None if the optimizer has neither.
        weight_decay: In the optimizer's own convention.
        batch_size: Examples per step.
        schedule: Shape of the rate over the run.
        cycle_momentum: Whether momentum falls while the rate rises.
        extra: Further optimizer keywords, passed through unchanged (``betas[1]`` as ``beta2``).
        clip_grad_norm: Largest gradient norm, or None.
        amp: Mixed precision.
    """

    optimizer: str
    lr: float
    momentum: float | None
    weight_decay: float
    batch_size: int
    schedule: ScheduleKind = "1cycle"
    cycle_momentum: bool = False
    extra: Keywords = field(default_factory=dict)
    clip_grad_norm: float | None = None
    amp: bool = False

    @staticmethod
    def starting_from(current: Config) -> HParams:
        """The starting point of the search: the user's optimizer, decay and batch size, under 1cycle."""
        keywords = dict(current.optimizer)
        name = str(keywords.pop("name"))
        lr = peak_lr(current.optimizer, current.schedule)
        keywords.pop("lr")
        beta2 = keywords.pop("betas", (0.9, 0.999))[1]
        keywords.pop("momentum", None)
        keywords.pop("nesterov", None)
        decay = keywords.pop("weight_decay", default_weight_decay(name))
        if uses_betas(name):
            keywords["beta2"] = beta2
        return HParams(
            optimizer=name,
            lr=lr,
            momentum=start_momentum(name),
            weight_decay=float(decay),
            batch_size=current.batch_size,
            schedule="1cycle",
            cycle_momentum=False,
            extra=keywords,
            clip_grad_norm=current.clip_grad_norm,
            amp=current.amp,
        )

    def with_(self, **changes: Any) -> HParams:
        """A copy with some values replaced."""
        return replace(self, **changes)

    def optimizer_keywords(self) -> Keywords:
        """Keywords of the ``torch.optim`` class, with its ``name``."""
        keywords: Keywords = {"name": self.optimizer, "lr": self.lr}
        extra = dict(self.extra)
        beta2 = extra.pop("beta2", 0.999)
        if self.momentum is not None:
            if uses_betas(self.optimizer):
                keywords["betas"] = [self.momentum, beta2]
            else:
                keywords["momentum"] = self.momentum
                if self.optimizer == "SGD" and self.momentum > 0:
                    keywords["nesterov"] = True
        if _accepts(self.optimizer, "weight_decay"):
            keywords["weight_decay"] = self.weight_decay
        return {**keywords, **extra}

    def schedule_keywords(self) -> Keywords | None:
        """Keywords of the ``lr_scheduler`` class without its length; None for a constant rate."""
        if self.schedule == "constant":
            return None
        top = self.momentum if self.momentum is not None else 0.0
        cycled = self.cycle_momentum and self.momentum is not None and self.schedule != "cosine"
        momenta = {"base_momentum": round(max(0.5, top - MOMENTUM_CYCLE), 4), "max_momentum": top} if cycled else {}
        if self.schedule == "triangular":
            return {
                "name": "CyclicLR", "base_lr": self.lr / 4, "max_lr": self.lr, "cycle_momentum": cycled, **momenta
            }  # fmt: skip
        return {
            "name": "OneCycleLR",
            "max_lr": self.lr,
            "pct_start": PCT_START[self.schedule],
            "div_factor": DIV_FACTOR,
            "final_div_factor": FINAL_DIV_FACTOR,
            "anneal_strategy": "cos",
            "cycle_momentum": cycled,
            **momenta,
        }

    def config(self, epochs: int, total_steps: int | None = None) -> Config:
        """The configuration to train with."""
        schedule = self.schedule_keywords()
        if schedule is not None and schedule["name"] == "OneCycleLR" and total_steps is not None:
            schedule = {"name": "OneCycleLR", "max_lr": self.lr, "total_steps": total_steps} | {
                key: value for key, value in schedule.items() if key not in ("name", "max_lr")
            }
        if schedule is not None and schedule["name"] == "CyclicLR" and total_steps is not None:
            schedule["step_size_up"] = max(1, total_steps // (2 * CYCLES))
        return Config(
            optimizer=self.optimizer_keywords(),
            schedule=schedule,
            batch_size=self.batch_size,
            epochs=epochs,
            clip_grad_norm=self.clip_grad_norm,
            amp=self.amp,
        )


def uses_betas(optimizer: str) -> bool:
    """Whether the optimizer's momentum is its first beta."""
    return _accepts(optimizer, "betas")


def start_momentum(optimizer: str) -> float | None:
    """Initial momentum of the probes: 0.9 (where the grid of S-M1 starts), None if the optimizer has none."""
    return 0.9 if uses_betas(optimizer) or _accepts(optimizer, "momentum") else None


def default_weight_decay(optimizer: str) -> float:
    """Torch's default weight decay for the optimizer."""
    return {"AdamW": 0.01, "Muon": 0.1}.get(optimizer, 0.0)


def default_momentum(optimizer: str) -> float:
    """Torch's default momentum or first beta; 0 if the optimizer has neither."""
    return 0.9 if uses_betas(optimizer) else {"Muon": 0.95}.get(optimizer, 0.0)


_BETAS = ("Adam", "AdamW", "NAdam", "RAdam", "Adamax", "SparseAdam")
_MOMENTUM = ("SGD", "RMSprop", "Muon")
_NO_DECAY = ("SparseAdam", "Rprop")


def _accepts(optimizer: str, keyword: str) -> bool:
    """Whether the optimizer takes a keyword; a table, because the parent process never imports torch."""
    table = {"betas": optimizer in _BETAS, "momentum": optimizer in _MOMENTUM}
    return table.get(keyword, optimizer not in _NO_DECAY)
