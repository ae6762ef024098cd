"""Rules that judge the measurements: one rule per file, one family per folder. No torch."""

from advisor.rules.base import LiveRule, LogRule, ProbeRule, Rule

__all__ = ["LiveRule", "LogRule", "ProbeRule", "Rule"]
