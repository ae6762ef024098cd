"""Where minutes were asked for, probes are priced in time."""

import pytest

from advisor.records.profile import BatchTrial
from advisor.search.clock import Clock, timed


def clock(at: list[float], steps: tuple[tuple[int, float], ...] = ((16, 0.01), (64, 0.02))) -> Clock:
    return Clock(deadline=60.0, full_run_seconds=20.0, steps=steps, now=lambda: at[0])


def test_what_is_left_is_time() -> None:
    at = [0.0]
    mine = clock(at)
    assert mine.left == pytest.approx(3.0)
    at[0] = 50.0
    assert mine.left == pytest.approx(0.5)
    at[0] = 80.0
    assert mine.left < 0.0


@pytest.mark.parametrize(("batch", "seconds"), [(16, 0.01), (40, 0.015), (64, 0.02), (128, 0.04), (4, 0.01)])
def test_a_step_takes_what_was_timed_nearby(batch: int, seconds: float) -> None:
    assert clock([0.0]).price(100, batch) == pytest.approx(100 * seconds / 20.0)


def test_small_batches_cost_more_for_the_same_examples() -> None:
    mine = clock([0.0])
    assert mine.price(64, 16) > 1.9 * mine.price(16, 64)


def test_it_learns_from_what_probes_took() -> None:
    mine = clock([0.0])
    before = mine.price(100, 32)
    mine.took(3.0, 100, 16)
    assert mine.price(100, 32) == pytest.approx(3.0 * before)
    mine.took(0.0, 0, 16)
    assert mine.price(100, 32) == pytest.approx(3.0 * before)


def test_sizes_that_failed_are_not_counted() -> None:
    rest = {"steps": 3, "examples_per_second": 1.0, "peak_bytes": None, "out_of_memory": False, "error": None}
    failed = {**rest, "steps": 0, "out_of_memory": True}
    rows = [
        BatchTrial(batch_size=64, step_seconds=0.2, fits=True, **rest),
        BatchTrial(batch_size=16, step_seconds=0.1, fits=True, **rest),
        BatchTrial(batch_size=128, step_seconds=float("nan"), fits=False, **failed),
    ]
    assert timed(rows) == ((16, 0.1), (64, 0.2))
