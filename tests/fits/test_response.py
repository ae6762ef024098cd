import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.fits import Estimate, FitFailed, Point, Response, at_stake, fit_response
from advisor.fits.types import Scale

LADDER = [10.0**z for z in (-4, -3.5, -3, -2.5, -2, -1.5, -1, -0.5, 0)]


def respond(values: list[float], losses: list[float], noise: float = math.nan, scale: Scale = "log") -> Response:
    points = [Point(value, (loss,)) for value, loss in zip(values, losses, strict=True)]
    return fit_response("lr", scale, 0.125, "test", points, noise)


def best_of(response: Response) -> Estimate:
    assert isinstance(response.best, Estimate), response.best
    return response.best


def u_curve(optimum: float, noise: float, seed: int) -> list[float]:
    rng = np.random.default_rng(seed)
    z = np.log10(np.array(LADDER) / optimum)
    loss = 0.3 + 0.2 * z**2 * np.where(z > 0, 2.0, 1.0) + noise * rng.standard_normal(z.size)
    return np.where(z > 0.9, math.inf, loss).tolist()


@pytest.mark.parametrize("noise", [0.0, 0.005, 0.01])
def test_recovers_the_optimum_of_a_u_curve_within_a_factor_of_one_and_a_half(noise: float) -> None:
    ratios, covered = [], 0
    rng = np.random.default_rng(1)
    for seed in range(60):
        optimum = 10.0 ** rng.uniform(-2.5, -1.2)
        response = respond(LADDER, u_curve(optimum, noise, seed), noise or math.nan)
        best = best_of(response)
        assert response.verdict == "resolved"
        ratios.append(abs(math.log(best.value / optimum)))
        covered += best.low <= optimum <= best.high
    assert np.median(ratios) < math.log(1.5)
    assert np.quantile(ratios, 0.9) < math.log(2.0)
    assert covered >= 48


def test_symmetric_parabola_is_exact() -> None:
    z = np.log10(LADDER)
    best = best_of(respond(LADDER, (1 + 0.1 * (z + 1.9) ** 2).tolist()))
    assert math.log10(best.value) == pytest.approx(-1.9, abs=0.05)


def test_an_explosion_above_the_optimum_does_not_push_the_vertex_away() -> None:
    best = best_of(respond([1e-3, 3e-3, 1e-2, 3e-2, 1e-1], [0.9, 0.6, 0.4, 1e6, math.inf], 0.01))
    assert 3e-3 < best.value <= 1e-2
    assert best.high < 3e-2


def test_best_beside_a_diverged_value_is_resolved_from_above() -> None:
    response = respond([1e-3, 1e-2, 1e-1, 1.0], [0.9, 0.6, 0.4, math.inf], 0.01)
    assert response.verdict == "resolved"
    assert best_of(response).value <= best_of(response).high <= 1e-1


@pytest.mark.parametrize("bad", [math.inf, math.nan])
def test_any_non_finite_loss_counts_as_diverged(bad: float) -> None:
    response = respond([1e-3, 1e-2, 1e-1], [0.9, 0.6, bad], 0.01)
    assert response.verdict == "resolved" and 5e-3 < best_of(response).value <= best_of(response).high <= 1e-2


def test_open_borders() -> None:
    high = respond([1e-3, 1e-2, 1e-1], [0.9, 0.6, 0.4], 0.01)
    assert high.verdict == "edge_high" and best_of(high).value == 1e-1 == best_of(high).high
    low = respond([1e-3, 1e-2, 1e-1], [0.4, 0.6, 0.9], 0.01)
    assert low.verdict == "edge_low" and best_of(low).value == 1e-3 == best_of(low).low


def test_flat_inside_the_noise_gives_no_number() -> None:
    response = respond([1e-3, 1e-2, 1e-1], [0.50, 0.49, 0.51], 0.02)
    assert response.verdict == "flat" and isinstance(response.best, FitFailed) and response.reason


def test_unmeasured_noise_never_says_flat() -> None:
    assert respond([1e-3, 1e-2, 1e-1], [0.5, 0.5, 0.5]).verdict != "flat"


def test_two_points() -> None:
    response = respond([1e-3, 1e-2], [0.5, 0.3], 0.01)
    assert response.verdict == "edge_high" and best_of(response).value == 1e-2
    assert best_of(response).low > 1e-3 and response.curve_x == ()
    assert respond([1e-3, 1e-2], [0.50, 0.51], 0.01).verdict == "flat"


@pytest.mark.parametrize("losses", [[], [0.3], [0.3, math.inf, math.nan]])
def test_fewer_than_two_finite_points_are_unmeasured(losses: list[float]) -> None:
    response = respond(LADDER[: len(losses)], losses, 0.01)
    assert response.verdict == "unmeasured" and response.reason


def test_weight_decay_of_zero_on_a_log_scale() -> None:
    inside = respond([0.0, 1e-5, 1e-4, 1e-3, 1e-2], [0.50, 0.48, 0.40, 0.47, 0.9], 0.005)
    assert inside.verdict == "resolved" and 3e-5 < best_of(inside).value < 3e-4
    none = respond([0.0, 1e-4, 1e-3], [0.30, 0.35, 0.50], 0.005)
    assert none.verdict == "resolved" and best_of(none).low == 0.0
    assert 0.0 <= best_of(none).value < 1e-4
    assert respond([0.0, 0.0], [0.3, 0.4], 0.001).verdict == "unmeasured"


def test_repeats_are_merged_and_points_sorted() -> None:
    points = [
        Point(1e-1, (0.9,), ("c",)),
        Point(1e-2, (0.4,), ("a",)),
        Point(1e-3, (0.8,)),
        Point(1e-2, (0.6,), ("b",)),
    ]
    response = fit_response("lr", "log", 1.0, "", points, 0.01)
    assert [point.value for point in response.points] == [1e-3, 1e-2, 1e-1]
    assert response.points[1] == Point(1e-2, (0.4, 0.6), ("a", "b"))


def test_linear_knob_and_curve_for_drawing() -> None:
    momenta = [0.8, 0.85, 0.9, 0.95, 0.99]
    response = respond(momenta, [0.5, 0.42, 0.40, 0.44, 0.9], 0.005, "linear")
    assert 0.85 < best_of(response).value < 0.95
    assert len(response.curve_x) == len(response.curve_y) > 10
    assert momenta[0] <= response.curve_x[0] < response.curve_x[-1] <= momenta[-1]


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.one_of(st.floats(-10, 10), st.just(math.inf)), min_size=2, max_size=9),
    st.sampled_from([math.nan, 0.0, 0.01, 1.0]),
)
def test_interval_holds_the_value_and_stays_within_what_was_measured(losses: list[float], noise: float) -> None:
    values = LADDER[: len(losses)]
    response = respond(values, losses, noise)
    if isinstance(response.best, FitFailed):
        assert response.reason
        return
    best, finite = response.best, [v for v, loss in zip(values, losses, strict=True) if math.isfinite(loss)]
    assert finite[0] <= best.low <= best.value <= best.high <= finite[-1]


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 100), st.sampled_from([0.01, 1000.0]), st.floats(-50, 50))
def test_scale_and_offset_of_the_loss_do_not_matter(seed: int, scale: float, offset: float) -> None:
    losses = u_curve(0.02, 0.01, seed)
    plain = respond(LADDER, losses, 0.01)
    moved = respond(LADDER, [scale * (loss + offset) for loss in losses], 0.01 * scale)
    assert moved.verdict == plain.verdict
    assert best_of(moved).value == pytest.approx(best_of(plain).value, rel=1e-6)


def test_at_stake_interpolates_in_the_scale_of_the_knob() -> None:
    response = respond([1e-3, 1e-2, 1e-1, 1.0], [0.9, 0.5, 0.7, math.inf], 0.01)
    assert at_stake(response, 1e-3, 1e-2) == pytest.approx(0.4)
    assert at_stake(response, 10**-2.5, 1e-2) == pytest.approx(0.2)
    assert at_stake(response, 1e-2, 1e-1) == pytest.approx(-0.2)
    for outside in (1e-4, 10.0, 0.5, 1.0, math.nan):
        assert at_stake(response, outside, 1e-2) is None
    assert at_stake(respond([], []), 1.0, 1.0) is None
    assert at_stake(respond([0.0, 1e-4, 1e-3], [0.3, 0.4, 0.6]), 1e-4, 0.0) == pytest.approx(0.1)
