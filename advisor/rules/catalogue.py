"""The catalogue of rules as text: ``advisor rules``, ``advisor rule CODE`` and ``docs/rules.md``.

``python -m advisor.rules.catalogue > docs/rules.md`` regenerates the page.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from advisor.errors import UsageError
from advisor.rules.base import LogRule, ProbeRule, Rule
from advisor.rules.references import SOURCES, Source
from advisor.rules.registry import RULES
from advisor.rules.retired import RETIRED, Retired
from advisor.rules.selection import all_rules
from advisor.schema.files import read_report

FAMILIES = {
    "PF": "before training",
    "LR": "learning rate",
    "BS": "batch size",
    "MO": "momentum",
    "WD": "weight decay",
    "FT": "fit of the curves",
    "EP": "number of epochs",
    "ST": "stability",
    "EX": "the experiment itself",
    "CA": "capacity",
    "TL": "the training loop",
}

Entry = Rule | Retired


def rule_book(plugins: bool = True) -> list[Entry]:
    """All codes, including retired ones, sorted by family and code."""
    entries: list[Entry] = [*(all_rules() if plugins else RULES), *RETIRED]
    order = {family: place for place, family in enumerate(FAMILIES)}
    return sorted(entries, key=lambda item: (order.get(item.family, 99), item.code))


def of_family(book: Sequence[Entry], prefix: str | None) -> list[Entry]:
    """The entries whose code begins with a prefix, or all.

    Raises:
        UsageError: If there is none.
    """
    kept = [entry for entry in book if prefix is None or (prefix and entry.code.startswith(prefix.upper()))]
    if not kept:
        families = ", ".join(dict.fromkeys(entry.family for entry in book))
        raise UsageError("a rule code or its beginning", repr(prefix), f"families are {families}")
    return kept


def with_code(book: Sequence[Entry], code: str) -> Entry:
    """The entry of a code.

    Raises:
        UsageError: If no rule has the code.
    """
    found = next((entry for entry in book if entry.code == code.upper()), None)
    if found is None:
        near = [entry.code for entry in book if entry.code[:2] == code.upper()[:2]]
        raise UsageError("the code of a rule", repr(code), f"try {', '.join(near)}" if near else "see advisor rules")
    return found


def table(book: Iterable[Entry]) -> list[str]:
    """One line per code: severity, confidence, input, title."""
    rows: list[str] = []
    family = ""
    for entry in book:
        if entry.family != family:
            family = entry.family
            rows += [*([""] if rows else []), f"{family}  {_family(family)}"]
        if isinstance(entry, Retired):
            rows.append(f"  {entry.code:<6} {'retired':<29} {entry.title}")
        else:
            reads = ", ".join(reads_of(entry))
            rows.append(f"  {entry.code:<6} {entry.severity:<7} {entry.confidence:<7} {reads:<13} {entry.title}")
    return rows


def reads_of(rule: Rule) -> list[str]:
    """Inputs of a rule: ``probes``, ``logs``."""
    kinds: tuple[tuple[str, type[Rule]], ...] = (("probes", ProbeRule), ("logs", LogRule))
    return [name for name, kind in kinds if isinstance(rule, kind)]


def manual(entry: Entry, fired: str = "") -> list[str]:
    """The manual of one code, as text; ``fired`` is the line from ``fired_last``."""
    head = f"{entry.code}  {entry.title}"
    lines = [head, "-" * len(head)]
    if isinstance(entry, Retired):
        lines.append(_retired(entry))
    else:
        lines += [_summary(entry), "", *entry.manual.splitlines(), ""]
        lines += [f"Would change the verdict: {entry.counterevidence}.", "", "Cited"]
        lines += [f"  {source.id:<8} {source.text}\n           {source.url}" for source in cited(entry)]
    return [*lines, *(["", fired] if fired else [])]


def cited(rule: Rule) -> list[Source]:
    """The sources of a rule, with their addresses."""
    return [SOURCES.get(id_, Source(id_, "not in the list of sources", "")) for id_ in rule.sources]


def as_dict(entry: Entry) -> dict[str, Any]:
    """One code as JSON."""
    if isinstance(entry, Retired):
        return {
            "code": entry.code,
            "family": entry.family,
            "retired": True,
            "title": entry.title,
            "reason": entry.reason,
            "moved_to": entry.moved_to,
        }
    return {
        "code": entry.code,
        "family": entry.family,
        "retired": False,
        "reads": reads_of(entry),
        "title": entry.title,
        "passed": entry.passed,
        "neutral": entry.neutral,
        "severity": entry.severity,
        "confidence": entry.confidence,
        "requires": _requires(entry),
        "counterevidence": entry.counterevidence,
        "sources": [item.as_dict() for item in cited(entry)],
        "manual": entry.manual,
    }


def fired_last(code: str, reports: Path) -> str:
    """Where a rule was last detected, among the reports under a folder; empty if nowhere."""
    pages = sorted(reports.glob("*/*/report.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    for page in pages[:500]:
        with suppress(UsageError):
            findings = read_report(page).findings
            if any(finding.code == code and finding.verdict == "detected" for finding in findings):
                return f"Last detected in {page.parent}"
    return ""


def markdown(book: Sequence[Entry]) -> str:
    """All rules as one Markdown page."""
    lines = [
        "# Rules",
        "",
        "Generated by `python -m advisor.rules.catalogue > docs/rules.md`; do not edit. The same text is printed by",
        "`advisor rules` and `advisor rule CODE`. Codes are never reused, and a code has the same meaning for",
        "probes (`advisor diagnose`) and logs (`advisor read`).",
        "",
        "Other packages add rules under the entry-point group `advisor.rules`: each entry names a class that derives",
        "from `advisor.rules.ProbeRule` (over probes), `advisor.rules.LogRule` (over logs) or both, with a free code.",
    ]
    family = ""
    for entry in book:
        if entry.family != family:
            family = entry.family
            lines += ["", f"## {family}: {_family(family)}"]
        lines += ["", f"### {entry.code} {entry.title}", ""]
        if isinstance(entry, Retired):
            lines.append(f"*{_retired(entry)}*")
            continue
        lines += [f"*{_summary(entry)}*", "", entry.manual.replace("\n## ", "\n#### "), ""]
        lines += [f"Would change the verdict: {entry.counterevidence}.", ""]
        lines += [f"- {source.id}: [{source.text}]({source.url})" for source in cited(entry)]
    return "\n".join(lines) + "\n"


def _family(letters: str) -> str:
    return FAMILIES.get(letters, "of another package")


def _requires(rule: Rule) -> dict[str, list[str]]:
    """Required rounds and curves."""
    rounds = [name.value for name in rule.requires] if isinstance(rule, ProbeRule) else []
    curves: list[str] = list(rule.requires_curves) if isinstance(rule, LogRule) else []
    return {name: items for name, items in (("rounds", rounds), ("curves", curves)) if items}


def _summary(rule: Rule) -> str:
    """Severity, confidence and requirements in one line."""
    needs = _requires(rule)
    parts = [f"{rule.severity}, confidence {rule.confidence}"]
    if isinstance(rule, ProbeRule):
        parts.append(f"in probes, requires {', '.join(needs.get('rounds', ())) or 'nothing'}")
    if isinstance(rule, LogRule):
        parts.append(f"in logs, requires {', '.join(needs.get('curves', ())) or 'nothing'}")
    return "; ".join(parts)


def _retired(entry: Retired) -> str:
    return f"Retired: {entry.reason}. See {entry.moved_to}."


if __name__ == "__main__":
    print(markdown(rule_book(plugins=False)), end="")
