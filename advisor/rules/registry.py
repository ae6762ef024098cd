"""Choosing rules by code or prefix, as ``--select`` and ``--ignore`` name them, and finding those of others."""

from collections.abc import Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Any, TypeVar

from advisor.errors import UsageError
from advisor.rules.base import Described, Rule

GROUP = "advisor.rules"
"""Entry-point group under which other packages offer rules."""


AnyRule = TypeVar("AnyRule", bound=Described)


def selected(rules: Sequence[Rule], select: Sequence[str] = (), ignore: Sequence[str] = ()) -> list[Rule]:
    """Those of ``rules`` and of the installed third-party rules that the options leave.

    Raises:
        UsageError: If a prefix matches no rule, or a third-party rule is broken.
    """
    return chosen([*rules, *third_party(Rule, rules)], select, ignore)  # type: ignore[type-abstract]


def chosen(rules: Sequence[AnyRule], select: Sequence[str] = (), ignore: Sequence[str] = ()) -> list[AnyRule]:
    """Rules whose code begins with one of ``select`` (all if empty) and with none of ``ignore``.

    Raises:
        UsageError: If a prefix matches no rule.
    """
    for prefix in (*select, *ignore):
        if not prefix or not any(rule.code.startswith(prefix.upper()) for rule in rules):
            families = sorted({rule.family for rule in rules})
            raise UsageError("a rule code or its beginning", repr(prefix), f"families are {', '.join(families)}")
    kept = [rule for rule in rules if not select or _matches(rule, select)]
    return [rule for rule in kept if not _matches(rule, ignore)]


def third_party(base: type[AnyRule], known: Sequence[Described] = ()) -> list[AnyRule]:
    """Rules that installed packages offer under the entry-point group ``advisor.rules``.

    Args:
        base: Kind of rule wanted (``Rule`` or ``advisor.rules.RunRule``); others in the group are left out.
        known: Rules that are there already: their codes are taken.

    Raises:
        UsageError: If an entry cannot be loaded, is no rule, is incomplete or takes a code that is in use.
    """
    taken = {rule.code: "the advisor itself" for rule in known}
    found: list[AnyRule] = []
    for entry in sorted(entry_points(group=GROUP), key=lambda item: (item.name, item.value)):
        rule = _load(entry)
        if not isinstance(rule, base):
            continue
        if rule.code in taken:
            raise _broken(entry, f"code {rule.code}, which is taken by {taken[rule.code]}")
        taken[rule.code] = f"plugin {entry.name!r}"
        found.append(rule)
    return found


def _load(entry: EntryPoint) -> Any:
    """The rule behind an entry point, checked for what the tables and the engine need."""
    try:
        loaded = entry.load()
        rule = loaded() if isinstance(loaded, type) else loaded
    except Exception as error:
        raise _broken(entry, f"{type(error).__name__}: {error}") from error
    for name in ("code", "title", "passed", "severity", "confidence", "requires", "sources", "doubt", "check"):
        if not hasattr(rule, name):
            raise _broken(entry, f"{type(rule).__name__} without {name!r}")
    if not isinstance(rule.code, str) or not rule.code[:1].isalpha() or not rule.code[-1:].isdigit():
        raise _broken(entry, f"code {rule.code!r}")
    return rule


def _broken(entry: EntryPoint, found: str) -> UsageError:
    package = entry.dist.name if entry.dist else "unknown package"
    return UsageError(
        f"a rule (letters and digits as its code) behind the entry point {entry.name!r} = {entry.value!r} of {package}",
        found,
        f"mend or uninstall {package}",
    )


def _matches(rule: Described, prefixes: Sequence[str]) -> bool:
    return any(rule.code.startswith(prefix.upper()) for prefix in prefixes)
