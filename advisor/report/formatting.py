"""Values as text: settings, names, and strings that are safe to show anywhere."""

import re
from collections.abc import Collection, Iterable

from advisor.schema.base import Setting
from advisor.schema.rounds import Arm
from advisor.schema.series import Curve
from advisor.schema.settings import ObjectiveUsed
from advisor.utils.numbers import count, number

KNOBS = {
    "lr": "learning rate",
    "momentum": "momentum",
    "weight_decay": "weight decay",
    "batch_size": "batch size",
    "batch": "batch size",
    "epochs": "epochs",
    "schedule": "schedule",
    "clip_grad_norm": "gradient clipping",
}
CONFIDENCE = {"high": "sure", "medium": "fairly sure", "low": "unsure"}
SEVERITY = {"fault": 0, "advice": 1, "info": 2}
"""Rank of each confidence in the order of findings."""
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?")

_HARMFUL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028-\u202e\u2066-\u2069\ufeff]")
"""Control characters except line feed and tab, lone surrogates, line separators and bidirectional overrides."""


def clean(value: object, limit: int = 1500) -> str:
    """A string without control characters, terminal escapes, direction overrides or lone surrogates.

    Args:
        value: Anything; ``str`` is applied.
        limit: Maximum length in characters; longer text ends in an ellipsis.
    """
    raw = value if isinstance(value, str) else str(value)
    raw = _ESCAPES.sub("", raw[: 4 * limit])
    kept = _HARMFUL.sub("\ufffd", raw)
    return kept if len(kept) <= limit else kept[: limit - 1] + "…"


def one_line(value: object, limit: int = 200) -> str:
    """``clean`` with each run of white space as one space."""
    return clean(" ".join(clean(value, 4 * limit).split()), limit)


def slug(value: object) -> str:
    """Replaces everything but letters, digits, dots and dashes: for ids."""
    return re.sub(r"[^A-Za-z0-9.-]+", "-", clean(value, 80)).strip("-.") or "x"


def setting(value: Setting) -> str:
    """The value of a setting on one line."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return number(value)
    if isinstance(value, dict):
        inside = ", ".join(f"{key}={setting(item)}" for key, item in value.items() if key != "name")
        name = value.get("name")
        return f"{name}({inside})" if name else "{" + inside + "}"
    if isinstance(value, list):
        return ", ".join(map(setting, value))
    return value


def numeric(value: Setting) -> float | None:
    """The value as a number; None if it is not numeric."""
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def objective(used: ObjectiveUsed) -> str:
    """Name of the objective: ``validation loss``, or the metric's name."""
    return "validation loss" if used.name in ("", "val_loss") else one_line(used.name, 40)


def ran_with(arms: Iterable[Arm], curve: Curve, without: Collection[str] = ()) -> str:
    """The settings of the probe behind a curve as text, by its key; its label if the probe is not listed."""
    arm = next((arm for arm in arms if arm.key == curve.id), None)
    if arm is None:
        return one_line(curve.label or "training", 60)
    settings = {
        "lr": arm.lr,
        "batch_size": arm.batch_size,
        "weight_decay": arm.weight_decay,
        "momentum": arm.momentum,
    }
    return ", ".join(
        f"{knob(name)} {number(value)}" for name, value in settings.items() if value is not None and name not in without
    )


def sentence(value: object) -> str:
    """Text with a capital at the beginning, unless it begins with a name such as ``lr=0.1``."""
    words = clean("" if value is None else value)
    first = words.split(" ", 1)[0].rstrip(",;:?.").replace("-", "")
    return words[:1].upper() + words[1:] if first.isalpha() and first.islower() else words


def knob(name: str) -> str:
    """Display name of a knob's keyword."""
    return KNOBS.get(name, name)


def listing(words: list[str]) -> str:
    """``a, b and c``."""
    return " and ".join(words) if len(words) < 3 else ", ".join(words[:-1]) + " and " + words[-1]


_FIELDS = {"lr": "learning rate", "flops_per_example": "operations per example", "task_fingerprint": "task fingerprint"}


def flat(value: Setting, prefix: str = "") -> list[tuple[str, str]]:
    """Nested values as rows of name and text; underscores in names become spaces, empty lists become ``none``."""
    if isinstance(value, dict):
        fields = [(_FIELDS.get(key, key.replace("_", " ")), item) for key, item in value.items()]
        return [row for key, item in fields for row in flat(item, f"{prefix} · {key}" if prefix else key)]
    if isinstance(value, list) and any(isinstance(item, str) for item in value):
        return [(prefix, str(item)) for item in value] if not prefix else [(prefix, "; ".join(map(str, value)))]
    if isinstance(value, bool):
        return [(prefix, "yes" if value else "no")]
    if isinstance(value, list) and not value:
        return [(prefix, "none")]
    if isinstance(value, (int, float)) and abs(value) >= 10_000 and value == round(value):
        return [(prefix, count(value))]
    return [(prefix, "unknown" if value is None else setting(value))]
