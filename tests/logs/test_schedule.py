import numpy as np
import pytest

from advisor.fits.trend import Period, Turn, fell, period, scatter, still_falls, trend, turn
from advisor.logs.schedule import recognise

T = np.linspace(0, 1, 201)
RATES = {
    "constant": (np.full(201, 0.1), "constant"),
    "steps": (0.1 ** (1 + np.floor(T * 2.999)), "steps"),
    "cosine": (0.05 * (1 + np.cos(np.pi * T)) + 1e-6, "decay"),
    "warm-up and decay": (np.where(T < 0.05, T / 0.05, 1 - T + 0.05), "decay"),
    "one cycle": (np.where(T < 0.45, 0.1 + 2 * T, np.maximum(1e-4, 1 - (T - 0.45) / 0.45)), "cycle"),
    "triangular": (0.1 + np.abs((T * 6) % 2 - 1), "cycles"),
    "warm restarts": (0.5 * (1 + np.cos(np.pi * ((T * 3.99) % 1))), "cycles"),
}


@pytest.mark.parametrize("name", RATES)
@pytest.mark.parametrize("points", [30, 201])
def test_schedules_are_recognised(name, points):
    rate, kind = RATES[name]
    keep = np.linspace(0, 200, points).astype(int)
    found = recognise(T[keep], rate[keep])
    assert found.kind == kind
    assert found.peak == pytest.approx(rate.max(), rel=0.1)
    assert found.words()


def test_phases():
    rate, _ = RATES["one cycle"]
    whole, half = recognise(T, rate), recognise(T[:120], rate[:120])
    assert whole.annealed and not whole.unfinished and 0.8 < whole.low_from < 0.95
    assert half.unfinished and not half.annealed
    assert recognise(T, RATES["triangular"][0]).period == pytest.approx(1 / 3, rel=0.1)


@pytest.mark.parametrize("size", [1, 2])
def test_too_few_rates_are_unknown_or_constant(size):
    assert recognise(T[:size], np.full(size, 0.1)).kind in ("unknown", "constant")


def test_turn_needs_a_lasting_rise():
    random = np.random.default_rng(0)
    level = 0.3 + np.exp(-8 * T[:60] * 3) + 0.01 * random.standard_normal(60)
    flat = turn(level.tolist())
    assert isinstance(flat, Turn) and not flat.turned
    spike = level.copy()
    spike[40] = 3.0
    assert not turn(spike.tolist()).turned
    risen = turn((level + 0.3 * np.maximum(0, np.linspace(-0.3, 0.7, 60))).tolist())
    assert risen.turned and 10 <= risen.at <= 30


def test_trend_fall_scatter_and_period():
    assert trend([1, 2, 3, 4, 5, 6])[0] > 0.99 and trend([3, 3, 3, 3]) == (0.0, 1.0)
    assert still_falls(np.linspace(2, 1, 12).tolist())[0] and not still_falls([1.0] * 12)[0]
    assert fell(np.linspace(2, 1, 12).tolist()) == pytest.approx(1, abs=0.2) and fell([1.0] * 12) == 0.0
    assert scatter(np.linspace(2, 1, 30).tolist()) == pytest.approx(0, abs=1e-9)
    random = np.random.default_rng(1)
    wave = np.sin(np.arange(100) * 2 * np.pi / 5) + 0.1 * random.standard_normal(100)
    found = period(wave.tolist())
    assert isinstance(found, Period) and found.points == pytest.approx(5, abs=0.1) and found.chance < 1e-6
