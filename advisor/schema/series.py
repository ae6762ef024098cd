"""The measured curves of a report: the data of the figures."""

from __future__ import annotations

from advisor.schema.base import Column, Number, Part
from advisor.schema.objectives import BothWays
from advisor.schema.ranges import Bracket, RangeTest
from advisor.schema.responses import Rates, Response


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
