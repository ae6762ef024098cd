"""Choosing rules by code or prefix, as ``--select`` and ``--ignore`` name them."""

from collections.abc import Sequence

from advisor.errors import UsageError
from advisor.rules.base import Rule


def selected(rules: Sequence[Rule], select: Sequence[str] = (), ignore: Sequence[str] = ()) -> list[Rule]:
    """Rules whose code begins with one of ``select`` (all if empty) and with none of ``ignore``.

    Raises:
        UsageError: If a prefix matches no rule.
    """
    for prefix in (*select, *ignore):
        if not any(rule.code.startswith(prefix.upper()) for rule in rules):
            families = sorted({rule.family for rule in rules})
            raise UsageError("a rule code or its beginning", repr(prefix), f"families are {', '.join(families)}")
    chosen = [rule for rule in rules if not select or _matches(rule, select)]
    return [rule for rule in chosen if not _matches(rule, ignore)]


def _matches(rule: Rule, prefixes: Sequence[str]) -> bool:
    return any(rule.code.startswith(prefix.upper()) for prefix in prefixes)
