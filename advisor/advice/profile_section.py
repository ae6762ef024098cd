"""The section ``profile`` of report.json: data, model, device and batch sizes."""

from dataclasses import asdict
from typing import Any

from advisor.evidence.batch_size import knee, most_that_fit, noise_scale
from advisor.evidence.evidence import Evidence
from advisor.records.profile import BatchMeasurements, DataProfile, ModelProfile

_MEASURED = (
    "complexity",
    "effective_rank",
    "features",
    "complexity_sample",
    "linear_probe_error",
    "nearest_neighbour_error",
    "chance_error",
    "error_kind",
)


def profile_section(evidence: Evidence) -> dict[str, Any]:
    """What was measured, in the form of report.json; what was not is left out."""
    profile = evidence.profile
    return {
        **({} if profile.data is None else {"data": _data(profile.data)}),
        **({} if profile.model is None else {"model": _model(profile.model)}),
        **({} if profile.device is None else {"device": asdict(profile.device)}),
        "inferred": list(evidence.facts.inferred),
        **({} if profile.batch is None else {"batch": _batch(evidence, profile.batch)}),
    }


def _data(data: DataProfile) -> dict[str, Any]:
    return {name: value for name, value in asdict(data).items() if value is not None or name not in _MEASURED}


def _model(model: ModelProfile) -> dict[str, Any]:
    plain = asdict(model)
    return {"class": plain.pop("class_name"), **plain}


def _batch(evidence: Evidence, batch: BatchMeasurements) -> dict[str, Any]:
    scale = noise_scale(evidence)
    return {
        **asdict(batch),
        "knee": knee(evidence),
        "largest": most_that_fit(evidence).largest,
        "noise_scale": None if scale is None else dict(zip(("value", "low", "high"), scale, strict=True)),
    }
