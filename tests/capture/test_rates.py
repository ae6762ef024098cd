"""Recognising torch's schedules from their rates."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.optim import lr_scheduler

from advisor.capture.found import Read
from advisor.capture.rates import fit
from advisor.capture.schedule import _put


def rates_of(make, steps):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    scheduler = make(optimizer)
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


@pytest.mark.parametrize(
    ("make", "wanted"),
    [
        (lambda o: lr_scheduler.StepLR(o, 10, 0.1), {"name": "StepLR", "step_size": 10, "gamma": 0.1}),
        (lambda o: lr_scheduler.MultiStepLR(o, [12, 30], 0.5), {"name": "MultiStepLR", "milestones": [12, 30]}),
        (lambda o: lr_scheduler.ExponentialLR(o, 0.97), {"name": "ExponentialLR", "gamma": 0.97}),
        (lambda o: lr_scheduler.LinearLR(o, 1.0, 0.0, 40), {"name": "LinearLR", "end_factor": 0.0}),
        (lambda o: lr_scheduler.CosineAnnealingLR(o, 40, 0.01), {"name": "CosineAnnealingLR", "eta_min": 0.01}),
        (lambda o: lr_scheduler.PolynomialLR(o, 40, 2.0), {"name": "PolynomialLR", "power": 2.0}),
        (lambda o: lr_scheduler.LinearLR(o, 0.1, 1.0, 8), {"name": "LinearLR", "total_iters": 8, "start_factor": 0.1}),
        (
            lambda o: lr_scheduler.SequentialLR(
                o, [lr_scheduler.LinearLR(o, 0.1, 1.0, 4), lr_scheduler.CosineAnnealingLR(o, 36)], [4]
            ),
            {"name": "OneCycleLR", "pct_start": 0.125, "anneal_strategy": "cos", "div_factor": 10.0},
        ),
        (
            lambda o: lr_scheduler.OneCycleLR(o, 0.3, total_steps=41, cycle_momentum=False),
            {"name": "OneCycleLR", "anneal_strategy": "cos"},
        ),
    ],
    ids=[
        "steps",
        "milestones",
        "exponential",
        "linear",
        "cosine",
        "polynomial",
        "warm-up",
        "warm-up and cosine",
        "one cycle",
    ],
)
def test_schedules_of_torch_are_found_again(make, wanted):
    found = fit(rates_of(make, 40), 40)
    for key, value in wanted.items():
        assert found[key] == (value if isinstance(value, (str, list)) else pytest.approx(value, rel=0.02))


def test_a_constant_rate_is_none_at_all():
    assert fit([0.1] * 5, 5) == {}


@pytest.mark.parametrize("rates", [[0.1, 0.3, 0.05, 0.2, 0.1, 0.4], [0.1, math.nan, 0.1], []])
def test_what_has_no_shape_is_not_given_one(rates):
    assert fit(rates, len(rates)) is None


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 9), st.floats(0.05, 0.6), st.integers(30, 80))
def test_a_staircase_is_rebuilt_from_its_keywords(steps, gamma, total):
    size = total // steps
    rates = [0.5 * gamma ** (i // size) for i in range(total)]
    found = fit(rates, total)
    assert found is not None
    assert found["name"] in ("StepLR", "MultiStepLR", "ExponentialLR")
    name = found.pop("name")
    again = rates_of(lambda o: getattr(lr_scheduler, name)(o, **found), total)
    assert [5 * r for r in again] == pytest.approx(rates, rel=0.02)


def test_a_beginning_is_not_carried_on_to_the_end():
    found = Read(values={"steps": 1000})
    _put(found, [0.1 - 1e-5 * i for i in range(60)], 1000, "step", found.values)
    assert "schedule" not in found.values
    assert "in the 60 of 1000 steps that were seen" in found.notes[0]
