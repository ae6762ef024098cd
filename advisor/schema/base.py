"""The base class of all parts of a result, and shared value types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from advisor.utils.jsonio import clean

Setting = bool | int | float | str | None | list[Any] | dict[str, Any]
"""The value of a setting, or a fact: any JSON value."""
Facts = dict[str, Setting]
"""Named facts without a schema of their own."""
Number = float | None
"""A measured number; null where it could not be measured or was not finite."""
Column = tuple[Number, ...]


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A frozen part of a result. The docstring of each class documents its fields; the docs are generated from it."""

    def require_equal_lengths(self, *names: str) -> None:
        """Checks that the named columns have equal lengths.

        Raises:
            ValueError: If they do not.
        """
        lengths = {name: len(getattr(self, name)) for name in names}
        if len(set(lengths.values())) > 1:
            said = ", ".join(f"{name} {length}" for name, length in lengths.items())
            raise ValueError(f"Expected columns of one length, got {said}")


P = TypeVar("P", bound=Part)


def plain(part: Part | Mapping[str, Any] | Sequence[Any]) -> Any:
    """Converts a part to JSON types: dicts, lists, strings, finite numbers and null."""
    return clean(msgspec.to_builtins(part, enc_hook=_number))


def checked(kind: type[P], value: Part | Mapping[str, Any]) -> P:
    """Validates ``value`` as that kind of part; non-finite numbers become null.

    Raises:
        msgspec.ValidationError: If it does not match; the message names the place.
    """
    return msgspec.convert(plain(value), kind)


def _number(value: Any) -> Any:
    """Converts NumPy numbers to Python's."""
    if isinstance(value, float):
        return float(value)
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(f"a result cannot hold {type(value).__name__}")
