"""Findings as the page shows them: ordered by what matters, measured values in words, with their figures."""

from typing import Any

from advisor.report.figures import Figure
from advisor.report.formatting import KNOBS, SEVERITY, count, knob, length, number, setting, slug
from advisor.report.glossary import terms_in
from advisor.report.lenient import finite, mapping, mappings, sequence, text

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
    "length": "length of run",
    "long": "longer run",
    "lost_share": "share of the gain lost to the gap",
    "objective": "result",
    "seconds_per_epoch": "seconds an epoch",
    "short": "shorter run",
    "spreads": "spread over the values tried",
    "sqrt": "by the square root",
    "std": "standard deviation",
    "worst": "largest rise",
}


def findings(report: dict[str, Any], drawn: list[Figure]) -> list[dict[str, Any]]:
    """Every finding with the figures that exist, an anchor of its own, and its values as rows of words."""
    by_id = {name: figure for figure in reversed(drawn) if figure.svg for name in (*figure.shows, figure.id)}
    taken: set[str] = set()
    result = []
    for item in mappings(report.get("findings")):
        base = anchor = f"finding-{slug(item.get('code'))}"
        again = 2
        while anchor in taken:
            anchor, again = f"{base}-{again}", again + 1
        taken.add(anchor)
        evidence = mapping(item.get("evidence"))
        named = dict.fromkeys(str(name) for name in sequence(evidence.get("figures")))
        said = [text(evidence.get("text")), *(text(item.get(key)) for key in ("title", "advice", "doubt"))]
        result.append(
            {
                **{key: item.get(key) for key in ("title", "advice", "doubt", "family")},
                "code": text(item.get("code"), "–"),
                "verdict": text(item.get("verdict")),
                "confidence": text(item.get("confidence"), "low"),
                "severity": text(item.get("severity"), "info"),
                "anchor": anchor,
                "evidence": said[0],
                "values": measured(mapping(evidence.get("values"))),
                "figures": list(dict.fromkeys(by_id[name] for name in named if name in by_id)),
                "sources": [_source(source) for source in mappings(item.get("sources"))],
                "terms": terms_in(*said),
            }
        )
    return result


def by_impact(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Faults first, then what we are surest of, then in the order of the settings table."""
    return sorted(
        found,
        key=lambda f: (
            SEVERITY.get(f["severity"], 3),
            _CONFIDENCE.get(f["confidence"], 3),
            _FAMILIES.index(f["code"][:2]) if f["code"][:2] in _FAMILIES else len(_FAMILIES),
        ),
    )


def placed(ordered: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Puts each figure beside the first finding that it is evidence for; tall and further ones stay apart."""
    taken: set[str] = set()
    result = []
    for item in ordered:
        free = [figure for figure in item["figures"] if figure.anchor not in taken and figure.id not in _APART]
        taken |= {figure.anchor for figure in free[:1]}
        beside = [words for figure in free[:1] for words in (figure.title, figure.note, figure.description)]
        named = [*item["terms"], *terms_in(*beside)]
        result.append({**item, "inline": free[:1], "terms": list({term["anchor"]: term for term in named}.values())})
    return result


def measured(values: dict[str, Any]) -> list[tuple[str, str]]:
    """Names and numbers of a finding's measured values; what was not measured is left out."""
    rows = [(_name(key), _value(key, value)) for key, value in values.items() if key not in _HIDDEN]
    return [(name, words) for name, words in rows if words]


def _name(key: str) -> str:
    if key.isdigit():
        return f"batch size {key}"
    return _NAMES.get(key, key.replace("_", " "))


def _value(key: str, value: Any) -> str:
    if value is None or value == "" or value == [] or value == {}:
        return ""
    if isinstance(value, dict):
        inside = measured(mapping(value))
        return ", ".join(f"{name} {words}" for name, words in inside)
    pairs = sequence(value)
    if pairs and all(len(sequence(pair)) == 2 for pair in pairs):
        return ", ".join(f"{number(loss)} at {length(share)}" for share, loss in pairs)
    if isinstance(value, (list, tuple)):
        return ", ".join(_value("", item) for item in pairs[:12]) + (", …" if len(pairs) > 12 else "")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and abs(value) >= 10_000:
        return count(value)
    if isinstance(value, str):
        return knob(value).replace("_", " ")
    share = finite(value)
    if share is not None and key == "at":
        return f"{share:.0%} of the probe"
    if share is not None and key in _LENGTHS and 0 < share <= 1:
        return "the full run" if share == 1 else f"{length(share)} of the full run"
    return setting(value)


def _source(source: dict[str, Any]) -> dict[str, str]:
    url = text(source.get("url"))
    safe = url.startswith(("https://", "http://")) and not any(c.isspace() or ord(c) < 33 for c in url)
    return {
        "text": text(source.get("text"), text(source.get("id"), url or "source")),
        "url": url if safe else "",
    }
