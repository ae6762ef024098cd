"""Records that say by a field of their own what data they were measured on, as OpenMMLab and others write them."""

from collections.abc import Mapping
from typing import Any

from advisor.logs.measures import plain, tokens
from advisor.logs.names import HELD_OUT, TRAIN, axis_kind, part
from advisor.logs.readers.base import Record

_FIELDS = ("mode", "split", "phase", "stage", "subset", "partition", "type")
_LISTS = ("coco_eval_bbox", "coco_eval_masks", "coco_eval_segm")


def placed(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The record with held-out values named so, and without the counter of batches that only they have.

    ``{"mode": "val", "epoch": 1, "iter": 64, "mIoU": 0.5}`` is ``{"epoch": 1, "val/mIoU": 0.5}``.
    """
    mode = next((plain(value) for name in _FIELDS if isinstance(value := record.get(name), str)), "")
    if mode in TRAIN:
        return {(f"train/{name}" if _bare(name) else name): value for name, value in record.items()}
    if mode not in HELD_OUT:
        return record
    by_epoch = any(axis_kind(name) == "epoch" for name in record)
    return {
        (f"{mode}/{name}" if _bare(name) else name): value
        for name, value in record.items()
        if not (by_epoch and axis_kind(name) == "step") and "lr" not in tokens(name)
    }


def numbers_of(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The record with numbers in quotes as numbers, and of a list of COCO's averages the first, which is AP."""
    if not any(isinstance(value, (str, list)) for value in record.values()):
        return record
    found: Record = {}
    for name, value in record.items():
        if isinstance(value, list) and value and name.endswith(_LISTS):
            found[f"{name}/0"] = value[0]
        elif isinstance(value, str) and (part(name) is not None or axis_kind(name)):
            try:
                found[name] = float(value)
            except ValueError:
                found[name] = value
        else:
            found[name] = value
    return found


def _bare(name: str) -> bool:
    known = part(name)
    return known is not None and known.role != "lr" and not set(tokens(name)) & (TRAIN | set(HELD_OUT))
