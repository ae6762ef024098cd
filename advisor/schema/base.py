"""What every part of a result is, and the kinds of value that occur in many parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from advisor.utils.jsonio import clean

Setting = bool | int | float | str | None | list[Any] | dict[str, Any]
"""The value of a setting, or a fact: any JSON value."""
Facts = dict[str, Setting]
"""Named facts without a form of their own."""
Number = float | None
"""A measured number; null where it could not be measured or was not finite."""
Column = tuple[Number, ...]


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A frozen part of a result. Fields are documented in the docstring of each class, from which the docs are made."""

    def require_equal_lengths(self, *names: str) -> None:
        """Checks that the named columns have one length.

        Raises:
            ValueError: If they have not.
        """
        lengths = {name: len(getattr(self, name)) for name in names}
        if len(set(lengths.values())) > 1:
            said = ", ".join(f"{name} {length}" for name, length in lengths.items())
            raise ValueError(f"Expected columns of one length, got {said}")


P = TypeVar("P", bound=Part)


def plain(part: Part | Mapping[str, Any] | Sequence[Any]) -> Any:
    """The part as JSON holds it: dicts, lists, strings, finite numbers and null."""
    return clean(msgspec.to_builtins(part, enc_hook=_number))


def checked(kind: type[P], value: Part | Mapping[str, Any]) -> P:
    """``value`` as that kind of part, non-finite numbers as null.

    Raises:
        msgspec.ValidationError: If it is of another form; the message names the place.
    """
    return msgspec.convert(plain(value), kind)


def _number(value: Any) -> Any:
    """Numbers of NumPy as Python's."""
    if isinstance(value, float):
        return float(value)
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(f"a result holds no {type(value).__name__}")
