"""Rows of ``results.txt`` as YOLOv5 (up to 5.0) and YOLOv7 write them: fifteen numbers without their names."""

import re

from advisor.logs.readers.base import Record

_NAMES = (
    "train/box_loss", "train/obj_loss", "train/cls_loss", "", "", "", "metrics/precision", "metrics/recall",
    "metrics/mAP_0.5", "metrics/mAP_0.5:0.95", "val/box_loss", "val/obj_loss", "val/cls_loss",
)  # fmt: skip
_ROW = re.compile(r"\s*(\d+)/\d+\s+\d+(?:\.\d+)?G((?:\s+[-+.\deE]+|\s+nan){13})\s*")


def row(line: str) -> Record:
    """The numbers of one row by name; empty for any other line."""
    found = _ROW.fullmatch(line)
    if found is None:
        return {}
    values = found[2].split()
    return {"epoch": float(found[1]), **{name: float(v) for name, v in zip(_NAMES, values, strict=True) if name}}
