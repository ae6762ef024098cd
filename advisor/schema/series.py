"""The measured curves of a report: the data of the figures."""

from __future__ import annotations

from typing import Literal

from advisor.schema.base import Column, Number, Part

ResponseVerdict = Literal["resolved", "edge_low", "edge_high", "flat", "unmeasured"]


class Estimate(Part, frozen=True, kw_only=True):
    """A value with its interval.

    Attributes:
        value: The best estimate.
        low: Lower end of the interval.
        high: Upper end.
    """

    value: float
    low: Number = None
    high: Number = None


class Line(Part, frozen=True, kw_only=True):
    """A fitted curve.

    Attributes:
        x: Values of the setting, ascending.
        y: Results there.
    """

    x: tuple[float, ...]
    y: Column

    def __post_init__(self) -> None:
        self.require_equal_lengths("x", "y")


class RangeTest(Part, frozen=True, kw_only=True):
    """One learning-rate range test.

    Attributes:
        id: Key of the probe.
        seed: Random seed.
        lr: Learning rate at each recorded step.
        train_loss: Training loss there.
        smoothed: The same, smoothed.
        val_lr: Learning rate at each evaluation.
        val_loss: Validation loss there.
        ceiling: Largest rate before training diverges.
        best_lr: Rate with the lowest smoothed loss.
        diverged: Whether training diverged.
    """

    id: str
    seed: int
    lr: tuple[float, ...]
    train_loss: Column
    smoothed: Column
    val_lr: tuple[float, ...] = ()
    val_loss: Column = ()
    ceiling: Number = None
    best_lr: Number = None
    diverged: bool = False

    def __post_init__(self) -> None:
        self.require_equal_lengths("lr", "train_loss", "smoothed")
        self.require_equal_lengths("val_lr", "val_loss")


class Bracket(Part, frozen=True, kw_only=True):
    """The range of learning rates to search, from all range tests together.

    Attributes:
        low: Rate at which the loss begins to fall.
        high: Rate at which training diverges.
        ceiling: Interval of the divergence rate.
    """

    low: Number
    high: Number
    ceiling: tuple[Number, Number] | None = None


class Point(Part, frozen=True, kw_only=True):
    """One tried value.

    Attributes:
        value: Value of the setting.
        loss: The objective's own number, mean over seeds.
        diverged: Whether the run diverged.
        losses: The objective for each seed.
    """

    value: float
    loss: Number
    diverged: bool = False
    losses: Column = ()


class Response(Part, frozen=True, kw_only=True):
    """Results over one setting, all else equal.

    Attributes:
        id: The setting's name where it is its longest response, else the name and a number.
        knob: Name of the setting.
        scale: Scale on which the values are compared.
        length: Length of the runs.
        context: Settings that were held fixed.
        points: Tried values.
        curve: The fit.
        best: Best value with its interval.
        noise: Standard deviation between seeds.
        verdict: What the fit supports.
        reason: Why there is no best value.
    """

    id: str
    knob: str
    scale: Literal["log", "linear"]
    length: Number
    context: str
    points: tuple[Point, ...]
    curve: Line | None
    best: Estimate | None
    noise: Number
    verdict: ResponseVerdict
    reason: str = ""


class RatesAtLength(Part, frozen=True, kw_only=True):
    """Learning rates tried at one length.

    Attributes:
        length: Length of the runs.
        batch_size: Batch size, if it was the same for all.
        response: Id of the response; null where rates were not compared.
        points: Tried rates.
        curve: The fit.
        best: Best rate with its interval.
        verdict: What the fit supports; ``single`` where rates were not compared.
        noise: Standard deviation between seeds.
    """

    length: float
    batch_size: int | None
    response: str | None
    points: tuple[Point, ...]
    curve: Line | None
    best: Estimate | None
    verdict: Literal["resolved", "edge_low", "edge_high", "flat", "unmeasured", "single"]
    noise: Number


class Drift(Part, frozen=True, kw_only=True):
    """The best rate as a function of the run length, extrapolated to the full run.

    Attributes:
        length: Lengths, ascending to 1.
        value: Best rate at each.
        low: Lower end of its interval.
        high: Upper end.
        exponent: Exponent of the best rate in the length.
        optima: Number of measured optima behind it.
        level: Level of the intervals.
    """

    length: tuple[float, ...]
    value: tuple[float, ...]
    low: Column
    high: Column
    exponent: Estimate
    optima: int
    level: float = 0.8

    def __post_init__(self) -> None:
        self.require_equal_lengths("length", "value", "low", "high")
        if not self.length:
            raise ValueError("Expected at least one length, got none")


class Rates(Part, frozen=True, kw_only=True):
    """All lengths at which learning rates were tried.

    Attributes:
        lengths: One entry for each length, shortest first.
        drift: The best rate up to the full run; null if it was not extrapolated.
        reason: Why it was not extrapolated.
    """

    lengths: tuple[RatesAtLength, ...]
    drift: Drift | None
    reason: str = ""


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


class Curve(Part, frozen=True, kw_only=True):
    """Recorded steps of one probe.

    Attributes:
        id: Key of the probe.
        label: Description of the probe.
        length: Length of the run.
        step: Recorded steps, at most 300.
        train_loss: Training loss there.
        lr: Learning rate there.
        momentum: Momentum there.
        eval_step: Steps of the evaluations.
        val_loss: Validation loss there.
    """

    id: str
    label: str
    length: float
    step: tuple[int, ...]
    train_loss: Column
    lr: Column
    momentum: Column
    eval_step: tuple[int, ...]
    val_loss: Column

    def __post_init__(self) -> None:
        self.require_equal_lengths("step", "train_loss", "lr", "momentum")
        self.require_equal_lengths("eval_step", "val_loss")


class ComparedRun(Curve, frozen=True, kw_only=True):
    """One side of the comparison of current and recommended settings.

    Attributes:
        value: The objective at the end; null if it diverged.
        val_loss_end: Validation loss at the end.
        metric_end: Metric at the end.
    """

    value: Number
    val_loss_end: Number = None
    metric_end: Number = None


class SideBySide(Part, frozen=True, kw_only=True):
    """The current settings and the best comparable short run.

    Attributes:
        length: Length of both runs.
        noise: Standard deviation between seeds.
        present: The current settings.
        advised: The best comparable short run.
    """

    length: float
    noise: Number
    present: ComparedRun
    advised: ComparedRun


class Forecast(Part, frozen=True, kw_only=True):
    """Best loss by length, and the prediction for the recommended length.

    Attributes:
        length: Measured lengths.
        loss: Best loss at each.
        predicted: Predicted loss at the recommended length.
        low: Lower end of its interval.
        high: Upper end.
    """

    length: tuple[float, ...]
    loss: Column
    predicted: Number
    low: Number
    high: Number

    def __post_init__(self) -> None:
        self.require_equal_lengths("length", "loss")


class Series(Part, frozen=True, kw_only=True):
    """The data of all figures; null or empty where not measured.

    Attributes:
        range_tests: Learning-rate range tests.
        bracket: The bracket from all range tests.
        responses: Results over one setting each.
        rates: Learning rates at all lengths.
        both: Learning rates by loss and by metric.
        curves: The best run of each length, longest first, at most three.
        comparison: Current and recommended settings side by side.
        forecast: Best loss by length.
    """

    range_tests: tuple[RangeTest, ...] = ()
    bracket: Bracket | None = None
    responses: tuple[Response, ...] = ()
    rates: Rates | None = None
    both: BothWays | None = None
    curves: tuple[Curve, ...] = ()
    comparison: SideBySide | None = None
    forecast: Forecast | None = None
