"""What the page shows, in order and in words: from report.json's dict to the template's variables."""

import math
from typing import Any

import yaml

from advisor.report.figures import figures
from advisor.report.figures.both import sentence_of
from advisor.report.findings import by_impact, findings, placed
from advisor.report.formatting import flat, knob, listing, number, objective, one_line, setting, signed
from advisor.report.glossary import anchor, glossary, terms_in
from advisor.report.lenient import finite, mapping, mappings, sequence, text

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
_DRAWN_PROFILE = ("batch",)
_HERO = ("validation loss", "full run", "probe", "interval", "noise", "seed")


def view(report: dict[str, Any]) -> dict[str, Any]:
    """The template's variables."""
    status = text(report.get("status"), "interrupted")
    drawn = figures(report)
    found = findings(report, drawn)
    knobs = [_knob(item) for item in mappings(report.get("knobs"))]
    recommended = mapping(report.get("recommended")) if status != "untrainable" else {}
    rounds = [_round(item) for item in mappings(report.get("rounds"))]
    arms = mappings(report.get("arms"))
    detected = placed(by_impact([item for item in found if item["verdict"] == "detected"]))
    if status == "untrainable":
        detected = [item if item["severity"] == "fault" else {**item, "advice": ""} for item in detected]
    beside = {figure.anchor for item in detected for figure in item["inline"]}
    unanswered = [item for item in found if item["verdict"] == "not_identifiable"]
    captions = {figure.anchor: terms_in(figure.title, figure.note, figure.description) for figure in drawn}
    changes = _changes(report, {item["code"]: item["anchor"] for item in reversed(found)})
    used = [term["anchor"] for item in (*found, *rounds) for term in item["terms"]]
    used += [term["anchor"] for listed in captions.values() for term in listed]
    used += [item["term"] for item in (*changes, *knobs)] + [anchor(name) for name in _HERO]
    return {
        "status": status,
        "status_words": _STATUS.get(status, status),
        "verdict": text(report.get("verdict"), "No verdict was reached."),
        "name": text(report.get("name"), "unnamed"),
        "run": text(report.get("run")),
        "objective": mapping(report.get("objective")),
        "assumed": report.get("current_given") is False,
        "goal": objective(report),
        "comparison": _comparison(report),
        "both": sentence_of(mapping(mapping(report.get("series")).get("both"))),
        "changes": changes,
        "kept": [item for item in knobs if not item["changed"]],
        "knobs": knobs,
        "sureness": _sureness(knobs),
        "open": [item for item in knobs if item["raw_verdict"] not in ("recommended", "insensitive")],
        "yaml": _yaml(recommended),
        "schedule": mapping(recommended.get("schedule")),
        "recommended": recommended,
        "prediction": mapping(report.get("prediction")),
        "cost": mapping(report.get("cost")),
        "detected": detected,
        "passed": [item for item in found if item["verdict"] == "not_detected"],
        "cannot_tell": [item for item in unanswered if item["values"] or item["figures"]],
        "not_asked": [item for item in unanswered if not (item["values"] or item["figures"])],
        "not_applicable": [item for item in found if item["verdict"] == "not_applicable"],
        "notes": [
            {"topic": text(item.get("topic")), "text": text(item.get("text"))} for item in mappings(report.get("notes"))
        ],
        "captions": captions,
        "glossary": glossary(used),
        "figures": [figure for figure in drawn if figure.svg and figure.anchor not in beside],
        "undrawn": [figure for figure in drawn if not figure.svg],
        "rounds": rounds,
        "arms": arms[:_MOST_ARMS],
        "arms_left_out": max(0, len(arms) - _MOST_ARMS),
        "profile": [
            (name, flat(value))
            for name, value in mapping(report.get("profile")).items()
            if value and name not in _DRAWN_PROFILE
        ],
        "provenance": flat(report.get("provenance")),
        "resume": text(mapping(report.get("provenance")).get("resume")),
        "stopped_by": text(mapping(report.get("provenance")).get("stopped_by")),
    }


def _round(item: dict[str, Any]) -> dict[str, Any]:
    said = [item.get(key) for key in ("goal", "scientific", "nuisance", "fixed", "outcome")]
    return {**item, "probes": len(sequence(item.get("arms"))), "terms": terms_in(*said)}


def _comparison(report: dict[str, Any]) -> dict[str, Any]:
    """The result of the present settings and of the advised ones in one short run; empty if not measured."""
    data = mapping(mapping(report.get("series")).get("comparison"))
    advised = finite(mapping(data.get("advised")).get("value"))
    if advised is None:
        return {}
    present = finite(mapping(data.get("present")).get("value"))
    shown = "diverged" if present is None else number(present)
    told = {"present": shown, "advised": number(advised), "length": finite(data.get("length"))}
    return told | {"other": _other(report, mapping(data.get("present")), mapping(data.get("advised")))}


def _other(report: dict[str, Any], present: dict[str, Any], advised: dict[str, Any]) -> str:
    """The same two runs by what they were not judged by: the metric, or the validation loss."""
    by_loss = objective(report) == "validation loss"
    both = mapping(mapping(report.get("series")).get("both"))
    name = one_line(text(both.get("metric"), "metric"), 40) if by_loss else "validation loss"
    old, new = (finite(side.get("metric_end" if by_loss else "val_loss_end")) for side in (present, advised))
    return "" if old is None or new is None else f"{name} {number(old)} → {number(new)}"


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
            "term": anchor(knob(change.get("setting"))),
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
    sides = [] if any(map(str.isdigit, text(stake.get("text")))) else sides
    sides += [("at your current setting", stake.get("current"))] if changed and sides else []
    bounds = [finite(bound) for bound in sequence(item.get("interval"))]
    return {
        "name": name,
        "words": knob(name),
        "term": anchor(knob(name)),
        "recommended": setting(item.get("recommended")),
        "current": setting(item.get("current")),
        "changed": changed,
        "interval": [number(round(b) if name == "batch_size" else b) for b in bounds if b is not None]
        if len(bounds) == 2 and None not in bounds
        else [],
        "strip": _strip(item, bounds),
        "confidence": text(item.get("confidence"), "low"),
        "raw_verdict": verdict,
        "verdict": "chosen, not measured"
        if verdict == "recommended" and text(stake.get("text")) == "not measured"
        else _VERDICTS.get(verdict, verdict),
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
