"""Records with a field that names the split, as written by OpenMMLab and others."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from advisor.logs.measures import plain, tokens
from advisor.logs.names import HELD_OUT, TRAIN, axis_kind, part
from advisor.logs.readers.base import Record

_FIELDS = ("mode", "split", "phase", "stage", "subset", "partition", "type")
_LISTS = ("coco_eval_bbox", "coco_eval_masks", "coco_eval_segm")


def placed(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The record with the split in the names of held-out values, without the batch counter of validation records.

    ``{"mode": "val", "epoch": 1, "iter": 64, "mIoU": 0.5}`` is ``{"epoch": 1, "val/mIoU": 0.5}``.
    """
    said = next((value for name in _FIELDS if isinstance(value := record.get(name), str)), None)
    mode = _mode(said) if said is not None else ""
    if not mode:
        return record
    names = zip(_names(tuple(record), mode), record.values(), strict=True)
    return {name: value for name, value in names if name is not None}


@lru_cache(maxsize=1000)
def _mode(value: str) -> str:
    """The split that a field names; empty if none."""
    mode = plain(value)
    return "train" if mode in TRAIN else mode if mode in HELD_OUT else ""


@lru_cache(maxsize=1000)
def _names(names: tuple[str, ...], mode: str) -> tuple[str | None, ...]:
    """Names for the values of a record of a split; None for those that are left out."""
    if mode == "train":
        return tuple(f"train/{name}" if _bare(name) else name for name in names)
    by_epoch = any(axis_kind(name) == "epoch" for name in names)
    return tuple(
        None
        if (by_epoch and axis_kind(name) == "step") or "lr" in tokens(name)
        else f"{mode}/{name}"
        if _bare(name)
        else name
        for name in names
    )


def numbers_of(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The record with quoted numbers as numbers; lists of COCO averages are replaced by their first value (AP)."""
    found: Record | None = None
    for name, value in record.items():
        kind = type(value)
        if kind is str and _is_number(name):
            try:
                number = float(value)
            except ValueError:
                continue
            found = dict(record) if found is None else found
            found[name] = number
        elif kind is list and value and name.endswith(_LISTS):
            found = dict(record) if found is None else found
            del found[name]
            found[f"{name}/0"] = value[0]
    return record if found is None else found


@lru_cache(maxsize=10_000)
def _is_number(name: str) -> bool:
    """Whether text under a name is a quoted number rather than a setting."""
    return part(name) is not None or bool(axis_kind(name))


def _bare(name: str) -> bool:
    known = part(name)
    return known is not None and known.role != "lr" and not set(tokens(name)) & (TRAIN | set(HELD_OUT))
