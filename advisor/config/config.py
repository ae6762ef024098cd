"""A training configuration in PyTorch's own keyword names: what ``config.yaml`` holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from advisor.errors import UsageError
from advisor.records.spec import Keywords
from advisor.utils.jsonio import read_text

if TYPE_CHECKING:
    from torch import nn
    from torch.optim import Optimizer
    from torch.optim.lr_scheduler import LRScheduler

_NEEDED = {"OneCycleLR": ("max_lr",), "CyclicLR": ("base_lr", "max_lr")}
_LARGEST = 2**20
_NUMBERS = {"lr", "momentum", "weight_decay"}
KEYS = ("optimizer", "schedule", "batch_size", "epochs", "clip_grad_norm", "amp")
"""Keys of a configuration, in the order in which they are written."""


@dataclass(frozen=True, slots=True)
class Config:
    """A training configuration.

    Attributes:
        optimizer: ``name`` of a ``torch.optim`` class and its keywords.
        schedule: ``name`` of a ``torch.optim.lr_scheduler`` class and its keywords, stepped once per
            optimizer step; None is a constant rate.
        batch_size: Examples per optimizer step.
        epochs: Passes over the training data.
        clip_grad_norm: Largest gradient norm, or None.
        amp: Mixed precision.
    """

    optimizer: Keywords
    schedule: Keywords | None
    batch_size: int
    epochs: int
    clip_grad_norm: float | None = None
    amp: bool = False

    def as_dict(self) -> Keywords:
        """The shape that config.yaml and report.json hold; ``amp`` only where it is set."""
        data: Keywords = {
            "optimizer": dict(self.optimizer),
            "schedule": dict(self.schedule) if self.schedule else None,
            "batch_size": self.batch_size,
            "epochs": self.epochs,
            "clip_grad_norm": self.clip_grad_norm,
        }
        return {**data, "amp": True} if self.amp else data

    def to_yaml(self, comment: str = "") -> str:
        """YAML text, with ``comment`` as leading ``#`` lines."""
        head = "".join(f"# {line}\n" for line in comment.splitlines())
        body = yaml.safe_dump(self.as_dict(), sort_keys=False, default_flow_style=None, width=200)
        return head + str(body)

    def with_(self, **changes: Any) -> Config:
        """A copy with some fields replaced."""
        return replace(self, **changes)

    def build(
        self, params: Iterable[nn.Parameter] | Iterable[Keywords], steps_per_epoch: int
    ) -> tuple[Optimizer, LRScheduler | None]:
        """Makes the PyTorch optimizer and scheduler.

        Args:
            params: ``model.parameters()`` or parameter groups, as a torch optimizer takes them.
            steps_per_epoch: Optimizer steps in one epoch at ``batch_size``; sets the schedule's length.

        Returns:
            The optimizer and its scheduler (None if the rate is constant). Call ``scheduler.step()`` once
            after each ``optimizer.step()``, but not after the last.
        """
        from advisor.config.build_optimizer import build_optimizer
        from advisor.config.build_scheduler import build_scheduler

        optimizer = build_optimizer(params, self.optimizer)
        return optimizer, build_scheduler(optimizer, self.schedule, max(1, steps_per_epoch * self.epochs))

    @staticmethod
    def from_dict(data: Any, where: str = "configuration") -> Config:
        """Checks and reads the shape that ``as_dict`` writes.

        Raises:
            UsageError: If a key is missing, unknown or of the wrong kind.
        """
        if not isinstance(data, dict):
            raise UsageError(f"a mapping in {where}", type(data).__name__, "see a config.yaml for the form")
        unknown = sorted(set(map(str, data)) - set(KEYS))
        if unknown:
            raise UsageError(f"only the keys {', '.join(KEYS)} in {where}", f"{', '.join(unknown)}", "remove it")
        optimizer = data.get("optimizer")
        if not isinstance(optimizer, dict) or not isinstance(optimizer.get("name"), str):
            raise UsageError(f"optimizer: {{name: ..., lr: ...}} in {where}", repr(optimizer), "name the class")
        for key in sorted(_NUMBERS & optimizer.keys()):
            _check_number(optimizer, key, f"optimizer in {where}")
        schedule = data.get("schedule")
        if schedule is not None and (not isinstance(schedule, dict) or "name" not in schedule):
            raise UsageError(f"schedule: {{name: ...}} or null in {where}", repr(schedule), "name the class")
        if isinstance(schedule, dict):
            for key in _NEEDED.get(str(schedule["name"]), ()):
                _check_number(schedule, key, f"schedule in {where}")
        numbers = {name: data.get(name) for name in ("batch_size", "epochs")}
        for name, value in numbers.items():
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise UsageError(f"{name}: a whole number above 0 in {where}", repr(value), f"set {name}")
        clip = data.get("clip_grad_norm")
        if clip is not None and (not isinstance(clip, (int, float)) or isinstance(clip, bool) or clip <= 0):
            raise UsageError(f"clip_grad_norm: a number above 0 or null in {where}", repr(clip), "correct it")
        return Config(
            optimizer=dict(optimizer),
            schedule=dict(schedule) if schedule else None,
            batch_size=int(data["batch_size"]),
            epochs=int(data["epochs"]),
            clip_grad_norm=None if clip is None else float(clip),
            amp=bool(data.get("amp", False)),
        )


def _check_number(keywords: Keywords, key: str, where: str) -> None:
    value = keywords.get(key)
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise UsageError(f"{key}: a number for {where}", repr(value), "write it as 0.001 (YAML reads 1e-3 as text)")


def load_config(path: str | Path) -> Config:
    """Reads a ``config.yaml``.

    Raises:
        UsageError: If the file is missing, not YAML, or not of the expected shape.
    """
    path = Path(path)
    try:
        text = read_text(path, _LARGEST)
    except (OSError, ValueError) as error:
        raise UsageError("a readable config.yaml", f"{path}: {error}", "check the path") from error
    return Config.from_dict(parse_yaml(text, str(path)), str(path))


class _NoAliases(yaml.SafeLoader):
    """Loads plain values without aliases: nested aliases could expand to gigabytes."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not supported")
        return super().compose_node(parent, index)


def parse_yaml(text: str, where: str) -> Any:
    """Plain values from YAML.

    Raises:
        UsageError: If the text is not YAML, or is nested too deeply.
    """
    try:
        return yaml.load(text, _NoAliases)
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError, TypeError, AttributeError) as error:
        said = str(error) or type(error).__name__
        raise UsageError("YAML", f"{where}: {said}", "correct the file or write it again") from error
