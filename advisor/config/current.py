"""The current settings as one value, independent of how they were written."""

from dataclasses import dataclass

from advisor.config.config import Config
from advisor.config.hparams import default_momentum, default_weight_decay, start_momentum, uses_betas
from advisor.records.spec import peak_lr


@dataclass(frozen=True, slots=True)
class CurrentSettings:
    """What a configuration trains with.

    Attributes:
        optimizer: Name of a ``torch.optim`` class.
        peak_lr: Largest learning rate of the run: the schedule's ``max_lr`` where it has one, as that overrides the
            optimizer's ``lr``. With several parameter groups, the rate of the first; the ratios are kept.
        momentum: Momentum or first beta, torch's default if unset; None if the optimizer has neither.
        weight_decay: In the optimizer's own convention, torch's default if unset.
        batch_size: Examples per optimizer step, including accumulated passes.
        epochs: Passes over the training data.
        schedule: Name of a ``torch.optim.lr_scheduler`` class, or ``constant``.
    """

    optimizer: str
    peak_lr: float
    momentum: float | None
    weight_decay: float
    batch_size: int
    epochs: int
    schedule: str

    def value(self, name: str) -> float | int | str | None:
        """A hyper-parameter by its name in reports: ``lr``, ``momentum``, ``weight_decay``, ``batch_size``, ..."""
        value: float | int | str | None = getattr(self, "peak_lr" if name == "lr" else name)
        return value


def current_settings(config: Config) -> CurrentSettings:
    """Extracts the current settings from a configuration."""
    name = str(config.optimizer["name"])
    return CurrentSettings(
        optimizer=name,
        peak_lr=peak_lr(config.optimizer, config.schedule),
        momentum=_momentum(config, name),
        weight_decay=_weight_decay(config, name),
        batch_size=config.batch_size,
        epochs=config.epochs,
        schedule=str((config.schedule or {}).get("name", "constant")),
    )


def _momentum(config: Config, name: str) -> float | None:
    if start_momentum(name) is None:
        return None
    given = config.optimizer.get("betas", (None,))[0] if uses_betas(name) else config.optimizer.get("momentum")
    return default_momentum(name) if given is None else float(given)


def _weight_decay(config: Config, name: str) -> float:
    given = config.optimizer.get("weight_decay")
    return default_weight_decay(name) if given is None else float(given)
