"""Evidence as plain JSON and back, complete: the format of the recordings."""

from collections.abc import Mapping
from typing import Any

from advisor.evidence.evidence import Evidence
from advisor.utils.codec import decode, encode

_VERSION = 1


def to_json(evidence: Evidence) -> Mapping[str, Any]:
    """Plain JSON types only (``advisor.utils.codec``)."""
    return {"version": _VERSION, "evidence": encode(evidence)}


def from_json(data: Mapping[str, Any]) -> Evidence:
    """Reads the output of ``to_json``.

    Raises:
        ValueError: If it was written by another version, or is damaged.
    """
    if data.get("version") != _VERSION:
        raise ValueError(f"expected evidence of version {_VERSION}, found {data.get('version')!r}")
    return decode(Evidence, data["evidence"])
