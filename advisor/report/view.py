"""From a report to the variables of its template, in page order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec
import yaml

from advisor.report.figures import Figure, figures
from advisor.report.figures.both import sentence_of
from advisor.report.findings import ShownFinding, by_impact, placed, shown_findings
from advisor.report.formatting import flat, objective, one_line
from advisor.report.glossary import Term, anchor, glossary, terms_in
from advisor.report.settings_table import ShownChange, ShownKnob, shown_change, shown_knob, sureness
from advisor.schema.base import Facts, plain
from advisor.schema.report import Note, Report
from advisor.schema.rounds import Arm, Round
from advisor.schema.series import SideBySide
from advisor.schema.settings import Settings
from advisor.utils.numbers import number

_STATUS = {"advice": "Advice", "untrainable": "Cannot be trained as it is", "interrupted": "Interrupted"}
_MOST_ARMS = 400
_HERO = ("validation loss", "full run", "probe", "interval", "noise", "seed")


@dataclass(frozen=True, slots=True)
class ShownComparison:
    """Results of current and recommended settings in one run; ``other`` is the same pair by the other measure."""

    present: str
    advised: str
    length: float
    other: str


@dataclass(frozen=True, slots=True)
class ShownRound:
    """A round with the glossary terms that it uses."""

    round: Round
    terms: Sequence[Term]


@dataclass(frozen=True, slots=True)
class View:
    """The variables of the template.

    Attributes:
        report: The report itself.
        status_words: Its status as text.
        goal: Name of the objective.
        comparison: Current beside recommended settings.
        both: The learning rate by both objectives, as text; empty if there is only one.
        changes: Rows of the table of changes.
        knobs: Tuned settings.
        sureness: Sentences on the confidence of the knobs.
        recommended: The recommended configuration, where the task can be trained.
        yaml: The same as in config.yaml.
        detected: Detected findings, by impact.
        passed: Findings that were not detected.
        cannot_tell: Inconclusive findings with measurements.
        not_asked: Inconclusive findings without measurements.
        not_applicable: Findings that do not apply.
        notes: Explanations of the advice.
        captions: Glossary terms of each figure, by its anchor.
        glossary: Glossary terms that occur.
        figures: Figures that belong to no finding.
        undrawn: Figures without a drawing.
        rounds: Rounds of probes.
        arms: Probes.
        arms_left_out: Probes that are only in report.json.
        profile: Facts as rows, by subject.
        provenance: Facts as rows.
    """

    report: Report
    status_words: str
    goal: str
    comparison: ShownComparison | None
    both: str
    changes: Sequence[ShownChange]
    knobs: Sequence[ShownKnob]
    sureness: Sequence[str]
    recommended: Settings | None
    yaml: str
    detected: Sequence[ShownFinding]
    passed: Sequence[ShownFinding]
    cannot_tell: Sequence[ShownFinding]
    not_asked: Sequence[ShownFinding]
    not_applicable: Sequence[ShownFinding]
    notes: Sequence[Note]
    captions: Mapping[str, Sequence[Term]]
    glossary: Sequence[Term]
    figures: Sequence[Figure]
    undrawn: Sequence[Figure]
    rounds: Sequence[ShownRound]
    arms: Sequence[Arm]
    arms_left_out: int
    profile: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    provenance: Sequence[tuple[str, str]]


def view(report: Report) -> View:
    """Collects everything that the page shows."""
    untrainable = report.status == "untrainable"
    drawn = figures(report)
    found = shown_findings(report.findings, drawn)
    by_verdict = {
        verdict: [item for item in found if item.finding.verdict == verdict]
        for verdict in ("detected", "not_detected", "not_identifiable", "not_applicable")
    }
    detected = placed(by_impact(by_verdict["detected"]))
    if untrainable:
        detected = [item if item.severity == "fault" else _without_advice(item) for item in detected]
    beside = {figure.anchor for item in detected for figure in item.inline}
    unanswered = by_verdict["not_identifiable"]
    captions = {figure.anchor: terms_in(figure.title, figure.note, figure.description) for figure in drawn}
    anchors = {item.code: item.anchor for item in reversed(found)}
    changes = [shown_change(change, anchors) for change in report.changes]
    knobs = [shown_knob(item) for item in report.knobs]
    rounds = [ShownRound(item, _terms_of(item)) for item in report.rounds]
    used = [term.anchor for listed in captions.values() for term in listed]
    used += [term.anchor for item in found for term in item.terms]
    used += [term.anchor for shown in rounds for term in shown.terms]
    used += [row.term for row in changes] + [row.term for row in knobs] + [anchor(name) for name in _HERO]
    recommended = None if untrainable else report.recommended
    series, profile = report.series, report.profile
    facts: Facts = {
        "data": profile.data,
        "model": profile.model,
        "device": profile.device,
        "inferred": [*profile.inferred],
    }
    return View(
        report=report,
        status_words=_STATUS[report.status],
        goal=objective(report.objective),
        comparison=_comparison(report, series.comparison) if series.comparison else None,
        both=sentence_of(series.both) if series.both else "",
        changes=changes,
        knobs=knobs,
        sureness=sureness(knobs),
        recommended=recommended,
        yaml=yaml.safe_dump(plain(recommended), sort_keys=False, width=72) if recommended else "",
        detected=detected,
        passed=by_verdict["not_detected"],
        cannot_tell=[item for item in unanswered if item.values or item.figures],
        not_asked=[item for item in unanswered if not (item.values or item.figures)],
        not_applicable=by_verdict["not_applicable"],
        notes=report.notes,
        captions=captions,
        glossary=glossary(used),
        figures=[figure for figure in drawn if figure.svg and figure.anchor not in beside],
        undrawn=[figure for figure in drawn if not figure.svg],
        rounds=rounds,
        arms=report.arms[:_MOST_ARMS],
        arms_left_out=max(0, len(report.arms) - _MOST_ARMS),
        profile=[(name, flat(value)) for name, value in facts.items() if value],
        provenance=flat(plain(report.provenance)),
    )


def _without_advice(item: ShownFinding) -> ShownFinding:
    """Findings beside a fault are not worth acting on before the fault is repaired."""
    return replace(item, finding=msgspec.structs.replace(item.finding, advice=""))


def _terms_of(item: Round) -> list[Term]:
    return terms_in(item.goal, item.scientific, item.nuisance, item.fixed, item.outcome)


def _comparison(report: Report, data: SideBySide) -> ShownComparison | None:
    """None if the recommended settings have no result."""
    if data.advised.value is None:
        return None
    present = "diverged" if data.present.value is None else number(data.present.value)
    return ShownComparison(present, number(data.advised.value), data.length, _other(report, data))


def _other(report: Report, data: SideBySide) -> str:
    """The same two runs by the other measure: the metric, or the validation loss."""
    if objective(report.objective) == "validation loss":
        both = report.series.both
        name = one_line(both.metric if both and both.metric else "metric", 40)
        old, new = data.present.metric_end, data.advised.metric_end
    else:
        name, old, new = "validation loss", data.present.val_loss_end, data.advised.val_loss_end
    return "" if old is None or new is None else f"{name} {number(old)} → {number(new)}"
