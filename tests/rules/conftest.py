"""Recorded evidence, read once."""

import gzip
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from advisor.evidence.evidence import Evidence
from advisor.evidence.io import from_json

RECORDINGS = Path(__file__).parent / "recordings"


@cache
def _read(name: str) -> Evidence:
    return from_json(json.loads(gzip.decompress((RECORDINGS / f"{name}.json.gz").read_bytes())))


@pytest.fixture(scope="session")
def recording() -> Callable[[str], Evidence]:
    """Reads a recording by its name."""
    return _read
