"""Schedules counted in epochs, and compressed to short runs."""

import pytest
import torch

from advisor.config.build_scheduler import build_scheduler
from advisor.config.schedule import in_steps, stretched

EPOCHS, PER_EPOCH = 12, 10
SCHEDULES = [
    {"name": "StepLR", "step_size": 4, "gamma": 0.1},
    {"name": "MultiStepLR", "milestones": [3, 9], "gamma": 0.5},
    {"name": "ExponentialLR", "gamma": 0.9},
    {"name": "LinearLR", "start_factor": 1.0, "end_factor": 0.1, "total_iters": 12},
    {"name": "PolynomialLR", "total_iters": 12},
]


def rates(schedule: dict[str, object], steps: int) -> list[float]:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = build_scheduler(optimizer, schedule, steps)
    assert scheduler is not None
    seen = []
    for _ in range(steps):
        seen.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        scheduler.step()
    return seen


@pytest.mark.parametrize("schedule", SCHEDULES, ids=[str(schedule["name"]) for schedule in SCHEDULES])
def test_per_epoch_and_per_step_agree_at_epochs(schedule: dict[str, object]) -> None:
    by_epoch = rates(schedule, EPOCHS)
    by_step = rates(in_steps({**schedule, "interval": "epoch"}, PER_EPOCH), EPOCHS * PER_EPOCH)
    assert by_step[::PER_EPOCH] == pytest.approx(by_epoch, rel=1e-6)


@pytest.mark.parametrize("schedule", SCHEDULES, ids=[str(schedule["name"]) for schedule in SCHEDULES])
def test_a_short_run_goes_through_the_whole_shape(schedule: dict[str, object]) -> None:
    full = in_steps({**schedule, "interval": "epoch"}, PER_EPOCH)
    short = rates(stretched(full, 1 / PER_EPOCH), EPOCHS)
    assert short == pytest.approx(rates(full, EPOCHS * PER_EPOCH)[::PER_EPOCH], rel=1e-6)


def test_steps_stay_steps() -> None:
    assert in_steps({"name": "StepLR", "step_size": 4}, 10) == {"name": "StepLR", "step_size": 4}
