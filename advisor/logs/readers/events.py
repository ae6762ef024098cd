"""TensorBoard event folders: scalars of both forms, and the settings of the HParams plugin."""

from __future__ import annotations

import math
import re
import struct
from array import array
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from advisor.logs.measures import plain
from advisor.logs.names import part, setting_name
from advisor.logs.readers.base import Unreadable, _settings, read_hparams, run_name
from advisor.logs.readers.records import CutError, Frames, Scalars, frames, plain_scalars
from advisor.logs.run import Run, column

_HELD = {"train", "training", "val", "valid", "validation", "test", "eval", "dev"}
_STAMP = re.compile(r"\d{9,}(\.\d+)?")
_SINGLE = 1
Points = tuple["array[float]", "array[float]", "array[float]"]


def is_event_file(name: str) -> bool:
    """Whether TensorBoard would take it for one of its own."""
    return "tfevents" in name and not name.endswith(".profile-empty")


def home(folder: Path, root: Path) -> Path:
    """The folder of the run that the event files of ``folder`` belong to.

    ``add_hparams`` and ``add_scalars`` write to subfolders of the run's own; Keras keeps ``train`` and
    ``validation`` side by side.
    """
    if folder == root:
        return folder
    parent = folder.parent
    within = root == parent or root in parent.parents
    if within and plain(folder.name) in _HELD:
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
    settings: dict[str, Any] = {}
    notes: list[str] = []
    for file in sorted(files, key=lambda item: (len(item.parts), item.name)):
        split = _split_of(file.parent.name) if path.is_dir() and file.parent != path else ""
        problem = _load(file, f"{split}/" if split else "", points, settings)
        if problem:
            notes.append(f"{file.name}: {problem}")
    return _run(path, root, points, settings, notes)


def _run(path: Path, root: Path, points: dict[str, Points], settings: dict[str, Any], notes: list[str]) -> Run:
    columns = []
    for tag, (x, y, wall) in points.items():
        made, said = column(tag, np.frombuffer(x), np.frombuffer(y), np.frombuffer(wall))
        notes += said
        if made is None:
            continue
        if len(x) == _SINGLE and plain(tag).endswith("epoch_time"):
            settings.setdefault("seconds_per_epoch", y[0])
        columns.append(made)
    if not any(len(item.x) > 1 and part(item.name) for item in columns):
        found = "; ".join(notes) or (f"{len(columns)} tag(s), none of them a loss or metric" if columns else "nothing")
        raise Unreadable("scalars such as train/loss in event files", f"{path}: {found}", "check the folder")
    folder = path if path.is_dir() else path.parent
    found_settings = _settings({**read_hparams(folder), **settings})
    epochs = found_settings.get("epochs", math.nan)
    return Run(
        run_name(folder, root), str(path), "tensorboard", _axis(columns, epochs), tuple(columns),
        tuple(sorted(found_settings.items())), float(epochs) if isinstance(epochs, float) else math.nan, tuple(notes),
    )  # fmt: skip


def _axis(columns: list[Any], epochs: Any) -> Any:
    """Epochs where the positions count to the number of epochs, else steps."""
    last = max(item.x[-1] for item in columns)
    return "epoch" if isinstance(epochs, float) and last in (epochs, epochs - 1) else "step"


def _files(folder: Path) -> list[Path]:
    return [
        file for file in folder.rglob("*tfevents*")
        if is_event_file(file.name) and file.is_file() and home(file.parent, folder) == folder
    ]  # fmt: skip


def _has_events(folder: Path) -> bool:
    return any(is_event_file(item.name) for item in folder.iterdir())


def _split_of(name: str) -> str:
    """The part of the data that a folder is named after, if it is."""
    return next((word for word in reversed(plain(name).split("_")) if word in _HELD), "")


def _load(file: Path, prefix: str, points: dict[str, Points], settings: dict[str, Any]) -> str:
    """Adds the scalars of one file; returns what went wrong on the way, or nothing."""
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
                return "a damaged record; what came before it was read"
    except CutError as error:
        return str(error)
    return ""


def _append(kept: Points, parts: list[Scalars]) -> None:
    """Adds the scalars of one tag in the order in which they were written; a logged NaN is kept as infinity."""
    order = np.argsort(np.concatenate([part.index for part in parts]), kind="stable")
    values = np.concatenate([part.value for part in parts])
    columns = (np.concatenate([part.step for part in parts]), np.where(np.isnan(values), np.inf, values),
               np.concatenate([part.wall for part in parts]))  # fmt: skip
    for cells, written in zip(kept, columns, strict=True):
        cells.frombytes(np.ascontiguousarray(written[order], dtype=np.float64).tobytes())


def _others(block: Frames, other: Sequence[int], found: list[Scalars], settings: dict[str, Any]) -> bool:
    """Reads records of any other form one by one; true if one was damaged, and what comes after it left out."""
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


def _scalar(value: Any, settings: dict[str, Any]) -> float | None:
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


def _hparams(content: bytes) -> dict[str, Any]:
    from google.protobuf.message import DecodeError
    from tensorboard.plugins.hparams import plugin_data_pb2

    try:
        data = plugin_data_pb2.HParamsPluginData.FromString(content)
    except DecodeError:
        return {}
    found: dict[str, Any] = {}
    for name, value in data.session_start_info.hparams.items():
        kind = value.WhichOneof("kind")
        if kind in ("number_value", "string_value", "bool_value"):
            found[setting_name(name)] = getattr(value, kind)
    return found
