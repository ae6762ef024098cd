"""The loss of a longer run, where the rate was logged."""

import math
from dataclasses import replace

import numpy as np
import pytest

from advisor.app.read.result import forecast_text
from advisor.fits import FitFailed, Forecast
from advisor.fits.scheduled import SHAPE, Law, rates_of
from advisor.logs.evidence import evidence_of
from advisor.logs.forecast import LONGER, forecast
from advisor.logs.run import Column, Run

STEP = np.arange(100.0, 20_001.0, 100.0)
RATES = {
    "cosine": 0.001 * np.minimum(STEP / 1000, 1.0) * (0.5 + 0.5 * np.cos(math.pi * STEP / STEP[-1])),
    "constant": np.full(STEP.size, 0.001),
    "to zero at the end": 0.001 * np.minimum(1.0, (STEP[-1] - STEP) / 4000),
}


def law() -> Law:
    return Law(2.5, 0.4, 0.5 * 0.4, 0.5, SHAPE, 0.0)


def run(rate, loss, axis="step", epochs=math.nan, scale=1.0):
    def column(name, values):
        return Column(name, tuple((STEP * scale).tolist()), tuple(values.tolist()))

    columns = (column("lr", rate), column("train_loss", loss))
    return evidence_of(Run("run", "file", "csv", axis, columns, epochs=epochs))


def made_by_the_law(rate, **known):
    rates = rates_of(STEP.tolist(), rate.tolist())
    noise = 0.003 * np.random.default_rng(0).normal(size=STEP.size)
    return run(rate, law().at(rates, STEP) + noise, **known), rates


@pytest.mark.parametrize("name", RATES)
def test_a_long_run_is_predicted_under_its_schedule_stretched(name):
    evidence, rates = made_by_the_law(RATES[name])
    found = forecast(evidence)
    longer = rates.stretched(LONGER)
    truth = float(law().at(longer, longer.step[-1:])[0])
    assert isinstance(found, Forecast), found
    assert found.at == LONGER
    assert found.estimate.value == pytest.approx(truth, rel=5e-3)
    assert found.estimate.low < truth < found.estimate.high
    assert ("schedule stretched" in forecast_text(evidence)) == (name != "constant")


@pytest.mark.parametrize("known", [{"axis": "epoch"}, {"scale": 0.05}, {"epochs": 30.0}])
def test_without_steps_or_with_few_or_many_passes_a_falling_rate_has_no_forecast(known):
    evidence, _ = made_by_the_law(RATES["cosine"], **known)
    found = forecast(evidence)
    assert isinstance(found, FitFailed)
    assert found.reason.startswith("decaying rate")


def test_a_constant_rate_falls_back_on_the_families():
    evidence, _ = made_by_the_law(RATES["constant"], epochs=30.0)
    found = forecast(evidence)
    assert isinstance(found, Forecast)
    whole = forecast(replace(evidence, run=replace(evidence.run, epochs=1.0)))
    assert isinstance(whole, Forecast)
    assert whole.estimate != found.estimate


@pytest.mark.parametrize(("above", "answered"), [(0.01, True), (1.0, False)])
def test_held_out_loss_above_the_training_loss_is_memorising(above, answered):
    _, rates = made_by_the_law(RATES["cosine"])
    loss = law().at(rates, STEP)
    places = tuple(STEP.tolist())
    columns = (
        Column("lr", places, tuple(RATES["cosine"].tolist())),
        Column("train_loss", places, tuple(loss.tolist())),
        Column("val_loss", places, tuple((loss + above * STEP / STEP[-1] * 0.3 + 0.001).tolist())),
    )
    found = forecast(evidence_of(Run("run", "file", "csv", "step", columns)))
    assert isinstance(found, Forecast) == answered, found


def test_a_loss_that_rises_again_has_none():
    loss = 2.5 + np.exp(-STEP / 2000) + 0.8 * np.maximum(0.0, STEP / STEP[-1] - 0.4)
    assert isinstance(forecast(run(RATES["cosine"], loss)), FitFailed)
