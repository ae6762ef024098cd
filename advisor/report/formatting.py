"""Values into words: numbers, settings, durations, and strings that are safe to show anywhere."""

import math
import re
from typing import Any

from advisor.report.lenient import finite, mapping, sequence

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
"""The order in which findings are shown."""
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?")

_HARMFUL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028-\u202e\u2066-\u2069\ufeff]")
"""Control characters but line feed and tab, lone surrogates, line separators and what turns the direction of text."""


def clean(value: Any, limit: int = 1500) -> str:
    """A string without control characters, terminal escapes, direction overrides or lone surrogates.

    Args:
        value: Anything; ``str`` is applied.
        limit: Longest result in characters; what is cut shows as an ellipsis.
    """
    raw = value if isinstance(value, str) else str(value)
    raw = _ESCAPES.sub("", raw[: 4 * limit])
    kept = _HARMFUL.sub("\ufffd", raw)
    return kept if len(kept) <= limit else kept[: limit - 1] + "…"


def one_line(value: Any, limit: int = 200) -> str:
    """``clean`` with every run of white space as one space."""
    return clean(" ".join(clean(value, 4 * limit).split()), limit)


def slug(value: Any) -> str:
    """Letters, digits, dots and dashes only: for ids."""
    return re.sub(r"[^A-Za-z0-9.-]+", "-", clean(value, 80)).strip("-.") or "x"


def number(value: Any, digits: int = 3) -> str:
    """A number with ``digits`` significant digits, as PyTorch users write it; a dash if there is none."""
    known = finite(value)
    if known is None:
        return "–"
    if isinstance(value, int) and abs(value) < 10**9:
        return str(value)
    if known == 0:
        return "0"
    if 1e-4 <= abs(known) < 10**6:
        places = max(0, digits - 1 - math.floor(math.log10(abs(known))))
        shown = f"{known:.{places}f}"
        return (shown.rstrip("0").rstrip(".") if "." in shown else shown).replace("-", "−")
    mantissa, exponent = f"{known:.{digits - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa.replace('-', '−')}e{int(exponent)}"


def fixed(value: Any, digits: int = 4) -> str:
    """A measured value, trailing zeros kept so that columns line up."""
    known = finite(value)
    if known is None:
        return "–"
    if known != 0 and not 1e-3 <= abs(known) < 1e5:
        return number(float(known), digits)
    whole = len(str(int(abs(known))))
    return f"{known:.{max(0, digits - (whole if abs(known) >= 1 else 0))}f}".replace("-", "−")


def signed(value: Any) -> str:
    """A difference with its sign."""
    known = finite(value)
    if known is None:
        return "–"
    return ("+" if known > 0 else "") + number(float(known), 2)


def count(value: Any) -> str:
    """A whole number with thin spaces between thousands."""
    known = finite(value)
    return "–" if known is None else f"{known:,.0f}".replace(",", "\u202f")


def duration(value: Any) -> str:
    """Seconds as people say them."""
    known = finite(value)
    if known is None:
        return "–"
    if known < 120:
        return f"{number(float(known), 2 if known < 10 else 3)} s"
    minutes, rest = divmod(round(known), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def length(value: Any) -> str:
    """A share of the full run: ``1/16`` where it is near a simple fraction, else in percent."""
    known = finite(value)
    if known is None:
        return "–"
    if 0 < known < 1 and abs(1 / known - round(1 / known)) < 0.005 / known and 1 / known < 200:
        return f"1/{round(1 / known)}"
    if 0 < known < 0.95:
        parts = 2 ** round(math.log2(1 / known))
        return f"1/{parts}" if abs(parts * known - 1) <= 0.12 else f"{known:.0%}"
    return number(float(known), 3)


def setting(value: Any) -> str:
    """The value of a setting on one line."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return number(value)
    if isinstance(value, dict):
        fields = mapping(value)
        inside = ", ".join(f"{key}={setting(item)}" for key, item in fields.items() if key != "name")
        name = fields.get("name")
        return f"{name}({inside})" if name else "{" + inside + "}"
    if isinstance(value, (list, tuple)):
        return ", ".join(setting(item) for item in sequence(value))
    return str(value)


def objective(report: dict[str, Any]) -> str:
    """What the run was judged by: ``validation loss``, or the metric's name."""
    name = mapping(report.get("objective")).get("name")
    return "validation loss" if name in (None, "", "val_loss") else one_line(name, 40)


def ran_with(
    report: dict[str, Any],
    curve: dict[str, Any],
    names: tuple[str, ...] = ("lr", "batch_size", "weight_decay", "momentum"),
) -> str:
    """The settings of the probe behind a curve in words, by its key; its label if the probe is not listed."""
    arms = (mapping(arm) for arm in sequence(report.get("arms")))
    arm = next((arm for arm in arms if arm.get("key") == curve.get("id") and arm.get("key")), None)
    if arm is None:
        return one_line(curve.get("label") or "training", 60)
    named = [(name, finite(arm.get(name))) for name in names]
    return ", ".join(f"{knob(name)} {number(arm.get(name))}" for name, value in named if value is not None)


def sentence(value: Any) -> str:
    """Text that begins with a capital, unless it begins with a name such as ``lr=0.1``."""
    words = clean("" if value is None else value)
    first = words.split(" ", 1)[0].rstrip(",;:?.").replace("-", "")
    return words[:1].upper() + words[1:] if first.isalpha() and first.islower() else words


def knob(name: Any) -> str:
    """The words for a knob's keyword."""
    return KNOBS.get(str(name), str(name))


def listing(words: list[str]) -> str:
    """``a, b and c``."""
    return " and ".join(words) if len(words) < 3 else ", ".join(words[:-1]) + " and " + words[-1]


_FIELDS = {"lr": "learning rate", "flops_per_example": "operations per example", "task_fingerprint": "task fingerprint"}


def flat(value: Any, prefix: str = "") -> list[tuple[str, str]]:
    """Nested values as rows of name and words; names lose their underscores, empty lists are called none."""
    if isinstance(value, dict):
        fields = [(_FIELDS.get(str(key), str(key).replace("_", " ")), item) for key, item in value.items()]
        return [row for key, item in fields for row in flat(item, f"{prefix} · {key}" if prefix else key)]
    if isinstance(value, list) and any(isinstance(item, str) for item in value):
        return [(prefix, str(item)) for item in value] if not prefix else [(prefix, "; ".join(map(str, value)))]
    if isinstance(value, bool):
        return [(prefix, "yes" if value else "no")]
    if isinstance(value, list) and not value:
        return [(prefix, "none")]
    if finite(value) is not None and abs(value) >= 10_000 and value == round(value):
        return [(prefix, count(value))]
    return [(prefix, "unknown" if value is None else setting(value))]
