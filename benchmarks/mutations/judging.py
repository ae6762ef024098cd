"""Definition of false alarms, and of a seeded fault that counts as found.

Written down before any result was looked at, but for two things that were added after the development half had been
seen and before the other was: FT005 among the consequences of weights, inputs and decay with which nothing is learned,
and the retraining of what was advised, which the published figures of the rivals allow as well. PF013 was added with
its rule after the other half had been seen once.

**False alarms.** On a healthy training every code of ``ALARMS`` that is detected is one. Left out, as they advise or
describe and blame nothing: PF010 (a time of this machine), FT001 and FT004 (where the probes stand), FT003 and FT007
(what to watch), FT009 (a good sign), ST001 (a threshold), and what recommends a value (LR but LR001, BS, MO, WD, EP,
EX).

**Found.** A mutant is found if a code of ``FOUND_BY`` is detected that the healthy parent does not show, or if the
recommended configuration moves the changed setting back by more than half of the way, on a logarithmic scale (for
momentum that of 1 - momentum). A batch that is too large and an optimizer whose rate is wrong for it may as well be
answered by the rate, as the evaluations of the rivals accept alternative patches. Where a setting was changed and
none of this holds, the recommended configuration is trained as a whole; if that is not worse than the healthy parent by
the test below, the fault is found by ``retrained``. Recall is given with and without these.

**Precision.** A detection is a code of ``ALARMS`` or ``BLAMES`` that the healthy parent does not show, or such a move
where no code of ``FOUND_BY`` was. It is true if it is in ``FOUND_BY`` or ``CONSEQUENCES`` of the operator.

**Equivalent mutants** (DeepCrime's test) are no faults: those whose log validation loss over the seeds is not higher
than the parent's with p < 0.05 and Cohen's d >= 0.5. Where the change is in the output or in the loss's reading of
it, the error rate is compared. They are reported apart; detections on them count for precision like on any other.
"""

import math
import statistics
from typing import Any

from operators import settings_of
from scipy import stats

ALARMS = (
    "PF001", "PF002", "PF003", "PF004", "PF005", "PF006", "PF007", "PF008", "PF009", "PF011", "PF012", "PF013",
    "FT002", "FT005", "FT006", "FT008", "FT010", "FT011", "CA001", "CA002", "ST002", "LR001",
)  # fmt: skip
BLAMES = ("LR002", "LR007", "MO001", "WD001", "WD002", "EP001")
"""Codes that report a wrong current setting."""
FOUND_BY: dict[str, tuple[str, ...]] = {
    "rate too high": ("LR001",),
    "rate too low": ("LR002",),
    "too few epochs": ("EP002",),
    "batch too large": ("BS003", "BS008", "LR002"),
    "decay too large": ("WD001",),
    "momentum too large": ("MO001", "LR001"),
    "wrong optimizer": ("LR001", "LR002"),
    "weights at the start": ("PF001", "PF002", "PF003", "PF007", "PF008", "PF013"),
    "label noise": ("FT011",),
    "activations missing": ("PF012", "CA001"),
    "output activation doubled": ("PF006",),
    "inputs not normalised": ("PF005",),
    "layers not optimised": ("PF001",),
    "sorted, not shuffled": ("PF009",),
}
CONSEQUENCES: dict[str, tuple[str, ...]] = {
    "rate too high": ("MO001", "LR007", "ST002"),
    "momentum too large": ("LR007", "ST002"),
    "wrong optimizer": ("LR007", "MO001"),
    "weights at the start": ("LR001", "LR007", "FT005"),
    "label noise": ("FT002", "CA002"),
    "inputs not normalised": ("PF002", "PF008", "LR001", "LR007", "FT005"),
    "decay too large": ("FT005",),
}
"""Consequences of each fault, which are truly present."""
SETTINGS = {
    "rate too high": "lr", "rate too low": "lr", "batch too large": "batch_size", "decay too large": "weight_decay",
    "momentum too large": "momentum", "wrong optimizer": "lr", "too few epochs": "epochs",
}  # fmt: skip
_HALF = 0.5
_OTHER_OPTIMIZER = math.log(3.0)
_P, _D = 0.05, 0.5
_DIVERGED = 100.0


def judge(case: dict[str, Any], row: dict[str, Any], parent: dict[str, Any]) -> dict[str, Any]:
    """Judges the diagnosis of a mutant against that of its healthy parent.

    Args:
        case: ``operator``, ``text`` and ``healthy`` (text of the parent).
        row: ``detected`` codes and ``recommended`` configuration of the mutant's diagnosis.
        parent: The same of the parent's.

    Returns:
        ``found``, how many detections were ``true``, and the ``false`` codes.
    """
    operator = case["operator"]
    fresh = [code for code in row["detected"] if code not in parent["detected"]]
    named = [code for code in fresh if code in FOUND_BY[operator]]
    moved = moved_back(case, row["recommended"])
    right = (*FOUND_BY[operator], *CONSEQUENCES.get(operator, ()))
    counted = [code for code in fresh if code in (*ALARMS, *BLAMES) or code in named]
    wrong = [code for code in counted if code not in right]
    return {
        "found": bool(named) or moved,
        "by": named or (["settings"] if moved else []),
        "true": len(counted) - len(wrong) + (1 if moved and not named else 0),
        "false": wrong,
    }


def moved_back(case: dict[str, Any], recommended: dict[str, Any] | None) -> bool:
    """Whether the recommended configuration moves the changed setting back by more than half of the way."""
    name = SETTINGS.get(case["operator"])
    if name is None or recommended is None:
        return False
    now, sound = settings_of(case["text"]), settings_of(case["healthy"])
    if case["operator"] == "wrong optimizer":
        move = math.log(_value(recommended, "lr") / _peak(now))
        return move < -_OTHER_OPTIMIZER if now["optimizer"] == "Adam" else move > _OTHER_OPTIMIZER
    if _back(_setting(now, name), _setting(sound, name), _value(recommended, name)) > _HALF:
        return True
    if case["operator"] != "batch too large":
        return False
    ratio = now["batch_size"] / sound["batch_size"]
    per_example = _value(recommended, "lr") / _peak(now) * now["batch_size"] / recommended["batch_size"]
    return math.log(max(per_example, 1e-9)) > _HALF * math.log(ratio)


def _back(now: float, sound: float, advised: float) -> float:
    """Share of the way from the changed value to the sound one, in logarithms."""
    least = max(now, sound, advised) * 1e-6
    way = math.log(max(sound, least) / max(now, least))
    return math.log(max(advised, least) / max(now, least)) / way if way else 0.0


def _peak(settings: dict[str, Any]) -> float:
    return float((settings.get("schedule") or {}).get("max_lr") or settings["lr"])


def _setting(settings: dict[str, Any], name: str) -> float:
    if name == "lr":
        return _peak(settings)
    if name == "momentum":
        default = 0.0 if settings["optimizer"] == "SGD" else 0.9
        return 1.0 - float(settings.get("betas", (settings.get("momentum", default),))[0])
    return float(settings.get(name, 0.0))


def _value(config: dict[str, Any], name: str) -> float:
    optimizer = config["optimizer"]
    if name == "momentum":
        return 1.0 - float(optimizer.get("betas", (optimizer.get("momentum", 0.0),))[0])
    return float(optimizer.get(name, 0.0) if name in ("lr", "weight_decay") else config[name])


def hurts(operator: str, mutant: dict[str, list[float]], healthy: dict[str, list[float]]) -> dict[str, Any]:
    """DeepCrime's test: is the mutant's result worse, significantly and by a real effect?

    Returns:
        ``hurts``, the p value and Cohen's d (positive where the mutant is worse).
    """
    rates = operator == "output activation doubled" and not math.isnan(healthy["error"][0] or math.nan)
    one, other = ([_number(v, rates) for v in runs["error" if rates else "loss"]] for runs in (mutant, healthy))
    shift = min(0.0, *one, *other)
    if not rates:
        top = _DIVERGED * max(abs(v - shift) for v in other if math.isfinite(v))
        one, other = ([math.log(min(v - shift, top) + 1e-3 * top / _DIVERGED) for v in runs] for runs in (one, other))
    n, m = len(one), len(other)
    pooled = ((n - 1) * statistics.variance(one) + (m - 1) * statistics.variance(other)) / (n + m - 2)
    gap = statistics.mean(one) - statistics.mean(other)
    d = gap / max(math.sqrt(pooled), 1e-9)
    p = float(2.0 * stats.t.sf(abs(d) / math.sqrt(1.0 / n + 1.0 / m), n + m - 2))
    return {"hurts": p < _P and d >= _D, "p": round(p, 5), "d": round(d, 2)}


def _number(value: float | None, rates: bool) -> float:
    return (1.0 if rates else math.inf) if value is None else value
