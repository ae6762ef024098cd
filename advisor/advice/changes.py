"""The recommended changes: the one place that compares the recommended configuration with the current one."""

from collections.abc import Mapping, Sequence

from advisor.advice.recommend import Recommendation
from advisor.config.config import Config
from advisor.config.current import current_settings
from advisor.config.hparams import default_momentum, uses_betas
from advisor.schema.base import Facts, Setting
from advisor.schema.settings import Change, Knob

_ORDER = ("lr", "batch_size", "schedule", "momentum", "weight_decay", "epochs")
_KNOB_OF = {
    "optimizer.lr": "lr",
    "optimizer.momentum": "momentum",
    "optimizer.betas": "momentum",
    "optimizer.weight_decay": "weight_decay",
    "batch_size": "batch_size",
    "epochs": "epochs",
    "schedule": "schedule",
}


def changes(current: Config, choice: Recommendation, knobs: Sequence[Knob]) -> list[Change]:
    """Settings whose recommended value differs from the current one, with expected benefit and confidence."""
    before = _defaults(current) | _flat(current)
    stakes = {knob.name: knob for knob in knobs}
    found = [
        _change(setting, before.get(setting), value, stakes, choice.decided)
        for setting, value in _flat(choice.config).items()
        if before.get(setting) != value and not setting.startswith("schedule.") and setting != "optimizer.nesterov"
    ]
    return sorted(found, key=lambda change: _ORDER.index(change.setting) if change.setting in _ORDER else 99)


def _change(
    setting: str, before: Setting, after: Setting, stakes: Mapping[str, Knob], decided: Mapping[str, str]
) -> Change:
    name = _KNOB_OF.get(setting, "")
    knob = stakes.get(name)
    return Change(
        setting=name or setting,
        from_=before,
        to=after,
        worth=knob.at_stake.text if knob else "",
        confidence=knob.confidence if knob else "low",
        finding=decided.get(name),
    )


def _defaults(config: Config) -> Facts:
    """Torch's defaults for settings that the user's file leaves open."""
    name = str(config.optimizer["name"])
    return {
        "optimizer.weight_decay": current_settings(config).weight_decay,
        "optimizer.betas": [0.9, 0.999] if uses_betas(name) else None,
        "optimizer.momentum": default_momentum(name),
    }


def _flat(config: Config) -> Facts:
    """Settings by dotted names; ``lr`` is the peak rate."""
    schedule = config.schedule or {}
    flat: Facts = {f"optimizer.{key}": value for key, value in config.optimizer.items()}
    flat["optimizer.lr"] = current_settings(config).peak_lr
    flat["schedule"] = schedule.get("name", "constant")
    flat |= {f"schedule.{key}": value for key, value in schedule.items() if key != "name"}
    rest = {"batch_size": config.batch_size, "epochs": config.epochs, "clip_grad_norm": config.clip_grad_norm}
    return flat | rest | ({"amp": True} if config.amp else {})
