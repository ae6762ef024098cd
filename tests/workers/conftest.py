"""A small task and short probes of it."""

from tests.probes.conftest import load, spec, write

__all__ = ["load", "spec", "write"]
