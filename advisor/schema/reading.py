"""The JSON of ``advisor read``: recorded runs, judged one by one and compared."""

from __future__ import annotations

from typing import Literal

from advisor.schema.base import Facts, Number, Part, Setting
from advisor.schema.finding import Finding


class CurveEnds(Part, frozen=True, kw_only=True):
    """One logged curve.

    Attributes:
        column: Its name in the log.
        points: Values that were logged.
        best: Its best value.
        best_at: Where that was, as a share of the run.
        final: Its last value.
    """

    column: str
    points: int
    best: Number
    best_at: Number
    final: Number


class LongerRun(Part, frozen=True, kw_only=True):
    """The loss that a longer run is predicted to reach.

    Attributes:
        length: Its length, as a multiple of this run.
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
        name: Its name.
        source: Where it was read.
        kind: Kind of log.
        settings: Settings that were logged.
        schedule: The schedule of the learning rate, in words.
        notes: What a reader must know.
        said: What is said before all findings: what could not be judged, and what is visible.
        curves: Training loss, validation loss and metric, as far as they were logged.
        forecast: Loss of a longer run.
        findings: What the rules say.
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
        name: Its name.
        value: The result that it is ranked by.
        metric: Its best validation metric.
        settings: Its settings, the schedule among them.
        length: Last position on its axis.
        axis: What that counts.
        seconds: Wall-clock seconds.
        seconds_per_epoch: The same for one epoch.
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
    """What one knob did where everything else that was logged is the same.

    Attributes:
        knob: Its name.
        fixed: Other settings that vary in the group, and their value here.
        difference: Between the best value and the next.
        verdict: Whether that is beyond the noise.
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
        why: Why these are compared.
        objective: What they are compared by.
        runs: Their names, best first.
        ranking: The runs, best first.
        noise: Standard deviation between repeats.
        noise_text: Where it comes from.
        knobs: What each knob did.
        unfair: Which comparisons are unfair, and why.
        notes: Repeats that do not agree, and what else a reader must know.
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
    """What could not be read.

    Attributes:
        expected: What was looked for.
        found: What was there.
        do: What to do.
    """

    expected: str
    found: str
    do: str


class NotJudged(Part, frozen=True, kw_only=True):
    """Runs whose logs say nothing about how good they are.

    Attributes:
        why: The reason.
        runs: Their names.
    """

    why: str
    runs: tuple[str, ...]


class ReadReport(Part, frozen=True, kw_only=True):
    """The result of ``advisor read``.

    Attributes:
        schema: Number of this form.
        runs: Runs in natural order of their names.
        comparison: One entry for each group of comparable runs.
        not_compared: Runs that nothing links to others.
        not_judged: Runs that cannot be judged, by the reason.
        failures: What could not be read.
    """

    schema: Literal[1] = 1
    runs: tuple[ReadRun, ...]
    comparison: tuple[ReadComparison, ...] = ()
    not_compared: tuple[str, ...] = ()
    not_judged: tuple[NotJudged, ...] = ()
    failures: tuple[Unread, ...] = ()
