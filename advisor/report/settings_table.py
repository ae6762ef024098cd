"""Changes and knobs as the page shows them: values, intervals and stakes as text."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from advisor.report.formatting import knob, listing, numeric, setting
from advisor.report.glossary import anchor
from advisor.schema.base import Setting
from advisor.schema.settings import Change, Knob
from advisor.utils.numbers import number, signed

_VERDICTS = {
    "recommended": "measured",
    "insensitive": "does not matter here",
    "not_identifiable": "cannot tell at this budget",
    "kept": "unchanged",
}
_THE = {
    "lr": "the learning rate",
    "batch_size": "the batch size",
    "epochs": "the number of epochs",
    "schedule": "the schedule",
}
_SURENESS = (
    ("We are sure of {}.", "recommended", "high"),
    ("We are fairly sure of {}.", "recommended", "medium"),
    ("Low confidence: {}.", "recommended", "low"),
    ("No effect within the tried range: {}.", "insensitive", ""),
    ("We cannot tell at this budget: {}.", "not_identifiable", ""),
    ("Unchanged: {}.", "kept", ""),
)


@dataclass(frozen=True, slots=True)
class ShownChange:
    """One row of the table of changes.

    Attributes:
        setting: Name of the setting.
        words: Its display name.
        term: Anchor of its glossary entry.
        before: The current value.
        after: The recommended value.
        worth: The expected benefit.
        confidence: Confidence of the recommendation.
        anchor: Anchor of the finding that decided it; empty if there is none.
    """

    setting: str
    words: str
    term: str
    before: str
    after: str
    worth: str
    confidence: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Strip:
    """Positions of the interval, the recommended and the current value, in percent of the strip."""

    low: str
    width: str
    best: str
    now: str


@dataclass(frozen=True, slots=True)
class ShownKnob:
    """One knob of the settings table.

    Attributes:
        knob: The knob in the report.
        words: Its display name.
        term: Anchor of its glossary entry.
        recommended: The recommended value.
        current: The current value.
        interval: Both ends; empty if there is none.
        strip: Positions for the drawing of the interval; None if it cannot be drawn.
        verdict: Verdict as text.
        sides: The cost of other values.
    """

    knob: Knob
    words: str
    term: str
    recommended: str
    current: str
    interval: Sequence[str]
    strip: Strip | None
    verdict: str
    sides: Sequence[str]

    @property
    def changed(self) -> bool:
        """Whether the recommended value differs from the current one."""
        return self.knob.recommended != self.knob.current

    @property
    def confidence(self) -> str:
        """Confidence of the recommendation."""
        return self.knob.confidence

    @property
    def stake(self) -> str:
        """What is at stake, in words."""
        return self.knob.at_stake.text


def shown_change(change: Change, anchors: Mapping[str, str]) -> ShownChange:
    """The row of a change; ``anchors`` maps codes to the anchors of their findings."""
    words = knob(change.setting)
    return ShownChange(
        change.setting,
        words,
        anchor(words),
        setting(change.from_),
        setting(change.to),
        change.worth or "–",
        change.confidence,
        anchors.get(change.finding or "", ""),
    )


def shown_knob(item: Knob) -> ShownKnob:
    """The knob as text."""
    low, high = item.interval or (None, None)
    interval = (low, high) if low is not None and high is not None else None
    verdict = _VERDICTS[item.verdict]
    if item.verdict == "recommended" and item.at_stake.text == "not measured":
        verdict = "chosen, not measured"
    words = knob(item.name)
    return ShownKnob(
        item,
        words,
        anchor(words),
        setting(item.recommended),
        setting(item.current),
        [number(round(end) if item.name == "batch_size" else end) for end in interval or ()],
        _strip(item, interval) if interval else None,
        verdict,
        _sides(item),
    )


def _sides(item: Knob) -> list[str]:
    """The cost of other values, unless the stake already states it."""
    stake = item.at_stake
    if item.name == "schedule" or any(map(str.isdigit, stake.text)):
        return []
    sides = [("at half", stake.half), ("at double", stake.double)]
    sides += [("at your current setting", stake.current)] if item.recommended != item.current else []
    return [f"{where} {signed(value)}" for where, value in sides if value is not None]


def _strip(item: Knob, interval: tuple[float, float]) -> Strip | None:
    values: dict[str, Setting] = {
        "low": interval[0],
        "high": interval[1],
        "best": item.recommended,
        "now": item.current,
    }
    known = {name: known for name, value in values.items() if (known := numeric(value)) is not None}
    log = item.name != "momentum" and all(value > 0 for value in known.values())
    scaled = {name: math.log(value) if log else value for name, value in known.items()}
    low, high = min(scaled.values()), max(scaled.values())
    if high <= low:
        return None
    at = {name: 6 + 88 * (value - low) / (high - low) for name, value in scaled.items()}
    shown = {name: f"{value:.1f}" for name, value in at.items()}
    width = f"{max(1.0, at['high'] - at['low']):.1f}"
    return Strip(shown["low"], width, shown.get("best", ""), shown.get("now", ""))


def sureness(knobs: Sequence[ShownKnob]) -> list[str]:
    """Sentences that group the knobs by confidence."""
    result = []
    for form, verdict, confidence in _SURENESS:
        words = [
            _THE.get(item.knob.name, item.words)
            for item in knobs
            if item.knob.verdict == verdict and confidence in ("", item.confidence)
        ]
        result += [form.format(listing(words))] if words else []
    return result
