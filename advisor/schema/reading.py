"""The JSON of ``advisor read``: recorded runs, judged one by one and compared."""

from __future__ import annotations

from typing import Literal

from advisor.schema.base import Facts, Number, Part, Setting
from advisor.schema.finding import Finding


class CurveEnds(Part, frozen=True, kw_only=True):
    """One logged curve.

    Attributes:
        column: Name in the log.
        points: Number of logged values.
        best: Best value.
        best_at: Position of the best value, as a share of the run.
        final: Last value.
    """

    column: str
    points: int
    best: Number
    best_at: Number
    final: Number


class LongerRun(Part, frozen=True, kw_only=True):
    """The loss that a longer run is predicted to reach.

    Attributes:
        length: Length, as a multiple of this run.
        value: Predicted loss.
        low: Lower end of its interval.
        high: Upper end.
        last: Loss at the end of this run.
        reason: Why there is no prediction; empty if there is one.
    """

    length: Number = None
    value: Number = None
    low: Number = None
    high: Number = None
    last: Number = None
    reason: str = ""


class ReadRun(Part, frozen=True, kw_only=True):
    """One run.

    Attributes:
        name: Name of the run.
        source: Path it was read from.
        kind: Kind of log.
        settings: Settings that were logged.
        schedule: The schedule of the learning rate, in words.
        notes: Remarks on how the log was read.
        said: Statements before the findings: what could not be judged, and what is visible.
        curves: Training loss, validation loss and metric, where logged.
        forecast: Predicted loss of a longer run.
        findings: Results of the rules.
    """

    name: str
    source: str
    kind: str
    settings: Facts
    schedule: str
    notes: tuple[str, ...]
    said: tuple[str, ...] = ()
    curves: dict[str, CurveEnds]
    forecast: LongerRun
    findings: tuple[Finding, ...]


class Ranked(Part, frozen=True, kw_only=True):
    """One run in a ranking.

    Attributes:
        name: Name of the run.
        value: Result that it is ranked by.
        metric: Its best validation metric.
        settings: Its settings, including the schedule.
        length: Last position on the run's axis.
        axis: Unit of that axis.
        seconds: Wall-clock seconds.
        seconds_per_epoch: Wall-clock seconds per epoch.
    """

    name: str
    value: Number
    metric: Number
    settings: Facts
    length: Number
    axis: str
    seconds: Number
    seconds_per_epoch: Number


class KnobValue(Part, frozen=True, kw_only=True):
    """One value of a knob.

    Attributes:
        value: The value.
        runs: Runs with it.
        mean: Their mean result.
    """

    value: Setting
    runs: tuple[str, ...]
    mean: Number


class KnobAnswer(Part, frozen=True, kw_only=True):
    """The effect of one knob among runs that agree in all other logged settings.

    Attributes:
        knob: Name of the knob.
        fixed: Other settings that vary in the group, and their value here.
        difference: Between the best value and the next.
        verdict: Whether the difference is beyond the noise.
        values: Its values, best first.
        text: The same in words.
    """

    knob: str
    fixed: Facts
    difference: Number
    verdict: Literal["beyond", "inside", "unknown"]
    values: tuple[KnobValue, ...]
    text: str


class ReadComparison(Part, frozen=True, kw_only=True):
    """One group of comparable runs.

    Attributes:
        why: Why these runs are compared.
        objective: Objective of the comparison.
        runs: Their names, best first.
        ranking: The runs, best first.
        noise: Standard deviation between repeats.
        noise_text: How the noise was measured.
        knobs: The effect of each knob.
        unfair: Which comparisons are unfair, and why.
        notes: Repeats that disagree, and further remarks.
    """

    why: str
    objective: str
    runs: tuple[str, ...]
    ranking: tuple[Ranked, ...]
    noise: Number
    noise_text: str
    knobs: tuple[KnobAnswer, ...]
    unfair: tuple[str, ...]
    notes: tuple[str, ...]


class Unread(Part, frozen=True, kw_only=True):
    """A log that could not be read.

    Attributes:
        expected: What was expected.
        found: What was found.
        do: What to do.
    """

    expected: str
    found: str
    do: str


class NotJudged(Part, frozen=True, kw_only=True):
    """Runs whose logs do not show how well they trained.

    Attributes:
        why: The reason.
        runs: Their names.
    """

    why: str
    runs: tuple[str, ...]


class ReadReport(Part, frozen=True, kw_only=True):
    """The result of ``advisor read``.

    Attributes:
        schema: Schema version.
        runs: Runs in natural order of their names.
        comparison: One entry for each group of comparable runs.
        not_compared: Runs that are not comparable with any other.
        not_judged: Runs that cannot be judged, by reason.
        failures: Logs that could not be read.
    """

    schema: Literal[1] = 1
    runs: tuple[ReadRun, ...]
    comparison: tuple[ReadComparison, ...] = ()
    not_compared: tuple[str, ...] = ()
    not_judged: tuple[NotJudged, ...] = ()
    failures: tuple[Unread, ...] = ()
