"""What the page shows, in order and in words: from report.json's dict to the template's variables."""

import math
from typing import Any

import yaml

from advisor.report.figures import Figure, figures
from advisor.report.parts import finite, mapping, mappings, sequence, text
from advisor.report.words import count, knob, listing, number, setting, signed, slug

_SEVERITY = {"fault": 0, "advice": 1, "info": 2}
_CONFIDENCE = {"high": 0, "medium": 1, "low": 2}
_STATUS = {"advice": "Advice", "untrainable": "Cannot be trained as it is", "interrupted": "Interrupted"}
_VERDICTS = {
    "recommended": "measured",
    "insensitive": "does not matter here",
    "not_identifiable": "cannot tell at this budget",
    "kept": "kept as it was",
}
_THE = {
    "lr": "the learning rate",
    "batch_size": "the batch size",
    "epochs": "the number of epochs",
    "schedule": "the schedule",
}
_SURENESS = (
    ("We are sure of {}.", "recommended", "high"),
    ("We are fairly sure of {}.", "recommended", "medium"),
    ("We have a guess, not more, for {}.", "recommended", "low"),
    ("Within what was tried it does not matter here: {}.", "insensitive", ""),
    ("We cannot tell at this budget: {}.", "not_identifiable", ""),
    ("Left as it was: {}.", "kept", ""),
)
_MOST_ARMS = 400


def view(report: dict[str, Any]) -> dict[str, Any]:
    """The template's variables."""
    status = text(report.get("status"), "interrupted")
    drawn = figures(report)
    found = _findings(report, drawn)
    knobs = [_knob(item) for item in mappings(report.get("knobs"))]
    recommended = mapping(report.get("recommended")) if status != "untrainable" else {}
    rounds, arms = mappings(report.get("rounds")), mappings(report.get("arms"))
    return {
        "status": status,
        "status_words": _STATUS.get(status, status),
        "verdict": text(report.get("verdict"), "No verdict was reached."),
        "name": text(report.get("name"), "unnamed"),
        "run": text(report.get("run")),
        "objective": mapping(report.get("objective")),
        "assumed": report.get("current_given") is False,
        "changes": _changes(report, {item["code"]: item["anchor"] for item in reversed(found)}),
        "kept": [item for item in knobs if not item["changed"]],
        "knobs": knobs,
        "sureness": _sureness(knobs),
        "open": [item for item in knobs if item["raw_verdict"] not in ("recommended", "insensitive")],
        "yaml": _yaml(recommended),
        "schedule": mapping(recommended.get("schedule")),
        "recommended": recommended,
        "prediction": mapping(report.get("prediction")),
        "cost": mapping(report.get("cost")),
        "detected": _sorted([item for item in found if item["verdict"] == "detected"]),
        "passed": [item for item in found if item["verdict"] == "not_detected"],
        "cannot_tell": [item for item in found if item["verdict"] == "not_identifiable"],
        "not_applicable": [item for item in found if item["verdict"] == "not_applicable"],
        "figures": [figure for figure in drawn if figure.svg],
        "undrawn": [figure for figure in drawn if not figure.svg],
        "rounds": [{**item, "probes": len(sequence(item.get("arms")))} for item in rounds],
        "arms": arms[:_MOST_ARMS],
        "arms_left_out": max(0, len(arms) - _MOST_ARMS),
        "profile": [(name, _flat(value)) for name, value in mapping(report.get("profile")).items() if value],
        "provenance": _flat(report.get("provenance")),
    }


def _yaml(config: dict[str, Any]) -> str:
    if not config:
        return ""
    try:
        return str(yaml.safe_dump(config, sort_keys=False, width=72))
    except yaml.YAMLError:
        return ""


def _changes(report: dict[str, Any], anchors: dict[str, str]) -> list[dict[str, Any]]:
    listed = mappings(report.get("changes"))
    named = {str(change.get("setting")) for change in listed}
    for item in mappings(report.get("knobs")):
        if str(item.get("name")) not in named and item.get("recommended") != item.get("current"):
            worth = mapping(item.get("at_stake")).get("text")
            row = {"setting": item.get("name"), "from": item.get("current"), "to": item.get("recommended")}
            listed.append({**row, "worth": worth, "confidence": item.get("confidence")})
    return [
        {
            "setting": change.get("setting"),
            "words": knob(change.get("setting")),
            "from": setting(change.get("from")),
            "to": setting(change.get("to")),
            "worth": text(change.get("worth"), "–"),
            "confidence": text(change.get("confidence"), "low"),
            "finding": change.get("finding") if str(change.get("finding")) in anchors else None,
            "anchor": anchors.get(str(change.get("finding")), ""),
        }
        for change in listed
    ]


def _knob(item: dict[str, Any]) -> dict[str, Any]:
    stake = mapping(item.get("at_stake"))
    verdict = text(item.get("verdict"), "kept")
    name = item.get("name")
    half, double = ("half", "double") if name != "schedule" else ("", "")
    sides = [(f"at {half}", stake.get("half")), (f"at {double}", stake.get("double"))] if half else []
    changed = item.get("recommended") != item.get("current")
    sides += [("at your current setting", stake.get("current"))] if changed else []
    bounds = [finite(bound) for bound in sequence(item.get("interval"))]
    return {
        "name": name,
        "words": knob(name),
        "recommended": setting(item.get("recommended")),
        "current": setting(item.get("current")),
        "changed": changed,
        "interval": [number(bound) for bound in bounds] if len(bounds) == 2 and None not in bounds else [],
        "strip": _strip(item, bounds),
        "confidence": text(item.get("confidence"), "low"),
        "raw_verdict": verdict,
        "verdict": _VERDICTS.get(verdict, verdict),
        "stake": text(stake.get("text")),
        "sides": [f"{where} {signed(value)}" for where, value in sides if finite(value) is not None],
    }


def _strip(item: dict[str, Any], bounds: list[float | None]) -> dict[str, str]:
    """Positions in percent of the interval, the recommendation and the current value; empty if unknown."""
    if len(bounds) != 2 or bounds[0] is None or bounds[1] is None:
        return {}
    points = {"best": finite(item.get("recommended")), "now": finite(item.get("current"))}
    points = {"low": bounds[0], "high": bounds[1], **points}
    known = {name: value for name, value in points.items() if value is not None}
    log = item.get("name") != "momentum" and all(value > 0 for value in known.values())
    scaled = {name: math.log(value) if log else value for name, value in known.items()}
    low, high = min(scaled.values()), max(scaled.values())
    span = high - low
    if span <= 0:
        return {}
    at = {name: 6 + 88 * (value - low) / span for name, value in scaled.items()}
    result = {name: f"{value:.1f}" for name, value in at.items()}
    return {**result, "width": f"{max(1.0, at['high'] - at['low']):.1f}"}


def _sureness(knobs: list[dict[str, Any]]) -> list[str]:
    """Sentences that sort the knobs by what is known of them."""
    result = []
    for form, verdict, confidence in _SURENESS:
        words = [
            _THE.get(str(item["name"]), str(item["words"]))
            for item in knobs
            if item["raw_verdict"] == verdict and confidence in ("", item["confidence"])
        ]
        result += [form.format(listing(words))] if words else []
    return result


def _findings(report: dict[str, Any], drawn: list[Figure]) -> list[dict[str, Any]]:
    by_id = {figure.id: figure for figure in reversed(drawn)}
    taken: set[str] = set()
    result = []
    for item in mappings(report.get("findings")):
        base = anchor = f"finding-{slug(item.get('code'))}"
        again = 2
        while anchor in taken:
            anchor, again = f"{base}-{again}", again + 1
        taken.add(anchor)
        evidence = mapping(item.get("evidence"))
        wanted = [str(name) for name in sequence(evidence.get("figures"))]
        result.append(
            {
                **{key: item.get(key) for key in ("title", "advice", "doubt", "family")},
                "code": text(item.get("code"), "–"),
                "verdict": text(item.get("verdict")),
                "confidence": text(item.get("confidence"), "low"),
                "severity": text(item.get("severity"), "info"),
                "anchor": anchor,
                "evidence": text(evidence.get("text")),
                "values": [(key, setting(value)) for key, value in mapping(evidence.get("values")).items()],
                "figures": [by_id[name] for name in wanted if name in by_id and by_id[name].svg],
                "sources": [_source(source) for source in mappings(item.get("sources"))],
            }
        )
    return result


def _source(source: dict[str, Any]) -> dict[str, str]:
    url = text(source.get("url"))
    safe = url.startswith(("https://", "http://")) and not any(c.isspace() or ord(c) < 33 for c in url)
    return {
        "text": text(source.get("text"), text(source.get("id"), url or "source")),
        "url": url if safe else "",
    }


def _sorted(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(found, key=lambda f: (_SEVERITY.get(f["severity"], 3), _CONFIDENCE.get(f["confidence"], 3)))


def _flat(value: Any, prefix: str = "") -> list[tuple[str, str]]:
    """Nested values as rows of name and words."""
    if isinstance(value, dict):
        return [row for key, item in value.items() for row in _flat(item, f"{prefix} · {key}" if prefix else str(key))]
    if isinstance(value, list) and any(isinstance(item, str) for item in value):
        return [(prefix, str(item)) for item in value] if not prefix else [(prefix, "; ".join(map(str, value)))]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10_000:
        return [(prefix, count(value))]
    return [(prefix, "unknown" if value is None else setting(value))]
