"""The profile of a report: data, model, device and batch sizes."""

from dataclasses import asdict

from advisor.evidence.batch_size import knee, most_that_fit, noise_scale
from advisor.evidence.evidence import Evidence
from advisor.records.profile import BatchMeasurements, DataProfile, ModelProfile
from advisor.schema.base import Facts, checked
from advisor.schema.profile import Profile

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


def profile_section(evidence: Evidence) -> Profile:
    """The measured profile; unmeasured parts are left out."""
    profile = evidence.profile
    return checked(
        Profile,
        {
            "data": {} if profile.data is None else _data(profile.data),
            "model": {} if profile.model is None else _model(profile.model),
            "device": {} if profile.device is None else asdict(profile.device),
            "inferred": evidence.facts.inferred,
            "batch": None if profile.batch is None else _batch(evidence, profile.batch),
        },
    )


def _data(data: DataProfile) -> Facts:
    return {name: value for name, value in asdict(data).items() if value is not None or name not in _MEASURED}


def _model(model: ModelProfile) -> Facts:
    plain = asdict(model)
    return {"class": plain.pop("class_name"), **plain}


def _batch(evidence: Evidence, batch: BatchMeasurements) -> Facts:
    scale = noise_scale(evidence)
    return {
        **asdict(batch),
        "knee": knee(evidence),
        "largest": most_that_fit(evidence).largest,
        "noise_scale": None if scale is None else dict(zip(("value", "low", "high"), scale, strict=True)),
    }
