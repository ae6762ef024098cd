"""Settings in a result: configurations, recommended changes, and the tuned knobs."""

from __future__ import annotations

from typing import Literal

import msgspec

from advisor.schema.base import Facts, Number, Part, Setting
from advisor.schema.finding import Confidence

KnobVerdict = Literal["recommended", "insensitive", "not_identifiable", "kept"]


class Settings(Part, frozen=True, kw_only=True):
    """A training configuration in PyTorch's own keyword names: what config.yaml holds.

    Attributes:
        optimizer: ``name`` of a torch.optim class and its keywords.
        schedule: ``name`` of a torch.optim.lr_scheduler class and its keywords; null is a constant rate.
        batch_size: Examples per optimizer step.
        epochs: Passes over the training data.
        clip_grad_norm: Largest gradient norm; null disables clipping.
        amp: Mixed precision; absent unless it is on.
    """

    optimizer: Facts
    schedule: Facts | None
    batch_size: int
    epochs: int
    clip_grad_norm: Number = None
    amp: bool | msgspec.UnsetType = msgspec.UNSET


class ObjectiveUsed(Part, frozen=True, kw_only=True):
    """What runs were judged by.

    Attributes:
        name: ``val_loss``, or the name of a metric.
        higher_is_better: Whether a higher value is better.
    """

    name: str = "val_loss"
    higher_is_better: bool = False


class Change(Part, frozen=True, kw_only=True):
    """A recommended change of a setting.

    Attributes:
        setting: Name of the setting.
        from_: The current value (``from`` in JSON).
        to: The recommended value.
        worth: The expected benefit, in words.
        confidence: Confidence of the recommendation.
        finding: Code of the finding that decided it.
    """

    setting: str
    from_: Setting = msgspec.field(name="from")
    to: Setting
    worth: str = ""
    confidence: Confidence = "low"
    finding: str | None = None


class AtStake(Part, frozen=True, kw_only=True):
    """The cost of setting a knob to another value; positive is worse.

    Attributes:
        text: Summary in words.
        half: Result at half the recommended value minus the result at the recommended value.
        double: The same at twice the recommended value.
        current: The same at the current value.
    """

    text: str
    half: Number = None
    double: Number = None
    current: Number = None


class Knob(Part, frozen=True, kw_only=True):
    """One tuned setting.

    Attributes:
        name: ``lr``, ``batch_size``, ``schedule``, ``momentum``, ``weight_decay`` or ``epochs``.
        recommended: The recommended value.
        current: The current value.
        interval: Values that are indistinguishable from the best.
        confidence: Confidence of the recommendation.
        verdict: ``recommended``, ``insensitive`` (no effect on this task), ``not_identifiable`` or ``kept``.
        at_stake: The cost of other values.
    """

    name: str
    recommended: Setting
    current: Setting
    interval: tuple[Number, Number] | None
    confidence: Confidence
    verdict: KnobVerdict
    at_stake: AtStake
