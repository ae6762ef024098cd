"""Judging what was measured: one rule a file, one family a folder. No torch."""

from advisor.rules.base import Rule
from advisor.rules.run_rule import RunRule

__all__ = ["Rule", "RunRule"]
