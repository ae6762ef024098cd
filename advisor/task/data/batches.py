"""Operations on batches of any type: traversing, moving, counting examples."""

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch


def move(batch: Any, device: torch.device, float32: bool = False) -> Any:
    """Moves all tensors in nested tuples, lists, mappings and objects to the device.

    Objects with a ``to`` method move themselves; others are copied and their attributes moved.
    With ``float32``, float64 tensors are converted to float32.
    """

    def change(tensor: torch.Tensor) -> torch.Tensor:
        dtype = torch.float32 if float32 and tensor.dtype == torch.float64 else tensor.dtype
        return tensor.to(device, dtype, non_blocking=True)

    return _mapped(batch, change, device)


def cut(batch: Any, start: int, end: int) -> Any:
    """The rows from ``start`` to ``end`` of every tensor; objects that cannot be copied are kept whole."""
    return _mapped(batch, lambda tensor: tensor[start:end], None)


def rows_in(batch: Any) -> int | None:
    """The number of examples on which all tensors of a batch agree; None if they do not, or there are none."""
    counts = {len(tensor) if tensor.ndim else 0 for tensor in tensors_in(batch)}
    return None if len(counts) != 1 else counts.pop() or None


def tensors_in(batch: Any) -> Iterator[torch.Tensor]:
    """All tensors in a nested batch, including attributes of objects."""
    if isinstance(batch, torch.Tensor):
        yield batch
    else:
        for item in _parts(batch):
            yield from tensors_in(item)


def described(batch: Any) -> str:
    """Shapes and types of the tensors in a batch, for messages."""
    found = [f"{tuple(t.shape)} {str(t.dtype).removeprefix('torch.')}" for t in tensors_in(batch)]
    return ", ".join(found[:8]) or type(batch).__name__


def field(batch: Any, name: str) -> Any:
    """An entry of a mapping or an attribute of an object; None if it does not exist."""
    if isinstance(batch, Mapping):
        return batch.get(name)
    return None if isinstance(batch, (torch.Tensor, tuple, list, str)) else getattr(batch, name, None)


def with_field(batch: Any, name: str, value: Any) -> Any:
    """A shallow copy of a mapping or object with one entry replaced."""
    changed = copy.copy(batch)
    if isinstance(changed, Mapping):
        changed[name] = value  # type: ignore[index]
    else:
        setattr(changed, name, value)
    return changed


def _parts(batch: Any) -> Iterator[Any]:
    if isinstance(batch, Mapping):
        yield from batch.values()
    elif isinstance(batch, (tuple, list)):
        yield from batch
    elif _is_object(batch):
        keys = getattr(batch, "keys", None)
        names = list(keys() if callable(keys) else keys) if keys is not None else list(vars(batch))
        items = (getattr(batch, str(name), None) for name in names)
        yield from (item for item in items if not _is_object(item) or isinstance(item, torch.Tensor))


def _is_object(batch: Any) -> bool:
    """Whether it is a user's object with attributes, not a module, class, function or plain value."""
    return hasattr(batch, "__dict__") and not isinstance(batch, (torch.nn.Module, type)) and not callable(batch)


def _mapped(batch: Any, change: Callable[[torch.Tensor], torch.Tensor], device: torch.device | None) -> Any:
    """A copy with every tensor changed; objects with ``to`` move themselves if there is a device."""
    if isinstance(batch, torch.Tensor):
        return change(batch)
    moves = device is not None and hasattr(batch, "to")
    if isinstance(batch, Mapping) and not moves:
        items = {key: _mapped(item, change, device) for key, item in batch.items()}
        try:
            return type(batch)(items)  # type: ignore[call-arg]
        except TypeError:
            return items
    if isinstance(batch, tuple) and hasattr(batch, "_fields"):
        return type(batch)(*(_mapped(item, change, device) for item in batch))
    if isinstance(batch, (tuple, list)):
        return type(batch)(_mapped(item, change, device) for item in batch)
    if moves:
        moved = batch.to(device)
        return batch if moved is None else moved
    if _is_object(batch):
        return _moved_object(batch, change, device)
    return batch


def _moved_object(batch: Any, change: Callable[[torch.Tensor], torch.Tensor], device: torch.device | None) -> Any:
    """A copy whose direct tensors, lists and mappings are moved; nested objects are not."""
    parts = {name: item for name, item in vars(batch).items() if not _is_object(item) or hasattr(item, "to")}
    if not any(True for item in parts.values() for _ in tensors_in(item)):
        return batch
    moved = copy.copy(batch)
    for name, item in parts.items():
        object.__setattr__(moved, name, _mapped(item, change, device))
    return moved
