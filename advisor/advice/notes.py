"""The section ``notes`` of report.json: explanations of the advice without a judgement."""

import math

from advisor.evidence.batch_size import most_that_fit
from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import was_run
from advisor.evidence.round_name import RoundName
from advisor.fits import RangeBracket
from advisor.fits.types import FitFailed
from advisor.rules.references import SOURCES
from advisor.schema.finding import Source
from advisor.schema.report import Note
from advisor.utils.numbers import rate


def notes(evidence: Evidence) -> list[Note]:
    """One entry for each topic that applies: ``topic``, ``text`` and its ``sources``."""
    told = (
        ("objective", _objective(evidence), ("S-R1",)),
        ("learning rate", _rate(evidence), ("S-LR1", "G-1")),
        ("schedule", _schedule(evidence), ("S-LR4", "P-DEC")),
        ("batch size", _batch(evidence), ("S-BS1", "P-BS1")),
        ("momentum", _momentum(evidence), ("S-M2", "G-3")),
        ("weight decay", _grid(evidence), ("S-WD1", "S-WD2")),
        ("devices", _devices(evidence), ("S-BS2", "B-6")),
    )
    return [
        Note(
            topic=topic,
            text=text,
            sources=tuple(map(_source, sources)),
        )
        for topic, text, sources in told
        if text
    ]


def _source(id_: str) -> Source:
    cited = SOURCES[id_]
    return Source(id=cited.id, text=cited.text, url=cited.url)


def _objective(evidence: Evidence) -> str:
    metric = evidence.objective.instead_of
    if not metric:
        return ""
    return f"By {metric} runs that have learned nothing do best, so runs are compared by validation loss."


def _rate(evidence: Evidence) -> str:
    if not was_run(evidence, RoundName.LADDER):
        return ""
    bracket, response = evidence.bracket, evidence.response("lr")
    if not isinstance(bracket, RangeBracket) or response is None or isinstance(response.best, FitFailed):
        return (
            "Sources disagree: the end of the range test (Smith) or a tenth of it (Gugger). Short runs did not decide."
        )
    top, best = bracket.best.value, response.best.value
    nearer = "Smith's" if best > top / math.sqrt(10) else "Gugger's"
    return (
        f"Sources disagree: the minimum of the range test (Smith, {rate(top)}) or a tenth of it (Gugger, "
        f"{rate(top / 10)}). Short runs found {rate(best)}, nearer to {nearer}."
    )


def _schedule(evidence: Evidence) -> str:
    if not was_run(evidence, RoundName.LADDER):
        return ""
    return (
        "Sources disagree: a long rise (Smith) or a short warm-up and cosine (Tuning Playbook). The two were not "
        f"compared; probes used {evidence.choice.schedule}."
    )


def _batch(evidence: Evidence) -> str:
    if not was_run(evidence, RoundName.BATCH):
        return ""
    old, new = evidence.current.batch_size, evidence.choice.batch_size
    found = f"{new} did better than {old}" if new != old else f"{old} was not beaten"
    return (
        "Sources disagree: the largest batch that fits (Smith) or only a matter of speed (Tuning Playbook). At equal "
        f"examples {found}."
    )


def _momentum(evidence: Evidence) -> str:
    if not was_run(evidence, RoundName.MOMENTUM) or evidence.current_settings.momentum is None:
        return ""
    found = "the cycle won" if evidence.choice.cycle_momentum else "the cycle did not win beyond the noise"
    return f"Sources disagree: cycled (Smith) or constant (Gugger found little gain). Here {found}."


def _grid(evidence: Evidence) -> str:
    """The weight decays that were compared, and why."""
    response = evidence.response("weight_decay")
    model, data = evidence.profile.model, evidence.profile.data
    if response is None or not response.points or model is None or data is None:
        return ""
    parts = [f"{data.examples} examples"]
    if data.effective_rank is not None:
        parts.append(f"effective rank {data.effective_rank:.3g} of {data.features} features")
    if data.linear_probe_error is not None:
        parts.append(
            f"a linear model leaves {data.linear_probe_error:.1%} and nearest neighbours "
            f"{data.nearest_neighbour_error:.1%} ({data.error_kind})"
        )
    parts.append(f"a model of {model.depth} weight layers and {model.parameters} weights")
    tried = ", ".join(f"{point.value:g}" for point in response.points)
    return f"The grid {tried} follows the size of data and model: {', '.join(parts)}."


def _devices(evidence: Evidence) -> str:
    """Share of the total batch on each device."""
    total, largest, nproc = evidence.choice.batch_size, most_that_fit(evidence).largest, evidence.facts.nproc
    if nproc > 1:
        room = f" {largest} fit on all of them." if largest else ""
        return (
            f"{nproc} processes trained each probe: the batch of {total} is the total, {total / nproc:g} on each.{room}"
        )
    count = evidence.profile.device.count if evidence.profile.device is not None else 1
    if count < 2:
        return ""
    room = f" {largest} fit on the tested device, {count * largest} in all." if largest else ""
    return f"{count} devices: the batch of {total} is the total, {max(1, total // count)} on each.{room}"
