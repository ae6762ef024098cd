"""Rows of numbers without names, as printed by YOLOv5 (up to 5.0), YOLOv7 and darknet."""

import re

from advisor.logs.readers.base import Record

_YOLO_NAMES = (
    "train/box_loss", "train/obj_loss", "train/cls_loss", "", "", "", "metrics/precision", "metrics/recall",
    "metrics/mAP_0.5", "metrics/mAP_0.5:0.95", "val/box_loss", "val/obj_loss", "val/cls_loss",
)  # fmt: skip
_YOLO = re.compile(r"\s*(\d+)/\d+\s+\d+(?:\.\d+)?G((?:\s+[-+.\deE]+|\s+nan){13})\s*")
_DARKNET = re.compile(r"\s*(\d+): [\d.]+(?:nan)?, ([\d.]+|-?nan) avg(?: loss)?, ([\d.]+) rate, .*")


def row(line: str) -> Record:
    """The numbers of one row by name; empty for any other line."""
    found = _YOLO.fullmatch(line)
    if found is not None:
        values = zip(_YOLO_NAMES, found[2].split(), strict=True)
        return {"epoch": float(found[1]), **{name: float(value) for name, value in values if name}}
    found = _DARKNET.fullmatch(line)
    if found is not None:
        return {"step": float(found[1]), "train/avg_loss": float(found[2]), "lr": float(found[3])}
    return {}
