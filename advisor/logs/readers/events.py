"""TensorBoard event folders: both kinds of scalars, and the settings of the HParams plugin."""

from __future__ import annotations

import re
import struct
from array import array
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from advisor.logs.measures import plain
from advisor.logs.names import setting_name
from advisor.logs.readers.base import Record, Unreadable, assemble, read_hparams
from advisor.logs.readers.records import CutError, Frames, Scalars, frames, plain_scalars
from advisor.logs.readers.sniff import is_event_file, no_pointer
from advisor.logs.run import Run

_HELD = {"train", "training", "val", "valid", "validation", "test", "eval", "dev"}
_STAMP = re.compile(r"\d{9,}(\.\d+)?")
_DO = "check the folder"
Points = tuple["array[float]", "array[float]", "array[float]"]


def home(folder: Path, root: Path) -> Path:
    """The folder of the run that the event files of ``folder`` belong to.

    ``add_hparams`` and ``add_scalars`` write to subfolders of the run's own; Keras keeps ``train`` and
    ``validation`` side by side.
    """
    if folder == root:
        return folder
    parent = folder.parent
    within = root == parent or root in parent.parents
    if within and plain(folder.name) in _HELD and _has_other_split(folder):
        return parent
    if within and (_STAMP.fullmatch(folder.name) or _split_of(folder.name)) and _has_events(parent):
        return home(parent, root)
    return folder


def read(path: Path, root: Path) -> Run:
    """Reads one run: all event files of a folder and of the subfolders that belong to it, or one file.

    Raises:
        Unreadable: If no scalar can be read from any of them.
    """
    files = [path] if path.is_file() else _files(path)
    points: dict[str, Points] = defaultdict(lambda: (array("d"), array("d"), array("d")))
    settings: Record = {}
    notes: list[str] = []
    for file in sorted(files, key=lambda item: (len(item.parts), item.name)):
        split = _split_of(file.parent.name) if path.is_dir() and file.parent != path else ""
        problem = _load(no_pointer(file), f"{split}/" if split else "", points, settings)
        if problem:
            notes.append(f"{file.name}: {problem}")
    if not points:
        raise Unreadable("scalars such as train/loss in event files", f"{path}: {'; '.join(notes) or 'nothing'}", _DO)
    folder = path if path.is_dir() else path.parent
    one = [tag for tag, (x, _, _) in points.items() if len(x) == 1 and plain(tag).endswith("epoch_time")]
    for tag in one:
        settings.setdefault("seconds_per_epoch", points[tag][1][0])
    run = assemble(folder, root, "tensorboard", points, {**read_hparams(folder), **settings}, "")
    return replace(run, source=str(path), notes=(*notes, *run.notes))


def _files(folder: Path) -> list[Path]:
    return [
        file for file in folder.rglob("*tfevents*")
        if is_event_file(file.name) and file.is_file() and home(file.parent, folder) == folder
    ]  # fmt: skip


def _has_other_split(folder: Path) -> bool:
    """Whether a folder named after a split has siblings; a single one is the run itself."""
    sides = [item for item in folder.parent.iterdir() if item.is_dir() and plain(item.name) in _HELD]
    return sum(_has_events(item) for item in sides) > 1 or _has_events(folder.parent)


def _has_events(folder: Path) -> bool:
    return any(is_event_file(item.name) for item in folder.iterdir())


def _split_of(name: str) -> str:
    """The split that a folder is named after, or empty."""
    return next((word for word in reversed(plain(name).split("_")) if word in _HELD), "")


def _load(file: Path, prefix: str, points: dict[str, Points], settings: Record) -> str:
    """Adds the scalars of one file; returns an error message, or an empty string."""
    if file.stat().st_size == 0:
        return "empty"
    try:
        for block in frames(file):
            found, other = plain_scalars(block)
            wrong = _others(block, other, found, settings)
            pieces: dict[str, list[Scalars]] = defaultdict(list)
            for some in found:
                pieces[some.tag].append(some)
            for tag, parts in pieces.items():
                _append(points[prefix + tag], parts)
            if wrong:
                return "a damaged record; the records before it were read"
    except CutError as error:
        return str(error)
    return ""


def _append(kept: Points, parts: list[Scalars]) -> None:
    """Appends the scalars of one tag in the order written; a logged NaN is stored as infinity."""
    order = np.argsort(np.concatenate([part.index for part in parts]), kind="stable")
    values = np.concatenate([part.value for part in parts])
    columns = (np.concatenate([part.step for part in parts]), np.where(np.isnan(values), np.inf, values),
               np.concatenate([part.wall for part in parts]))  # fmt: skip
    for cells, written in zip(kept, columns, strict=True):
        cells.frombytes(np.ascontiguousarray(written[order], dtype=np.float64).tobytes())


def _others(block: Frames, other: Sequence[int], found: list[Scalars], settings: Record) -> bool:
    """Reads records of other forms one by one; returns whether one was damaged, at which reading stops."""
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
    from tensorboard.compat.proto.event_pb2 import Event

    for index in other:
        try:
            event = Event.FromString(block.record(index))
        except DecodeError:
            found[:] = [some.before(index) for some in found]
            return True
        for value in event.summary.value if event.HasField("summary") else ():
            number = _scalar(value, settings)
            if number is not None:
                one = ([float(item)] for item in (event.step, number, event.wall_time))
                found.append(Scalars(value.tag, np.array([index]), *map(np.array, one)))
    return False


def _scalar(value: Any, settings: Record) -> float | None:
    kind = value.WhichOneof("value")
    if kind == "simple_value":
        return float(value.simple_value)
    if value.HasField("metadata") and value.metadata.plugin_data.plugin_name == "hparams":
        settings.update(_hparams(value.metadata.plugin_data.content))
        return None
    if kind != "tensor":
        return None
    tensor = value.tensor
    if tensor.float_val:
        return float(tensor.float_val[0]) if len(tensor.float_val) == 1 else None
    if tensor.double_val:
        return float(tensor.double_val[0]) if len(tensor.double_val) == 1 else None
    for code, width, form in ((1, 4, "<f"), (2, 8, "<d")):
        if tensor.dtype == code and len(tensor.tensor_content) == width:
            return float(struct.unpack(form, tensor.tensor_content)[0])
    return None


def _hparams(content: bytes) -> Record:
    from google.protobuf.message import DecodeError
    from tensorboard.plugins.hparams import plugin_data_pb2

    try:
        data = plugin_data_pb2.HParamsPluginData.FromString(content)
    except DecodeError:
        return {}
    found: Record = {}
    for name, value in data.session_start_info.hparams.items():
        kind = value.WhichOneof("kind")
        if kind in ("number_value", "string_value", "bool_value"):
            found[setting_name(name)] = getattr(value, kind)
    return found
