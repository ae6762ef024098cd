"""The rule book as text: what ``advisor rules``, ``advisor rule CODE`` and ``docs/rules.md`` show.

``python -m advisor.rules.catalogue > docs/rules.md`` writes the page again.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

from advisor.errors import UsageError
from advisor.rules.base import Described
from advisor.rules.references import SOURCES, Source
from advisor.rules.registry import chosen, third_party
from advisor.utils.jsonio import read_report

Reads = Literal["probes", "runs"]
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
}
_READS = {"probes": "in probes (advisor diagnose)", "runs": "in recorded runs (advisor read)"}


def rule_book(plugins: bool = True) -> list[tuple[Reads, Described]]:
    """Every rule with what it reads, sorted by family and code; rules over probes before those over runs."""
    from advisor.rules.probe_rules import RULES, Rule
    from advisor.rules.run_rules import RUN_RULES, RunRule

    own = third_party(Rule, RULES) if plugins else []  # type: ignore[type-abstract]
    probing: list[Described] = [*RULES, *own]
    other = third_party(RunRule, RUN_RULES) if plugins else []  # type: ignore[type-abstract]
    reading: list[Described] = [*RUN_RULES, *other]
    order = {family: place for place, family in enumerate(FAMILIES)}
    book: list[tuple[Reads, Described]] = [("probes", rule) for rule in probing]
    book += [("runs", rule) for rule in reading]
    return sorted(book, key=lambda item: (order.get(item[1].family, 99), item[1].code, item[0]))


def of_family(book: Sequence[tuple[Reads, Described]], prefix: str | None) -> list[tuple[Reads, Described]]:
    """The entries of one family, or all.

    Raises:
        UsageError: If there is no such family.
    """
    if prefix is None:
        return list(book)
    kept = {rule.code for rule in chosen([rule for _, rule in book], (prefix,))}
    return [entry for entry in book if entry[1].code in kept]


def with_code(book: Sequence[tuple[Reads, Described]], code: str) -> list[tuple[Reads, Described]]:
    """The one or two entries of a code.

    Raises:
        UsageError: If no rule has it.
    """
    found = [entry for entry in book if entry[1].code == code.upper()]
    if not found:
        near = sorted({rule.code for _, rule in book if rule.code[:2] == code.upper()[:2]})
        raise UsageError("the code of a rule", repr(code), f"try {', '.join(near)}" if near else "see advisor rules")
    return found


def table(book: Iterable[tuple[Reads, Described]]) -> list[str]:
    """One line a rule: code, severity, confidence, what it reads, title."""
    rows: list[str] = []
    family = ""
    for reads, rule in book:
        if rule.family != family:
            family = rule.family
            rows += [*([""] if rows else []), f"{family}  {FAMILIES.get(family, 'of another package')}"]
        rows.append(f"  {rule.code:<6} {rule.severity:<7} {rule.confidence:<7} {reads:<7} {rule.title}")
    return rows


def manual(entries: Sequence[tuple[Reads, Described]], fired: str = "") -> list[str]:
    """The manual of one code, as text."""
    lines: list[str] = []
    for reads, rule in entries:
        head = f"{rule.code}  {rule.title}"
        lines += [*([""] if lines else []), head, "-" * len(head)]
        lines.append(f"{rule.severity}, confidence {rule.confidence}; looked for {_READS[reads]}")
        lines.append(f"requires: {', '.join(rule.requires) or 'nothing'}")
        lines += ["", *rule.manual.splitlines(), "", "Would change our mind: " + rule.doubt + ".", "", "Cited"]
        lines += [f"  {source.id:<8} {source.text}\n           {source.url}" for source in cited(rule)]
    return [*lines, *(["", fired] if fired else [])]


def cited(rule: Described) -> list[Source]:
    """The sources of a rule, with their addresses."""
    return [SOURCES.get(id_, Source(id_, "not in the list of sources", "")) for id_ in rule.sources]


def as_dict(reads: Reads, rule: Described) -> dict[str, Any]:
    """One rule as JSON shows it."""
    return {
        "code": rule.code,
        "family": rule.family,
        "reads": reads,
        "title": rule.title,
        "severity": rule.severity,
        "confidence": rule.confidence,
        "requires": list(rule.requires),
        "doubt": rule.doubt,
        "sources": [item.as_dict() for item in cited(rule)],
        "manual": rule.manual,
    }


def fired_last(code: str, reports: Path) -> str:
    """Where a rule was last detected, among the reports under a folder; empty if nowhere."""
    pages = sorted(reports.glob("*/*/report.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    for page in pages[:500]:
        try:
            findings = read_report(page).get("findings", [])
            hit = any(item.get("code") == code and item.get("verdict") == "detected" for item in findings)
        except (OSError, ValueError, AttributeError, TypeError):
            continue
        if hit:
            return f"Last detected in {page.parent}"
    return ""


def markdown(book: Sequence[tuple[Reads, Described]]) -> str:
    """The whole book as one page of Markdown."""
    lines = [
        "# Rules",
        "",
        "Written by `python -m advisor.rules.catalogue > docs/rules.md`; do not edit it here. The same text comes from",
        "`advisor rules` and `advisor rule CODE`. Codes are never reused. A code that is looked for both in probes",
        "(`advisor diagnose`) and in recorded runs (`advisor read`) means the same in both and has two entries,",
        "because what it reads differs.",
        "",
        "Other packages add rules under the entry-point group `advisor.rules`: each entry names a subclass of",
        "`advisor.rules.Rule` (over probes) or `advisor.rules.RunRule` (over recorded runs) with a free code.",
    ]
    family = ""
    for reads, rule in book:
        if rule.family != family:
            family = rule.family
            lines += ["", f"## {family}: {FAMILIES.get(family, 'of another package')}"]
        lines += ["", f"### {rule.code} {rule.title}", ""]
        lines += [f"*{rule.severity}, confidence {rule.confidence}; looked for {_READS[reads]}; ", ""]
        lines[-2:] = [lines[-2] + f"requires {', '.join(rule.requires) or 'nothing'}*", ""]
        lines += [rule.manual.replace("\n## ", "\n#### "), "", f"Would change our mind: {rule.doubt}.", ""]
        lines += [f"- {source.id}: [{source.text}]({source.url})" for source in cited(rule)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(markdown(rule_book(plugins=False)), end="")
