"""Findings as the page shows them: ordered by impact, with measured values as text and their figures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from advisor.report.figures import Figure
from advisor.report.formatting import KNOBS, SEVERITY, knob, setting, slug
from advisor.report.glossary import Term, terms_in
from advisor.schema.base import Setting
from advisor.schema.finding import Finding, Source
from advisor.utils.numbers import count, length, number

_CONFIDENCE = {"high": 0, "medium": 1, "low": 2}
_FAMILIES = ("PF", "LR", "BS", "MO", "WD", "EP", "FT", "EX")
_HIDDEN = {"settings", "verdict", "resolved", "activation", "output_kind", "measured"}
_APART = ("curves",)
_LENGTHS = {"length", "short", "long", "longest"}
_NAMES = {
    **KNOBS,
    "at_stake": "at stake",
    "best": "best",
    "by_length": "by length",
    "chance": "by chance",
    "div_factor": "peak over start",
    "ended_above": "ended above their lowest",
    "final_div_factor": "start over end",
    "guess": "constant prediction",
    "length": "length of run",
    "long": "longer run",
    "lost_share": "share of the gain lost to the gap",
    "objective": "result",
    "seconds_per_epoch": "seconds per epoch",
    "short": "shorter run",
    "spreads": "spread over the tried values",
    "sqrt": "by the square root",
    "std": "standard deviation",
    "worst": "largest rise",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a piece of evidence is in the page.

    Attributes:
        anchor: Id.
        title: Heading.
    """

    anchor: str
    title: str


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """One finding in the form that the templates use.

    Attributes:
        finding: The finding.
        anchor: Id in the page.
        values: Measured values as text.
        figures: Figures that show it.
        sources: Its sources; addresses other than http and https are dropped.
        terms: Glossary terms that it uses.
        inline: Figures that are drawn next to it.
    """

    finding: Finding
    anchor: str
    values: list[tuple[str, str]]
    figures: Sequence[Figure | Place]
    sources: Sequence[Source] = ()
    terms: Sequence[Term] = ()
    inline: Sequence[Figure] = ()

    @property
    def code(self) -> str:
        """Code of the rule."""
        return self.finding.code

    @property
    def title(self) -> str:
        """The state in one line."""
        return self.finding.title

    @property
    def severity(self) -> str:
        """``fault``, ``advice`` or ``info``."""
        return self.finding.severity

    @property
    def confidence(self) -> str:
        """``high``, ``medium`` or ``low``."""
        return self.finding.confidence

    @property
    def evidence(self) -> str:
        """What was measured, in words."""
        return self.finding.evidence.text

    @property
    def advice(self) -> str:
        """What to do."""
        return self.finding.advice

    @property
    def doubt(self) -> str:
        """What would change the verdict."""
        return self.finding.doubt


def shown_findings(findings: Iterable[Finding], drawn: Sequence[Figure]) -> list[ShownFinding]:
    """All findings with the figures that exist, an anchor each, and their values as rows of text."""
    by_id = {name: figure for figure in reversed(drawn) if figure.svg for name in (*figure.shows, figure.id)}
    taken: set[str] = set()
    result = []
    for finding in findings:
        base = anchor = f"finding-{slug(finding.code)}"
        again = 2
        while anchor in taken:
            anchor, again = f"{base}-{again}", again + 1
        taken.add(anchor)
        evidence = finding.evidence
        result.append(
            ShownFinding(
                finding,
                anchor,
                measured(evidence.values),
                list(dict.fromkeys(by_id[name] for name in evidence.figures if name in by_id)),
                [_safe(source) for source in finding.sources],
                terms_in(evidence.text, finding.title, finding.advice, finding.doubt),
            )
        )
    return result


def by_impact(found: Iterable[ShownFinding]) -> list[ShownFinding]:
    """Faults first, then by confidence, then in the order of the settings table."""
    return sorted(
        found,
        key=lambda f: (
            SEVERITY[f.severity],
            _CONFIDENCE[f.confidence],
            _FAMILIES.index(f.code[:2]) if f.code[:2] in _FAMILIES else len(_FAMILIES),
        ),
    )


def placed(ordered: Iterable[ShownFinding]) -> list[ShownFinding]:
    """Places each figure at the first finding that it supports; tall and further figures stay separate."""
    taken: set[str] = set()
    result = []
    for item in ordered:
        figures = [figure for figure in item.figures if isinstance(figure, Figure)]
        free = [figure for figure in figures if figure.anchor not in taken and figure.id not in _APART][:1]
        taken |= {figure.anchor for figure in free}
        beside = [words for figure in free for words in (figure.title, figure.note, figure.description)]
        terms = dict.fromkeys((*item.terms, *terms_in(*beside)))
        result.append(replace(item, inline=free, terms=list(terms)))
    return result


def measured(values: Mapping[str, Setting]) -> list[tuple[str, str]]:
    """Names and numbers of a finding's measured values; unmeasured ones are left out."""
    rows = [(_name(key), _value(key, value)) for key, value in values.items() if key not in _HIDDEN]
    return [(name, words) for name, words in rows if words]


def _name(key: str) -> str:
    if key.isdigit():
        return f"batch size {key}"
    return _NAMES.get(key, key.replace("_", " "))


def _value(key: str, value: Setting) -> str:
    if value is None or value == "" or value == [] or value == {}:
        return ""
    if isinstance(value, dict):
        return ", ".join(f"{name} {words}" for name, words in measured(value))
    if isinstance(value, list):
        if all(isinstance(pair, list) and len(pair) == 2 for pair in value):
            return ", ".join(f"{setting(loss)} at {_length(share)}" for share, loss in value)
        return ", ".join(_value("", item) for item in value[:12]) + (", …" if len(value) > 12 else "")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and abs(value) >= 10_000:
        return count(value)
    if isinstance(value, str):
        return knob(value).replace("_", " ")
    if key == "at":
        return f"{value:.0%} of the probe"
    if key in _LENGTHS and 0 < value <= 1:
        return "the full run" if value == 1 else f"{length(value)} of the full run"
    return number(value)


def _length(share: Setting) -> str:
    return length(share) if isinstance(share, (int, float)) else setting(share)


def _safe(source: Source) -> Source:
    """The source with text to show, and without an address other than http and https."""
    url = source.url
    web = url.startswith(("https://", "http://")) and not any(c.isspace() or ord(c) < 33 for c in url)
    return Source(id=source.id, text=source.text or source.id or url or "source", url=url if web else "")
