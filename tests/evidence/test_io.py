"""Evidence written as JSON and read again is the same."""

import json
import math

import pytest

from advisor.evidence.evidence import Evidence
from advisor.evidence.io import from_json, to_json
from advisor.fits import RangeBracket
from advisor.fits.types import FitFailed, Point


@pytest.mark.parametrize("name", ["healthy_mlp", "unstable", "not_finite", "easy_metric", "overfitting"])
def test_round_trip(name, recording):
    evidence = recording(name)
    text = json.dumps(to_json(evidence), allow_nan=False)
    again = from_json(json.loads(text))
    assert repr(again) == repr(evidence)
    assert json.dumps(to_json(again)) == text


def test_kinds_and_infinities_survive(recording):
    evidence = recording("healthy_mlp")
    point = Point(0.1, (math.inf, math.nan, -math.inf))
    response = evidence.responses[0]
    changed = evidence.with_(
        responses=(type(response)("lr", "log", 0.1, "x", (point,), math.nan, FitFailed("why"), "unmeasured"),),
        forecast=(1.0, 0.5, math.inf),
    )
    again = from_json(json.loads(json.dumps(to_json(changed), allow_nan=False)))
    assert isinstance(again.bracket, RangeBracket)
    assert again.responses[0].best == FitFailed("why")
    assert math.isinf(again.responses[0].points[0].losses[0]) and math.isnan(again.responses[0].points[0].losses[1])
    assert again.forecast == (1.0, 0.5, math.inf)


def test_missing_fields_take_their_defaults_and_unknown_ones_are_passed_over(recording):
    data = to_json(recording("early"))
    del data["evidence"]["keep"]
    data["evidence"]["from_the_future"] = 1
    assert from_json(data).keep is False


def test_a_missing_field_without_default_or_another_version_is_refused(recording):
    data = to_json(recording("early"))
    with pytest.raises(ValueError, match="version"):
        from_json({**data, "version": 99})
    del data["evidence"]["choice"]
    with pytest.raises(ValueError, match="choice"):
        from_json(data)


def test_reading_gives_frozen_evidence(recording):
    assert isinstance(recording("early"), Evidence)
    with pytest.raises(AttributeError):
        recording("early").length = 2.0
