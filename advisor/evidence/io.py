"""Evidence as plain JSON and back, complete: what recordings are read from."""

from collections.abc import Mapping
from typing import Any

from advisor.evidence.evidence import Evidence
from advisor.utils.codec import decode, encode

_VERSION = 1


def to_json(evidence: Evidence) -> Mapping[str, Any]:
    """Plain JSON types only (``advisor.utils.codec``)."""
    return {"version": _VERSION, "evidence": encode(evidence)}


def from_json(data: Mapping[str, Any]) -> Evidence:
    """Reads what ``to_json`` wrote.

    Raises:
        ValueError: If it was written in another version of this form, or is damaged.
    """
    if data.get("version") != _VERSION:
        raise ValueError(f"evidence of version {_VERSION} expected, found {data.get('version')!r}")
    return decode(Evidence, data["evidence"])
