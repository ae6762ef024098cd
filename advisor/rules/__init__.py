"""Judging what was measured: one rule a file, one family a folder. No torch."""

from advisor.rules.base import LiveRule, LogRule, ProbeRule, Rule

__all__ = ["LiveRule", "LogRule", "ProbeRule", "Rule"]
