"""Selects rules by code or prefix for ``--select`` and ``--ignore``, and loads rules of other packages."""

from collections.abc import Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Any, TypeVar

from advisor.errors import UsageError
from advisor.rules.base import LiveRule, LogRule, ProbeRule, Rule
from advisor.rules.registry import RULES
from advisor.rules.retired import RETIRED

GROUP = "advisor.rules"
"""Entry-point group for rules of other packages."""
_DECLARED = (
    "code", "title", "passed", "neutral", "severity", "confidence", "sources", "counterevidence",
)  # fmt: skip

_RETIRED = {item.code: item for item in RETIRED}

AnyRule = TypeVar("AnyRule", bound=Rule)


def all_rules() -> list[Rule]:
    """All registered rules and those of installed packages.

    Raises:
        UsageError: If an installed rule is invalid.
    """
    return [*RULES, *third_party()]


def probe_rules(select: Sequence[str] = (), ignore: Sequence[str] = ()) -> list[ProbeRule]:
    """Probe rules whose code begins with one of ``select`` (all if empty) and with none of ``ignore``.

    Raises:
        UsageError: If a prefix matches no rule, or an installed rule is invalid.
    """
    return _selected([rule for rule in all_rules() if isinstance(rule, ProbeRule)], select, ignore)


def log_rules(select: Sequence[str] = (), ignore: Sequence[str] = ()) -> list[LogRule]:
    """Log rules, selected as in ``probe_rules``.

    Raises:
        UsageError: If a prefix matches no rule, or an installed rule is invalid.
    """
    return _selected([rule for rule in all_rules() if isinstance(rule, LogRule)], select, ignore)


def live_rules(select: Sequence[str] = (), ignore: Sequence[str] = ()) -> list[Rule]:
    """Rules for a run in progress (live rules and log rules), selected as in ``probe_rules``.

    Raises:
        UsageError: If a prefix matches no rule, or an installed rule is invalid.
    """
    return _selected([rule for rule in all_rules() if isinstance(rule, (LogRule, LiveRule))], select, ignore)


def _selected(rules: list[AnyRule], select: Sequence[str], ignore: Sequence[str]) -> list[AnyRule]:
    for prefix in select:
        _check(prefix, rules)
    for prefix in ignore:
        if prefix.upper() not in _RETIRED:  # Accepted, so that old commands still work.
            _check(prefix, rules)
    kept = [rule for rule in rules if not select or _matches(rule, select)]
    return [rule for rule in kept if not _matches(rule, ignore)]


def third_party() -> list[Rule]:
    """Rules of installed packages under the entry-point group ``advisor.rules``.

    Raises:
        UsageError: If an entry cannot be loaded, is not a rule, is incomplete or uses a taken code.
    """
    taken = {rule.code: "the advisor itself" for rule in RULES}
    taken |= dict.fromkeys(_RETIRED, "a retired rule")
    found: list[Rule] = []
    for entry in sorted(entry_points(group=GROUP), key=lambda item: (item.name, item.value)):
        rule = _load(entry)
        if rule.code in taken:
            raise _broken(entry, f"code {rule.code}, which is taken by {taken[rule.code]}")
        taken[rule.code] = f"plugin {entry.name!r}"
        found.append(rule)
    return found


def _load(entry: EntryPoint) -> Rule:
    """Loads the rule of an entry point and checks its declarations."""
    try:
        loaded: Any = entry.load()
        rule = loaded() if isinstance(loaded, type) else loaded
    except Exception as error:
        raise _broken(entry, f"{type(error).__name__}: {error}") from error
    if not isinstance(rule, (ProbeRule, LogRule, LiveRule)):
        raise _broken(entry, f"{type(rule).__name__}, which derives from neither")
    for name in _DECLARED:
        if not hasattr(rule, name):
            raise _broken(entry, f"{type(rule).__name__} without {name!r}")
    if not isinstance(rule.code, str) or not rule.code[:1].isalpha() or not rule.code[-1:].isdigit():
        raise _broken(entry, f"code {rule.code!r}")
    return rule


def _broken(entry: EntryPoint, found: str) -> UsageError:
    package = entry.dist.name if entry.dist else "unknown package"
    return UsageError(
        f"a complete ProbeRule or LogRule with a code of letters and digits behind the entry point {entry.name!r} = "
        f"{entry.value!r} of {package}",
        found,
        f"fix or uninstall {package}",
    )


def _check(prefix: str, rules: Sequence[Rule]) -> None:
    if prefix and _matches_any(rules, prefix):
        return
    families = ", ".join(sorted({rule.family for rule in rules}))
    retired = f", which is retired: {_RETIRED[prefix.upper()].reason}" if prefix.upper() in _RETIRED else ""
    raise UsageError("a rule code or its beginning", f"{prefix!r}{retired}", f"families are {families}")


def _matches_any(rules: Sequence[Rule], prefix: str) -> bool:
    return any(rule.code.startswith(prefix.upper()) for rule in rules)


def _matches(rule: Rule, prefixes: Sequence[str]) -> bool:
    return any(rule.code.startswith(prefix.upper()) for prefix in prefixes)
