"""Learning rates evaluated by validation loss and by the metric."""

from __future__ import annotations

from advisor.schema.base import Number, Part
from advisor.schema.responses import Line, ResponseVerdict


class BothPoint(Part, frozen=True, kw_only=True):
    """One rate, evaluated by loss and by metric.

    Attributes:
        value: The learning rate.
        loss: Validation loss.
        metric: The metric.
        diverged: Whether the run diverged.
    """

    value: float
    loss: Number
    metric: Number
    diverged: bool = False


class RateChoice(Part, frozen=True, kw_only=True):
    """The best rate under one objective.

    Attributes:
        value: The rate.
        low: Lower end of its interval.
        high: Upper end.
        verdict: What the fit supports.
        noise: Standard deviation between seeds.
        curve: The fit.
    """

    value: float
    low: Number
    high: Number
    verdict: ResponseVerdict
    noise: Number
    curve: Line


class ByObjective(Part, frozen=True, kw_only=True):
    """The best rate under each of the two objectives.

    Attributes:
        loss: By validation loss.
        metric: By the metric.
    """

    loss: RateChoice
    metric: RateChoice


class CostOfOther(Part, frozen=True, kw_only=True):
    """The loss from choosing the rate by the other objective.

    Attributes:
        loss: Validation loss lost at the metric's best rate.
        metric: Metric lost at the loss's best rate.
    """

    loss: Number
    metric: Number


class BothWays(Part, frozen=True, kw_only=True):
    """Learning rates evaluated by validation loss and by the metric.

    Attributes:
        length: Length of the runs.
        metric: Name of the metric.
        higher_is_better: Whether a higher metric is better.
        points: Tried rates.
        by: Best rate under each objective.
        factor: Ratio of the two best rates, at least 1.
        cost: The loss from choosing by the other objective.
    """

    length: Number
    metric: str
    higher_is_better: bool
    points: tuple[BothPoint, ...]
    by: ByObjective
    factor: Number
    cost: CostOfOther
