"""The findings that count as naming a cause. Fixed before any rule was changed."""

from typing import Any

NAMED_BY: dict[str, tuple[str, ...]] = {
    "output activation doubled": ("PF006",),
    "output cannot vary": ("PF016", "PF007", "PF022"),
    "output range": ("PF016", "PF011"),
    "loss takes other outputs": ("PF015",),
    "broadcast": ("PF014",),
    "weights outside parameters": ("PF020",),
    "no gradient": ("PF001",),
    "output layer frozen": ("PF031",),
    "weights start equal": ("PF013",),
    "units saturated": ("PF008",),
    "gradient fades": ("PF008",),
    "activation missing": ("PF012",),
    "units dead": ("PF008",),
    "modes disagree": ("PF018",),
    "evaluation random": ("PF019",),
    "examples mixed": ("PF029",),
    "inputs ignored": ("PF007", "PF022"),
    "inputs not scaled": ("PF005",),
    "targets not scaled": ("PF017",),
    "labels misaligned": ("FT005",),
    "not shuffled": ("PF009",),
    "splits overlap": ("PF009", "PF026"),
    "splits differ": ("PF030",),
    "one class for all": ("PF021",),
    "not finite": ("PF004",),
    "order not seen": ("PF025",),
    "future seen": ("PF024",),
    "ctc lengths": ("PF027",),
    "half precision": ("PF023",),
    "rate too low": ("LR002",),
    "rate too high": ("LR001",),
    "training too short": ("EP002", "LR002"),
    "decay too large": ("WD001",),
    "schedule ends at once": ("TL003",),
    "too narrow": ("CA001",),
    "dropout too strong": ("PF032",),
    "overfits": ("FT002", "FT007", "CA002"),
    "augmentation": ("PF028",),
    "gradients not zeroed": ("TL001",),
    "accumulation not divided": ("TL002",),
    "clip before unscale": ("TL004",),
    "optimizer built too early": ("TL005",),
    "eval never undone": ("TL006",),
    "loss cut from the graph": ("TL007",),
    "validates on training data": ("TL008",),
    "gradients zeroed before the step": ("TL009",),
    "evaluated in training mode": ("TL010",),
    "target among inputs": ("PF033",),
    "padding counts": ("PF034",),
    "part not read": ("PF035",),
    "no lower bound": ("FT015", "PF011"),
}
MOVES = {"rate too low": 3.0, "training too short": 3.0, "rate too high": 1 / 3}
"""Causes also named by a recommended learning rate at least this factor away from the current one."""


def names(cause: str, row: dict[str, Any]) -> bool:
    """Whether the findings name the cause."""
    if any(code in NAMED_BY[cause] for code in row["detected"]):
        return True
    ratio, least = row.get("rate_ratio"), MOVES.get(cause)
    return bool(ratio and least and (ratio >= least if least > 1 else ratio <= least))


def detects(cause: str, row: dict[str, Any]) -> bool:
    """Whether any fault is reported."""
    return bool(row["faults"]) or row["status"] in ("untrainable", "refused") or names(cause, row)
