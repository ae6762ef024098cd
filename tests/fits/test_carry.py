"""Transfer of the best settings from one size to another."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from advisor.fits.carry import Carried, Size, carry
from advisor.fits.carry_laws import BATCH, RATE, RATE_AT_BATCH, RATE_BY_BATCH, TOTAL_DECAY, carried_beta2
from advisor.fits.optimum import Measured, Optimum, best_of
from advisor.fits.types import Estimate, FitFailed
from advisor.rules.references import SOURCES

RATES = [2.0**power for power in range(-12, -4)]
BATCHES = [32.0, 64.0, 128.0, 256.0, 512.0]
positive = st.floats(1e-6, 1e6)
anything = st.floats(allow_nan=True, allow_infinity=True)


def surface(rate: float, batch: float, noise: float = 0.0, seed: int = 0) -> list[Measured]:
    """A valley along rate ∝ batch ** 0.5, as real tables have it."""
    draw = np.random.default_rng(seed)
    runs = []
    for r in RATES:
        for b in BATCHES:
            x, y = math.log(r / rate), math.log(b / batch)
            loss = 2.5 * (1.0 + 0.007 * (x * x - x * y + y * y)) + noise * float(draw.normal())
            runs.append(Measured(r, b, loss if x < 2.0 else math.inf))
    return runs


def found(runs: list[Measured]) -> Optimum:
    best = best_of(runs)
    assert isinstance(best, Optimum), best
    return best


def optimum(rate: float, batch: float | None, width: float = 1.14) -> Optimum:
    def around(value: float) -> Estimate:
        return Estimate(value, value / width, value * width)

    return Optimum(around(rate), None if batch is None else around(batch), batch or 64.0, 30)


def carried(optima: list[tuple[Size, Optimum]], target: Size, keep_batch: bool = False) -> Carried:
    answer = carry(optima, target, keep_batch=keep_batch)
    assert isinstance(answer, Carried), answer
    return answer


@given(st.floats(0.0008, 0.008), st.floats(70.0, 250.0))
@settings(max_examples=30, deadline=None)
def test_an_exact_surface_gives_its_minimum(rate: float, batch: float) -> None:
    best = found(surface(rate, batch))
    assert best.rate.value == pytest.approx(rate, rel=0.02)
    assert best.batch is not None
    assert best.batch.value == pytest.approx(batch, rel=0.02)


def test_noise_moves_it_within_its_interval() -> None:
    bests = [found(surface(0.002, 128.0, noise=0.004, seed=seed)).rate for seed in range(40)]
    assert sum(best.low <= 0.002 <= best.high for best in bests) / len(bests) > 0.7
    assert float(np.median([abs(math.log(best.value / 0.002)) for best in bests])) < 0.1


@given(positive, positive, st.floats(1e-3, 1e3))
@settings(max_examples=30, deadline=None)
def test_units_do_not_matter(of_rate: float, of_batch: float, of_loss: float) -> None:
    runs = surface(0.002, 128.0, noise=0.004)
    scaled = [Measured(run.rate * of_rate, run.batch * of_batch, run.loss * of_loss) for run in runs]
    here, there = found(runs), found(scaled)
    assert here.batch is not None
    assert there.batch is not None
    assert there.rate.value == pytest.approx(here.rate.value * of_rate, rel=1e-5)
    assert there.batch.value == pytest.approx(here.batch.value * of_batch, rel=1e-5)


def test_with_two_batch_sizes_only_the_rate_is_best() -> None:
    best = found([run for run in surface(0.002, 128.0) if run.batch in (64.0, 128.0)])
    assert best.batch is None
    assert best.at == 128.0
    assert best.rate.value == pytest.approx(0.002, rel=0.02)


def test_a_minimum_at_the_border_is_the_best_run_and_hardly_known() -> None:
    best = found(surface(RATES[0] / 4.0, 128.0))
    assert best.rate.value == pytest.approx(RATES[0])
    assert best.rate.high / best.rate.low > 5.0


@given(st.lists(st.builds(Measured, anything, anything, anything), max_size=20))
@settings(max_examples=60, deadline=None)
def test_any_runs_give_an_optimum_among_them_or_a_reason(runs: list[Measured]) -> None:
    best = best_of(runs)
    if isinstance(best, FitFailed):
        assert best.reason
        return
    rates = [run.rate for run in runs if math.isfinite(run.rate)]
    assert min(rates) * (1 - 1e-9) <= best.rate.value <= max(rates) * (1 + 1e-9)


@given(positive, positive, st.floats(1.0, 1e4), st.floats(1.0, 1e4))
@settings(max_examples=50, deadline=None)
def test_one_size_is_carried_by_the_published_law(rate: float, batch: float, more: float, larger: float) -> None:
    start = Size(1e9, 1e8)
    answer = carried([(start, optimum(rate, batch))], Size(1e9 * more, 1e8 * larger))
    assert answer.batch.value == pytest.approx(batch * more**0.5, rel=1e-5)
    assert answer.rate.value == pytest.approx(rate * more**0.25 * larger**-0.5, rel=1e-5)


def test_intervals_widen_with_distance() -> None:
    start = (Size(1e9), optimum(0.002, 128.0))
    answers = [carried([start], Size(1e9 * times)).rate for times in (1.0, 2.0, 8.0, 64.0)]
    widths = [math.log(answer.high / answer.low) for answer in answers]
    assert widths == sorted(widths)
    assert widths[-1] > 1.5 * widths[0]


@pytest.mark.parametrize("exponent", [0.35, 0.5, 0.7])
def test_several_sizes_outweigh_the_law(exponent: float) -> None:
    sizes = [Size(1e9 * times) for times in (1.0, 4.0, 16.0, 64.0)]
    optima = [(size, optimum(0.002, 64.0 * (size.data / 1e9) ** exponent)) for size in sizes]
    answer = carried(optima, Size(1e9 * 256.0))
    assert answer.batch_over_data.value == pytest.approx(exponent, abs=0.06)
    assert answer.batch_over_data.low <= exponent <= answer.batch_over_data.high


optima_of_any_sizes = st.lists(
    st.tuples(st.builds(Size, st.floats(1e3, 1e12), st.floats(1e3, 1e12)), st.builds(optimum, positive, positive)),
    min_size=1,
    max_size=6,
)


@given(optima_of_any_sizes, st.floats(1e3, 1e12), st.floats(1.0, 1e3), st.floats(1e3, 1e12))
@settings(max_examples=40, deadline=None)
def test_what_the_sources_agree_on_is_never_turned_round(
    optima: list[tuple[Size, Optimum]], data: float, more: float, model: float
) -> None:
    near, far = carry(optima, Size(data, model)), carry(optima, Size(data * more, model))
    assume(isinstance(near, Carried) and isinstance(far, Carried))
    assert isinstance(near, Carried) and isinstance(far, Carried)
    assert far.batch.value >= near.batch.value * (1 - 1e-9)
    assert far.rate.value >= near.rate.value * (1 - 1e-9)
    larger = carry(optima, Size(data, model * more))
    assert not isinstance(larger, Carried) or larger.rate.value <= near.rate.value * (1 + 1e-9)


@given(optima_of_any_sizes)
@settings(max_examples=40, deadline=None)
def test_the_order_of_sizes_does_not_matter(optima: list[tuple[Size, Optimum]]) -> None:
    target = Size(1e10, 1e9)
    there, back = carry(optima, target), carry(optima[::-1], target)
    assert type(there) is type(back)
    if isinstance(there, FitFailed) or isinstance(back, FitFailed):
        return
    assert there.rate.value == pytest.approx(back.rate.value, rel=1e-6)
    assert there.batch.value == pytest.approx(back.batch.value, rel=1e-6)


def test_a_batch_that_stays_keeps_the_rate_over_the_data() -> None:
    answer = carried([(Size(1e9), optimum(0.002, 128.0))], Size(1e11), keep_batch=True)
    assert (answer.batch.low, answer.batch.value, answer.batch.high) == (128.0, 128.0, 128.0)
    assert answer.rate.value == pytest.approx(0.002)
    assert answer.rate.low < 0.002 / 2.0
    assert answer.rate.high > 0.002 * 2.0


def test_where_no_batch_was_compared_it_stays_and_rates_are_brought_to_it() -> None:
    small = Optimum(Estimate(0.001, 0.0009, 0.0011), None, 16.0, 5)
    large = Optimum(Estimate(0.002, 0.0018, 0.0022), None, 64.0, 5)
    answer = carried([(Size(1e5), small), (Size(1e6), large)], Size(1e7))
    assert answer.batch.value == 64.0
    assert answer.rate.value == pytest.approx(0.002, rel=0.02)  # 0.001 at 16 is 0.002 at 64: no trend is left
    assert abs(answer.rate_over_data.value) < 0.02


def test_nothing_to_carry_is_said() -> None:
    one = optimum(0.002, 128.0)
    for optima, target in (([], Size(1.0)), ([(Size(0.0), one)], Size(1.0)), ([(Size(1.0), one)], Size(math.nan))):
        answer = carry(optima, target)
        assert isinstance(answer, FitFailed)
        assert answer.reason


@given(st.floats(0.5, 0.99999), st.floats(1.0, 1e5), st.floats(1.0, 1e5))
def test_second_beta_keeps_its_half_life_in_examples(beta2: float, batch: float, new: float) -> None:
    moved = carried_beta2(beta2, batch, new)
    if 1e-200 < moved < 1.0 - 1e-9:
        assert new / -math.log(moved) == pytest.approx(batch / -math.log(beta2), rel=1e-4)


def test_every_law_names_sources_that_exist() -> None:
    laws = (BATCH, RATE, RATE_AT_BATCH, TOTAL_DECAY)
    exponents = [RATE_BY_BATCH, *(item for law in laws for item in (law.over_data, law.over_model))]
    for exponent in exponents:
        assert exponent.range.low <= exponent.range.value <= exponent.range.high
        assert exponent.sources
        assert set(exponent.sources) <= set(SOURCES)
    assert (BATCH.over_data.sign, RATE.over_model.sign, RATE_AT_BATCH.over_data.sign) == (1, -1, 0)
