"""Curves with a known truth: what each rule must find, and what it must leave alone."""

import collections

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import lfilter

from advisor.fits import Forecast
from advisor.fits.trend import Period, period
from advisor.fits.types import FitFailed
from advisor.logs.evidence import evidence_of
from advisor.logs.forecast import forecast
from advisor.logs.run import Column, Run
from advisor.rules.base import LogRule
from advisor.rules.engine import judge_log
from advisor.rules.registry import RULES

NOISE_RATE = 0.02
LOG_RULES = [rule for rule in RULES if isinstance(rule, LogRule)]


def test_a_healthy_run(make, codes, shapes):
    curves = shapes()
    found = codes(make(train_loss=curves.falling(), val_loss=curves.falling(0.3), val_acc=curves.rising_accuracy()))
    assert not found & {"FT002", "FT003", "FT005", "FT006", "FT007", "FT008", "FT010", "EP001", "LR001", "LR002"}


@pytest.mark.parametrize("size", [10, 20, 60, 500])
def test_overfitting(make, codes, shapes, size):
    curves = shapes(size)
    evidence = make(train_loss=curves.falling(), val_loss=curves.u_turn())
    assert {"FT002", "EP005"} <= codes(evidence)
    assert "FT003" not in codes(evidence)


@pytest.mark.parametrize("seed", range(4))
def test_overfitting_in_noise_that_grows_with_it(make, codes, seed):
    """Ten looks: training goes to nothing, validation rises in jumps as large as the rise."""
    random, i = np.random.default_rng(seed), np.arange(10)
    train = 0.02 + 0.3 * np.exp(-0.7 * i) * (1 + 0.05 * random.standard_normal(10))
    val = 0.2 + 0.02 * i * np.abs(1 + 0.9 * random.standard_normal(10)) + 0.02 * random.standard_normal(10)
    found = codes(make(train_loss=train, val_loss=val))
    assert found & {"FT002", "FT014"} and not found & {"LR001", "FT005", "FT008"}


def test_a_sound_fine_tuning_whose_training_loss_goes_to_nothing_is_left_alone(make, codes):
    i, random = np.arange(10), np.random.default_rng(0)
    train, val = 0.03 + 0.3 * np.exp(-0.6 * i), 0.17 + 0.06 * np.exp(-0.6 * i)
    found = codes(make(
        train_loss=train, val_loss=val + 0.005 * random.standard_normal(10), val_acc=0.95 - 0.03 * np.exp(-0.6 * i)
    ))  # fmt: skip
    assert not found & {"FT014", "FT002", "FT005", "FT008", "LR001"}


def test_overfitting_of_the_loss_alone(make, codes, shapes):
    curves = shapes()
    found = codes(make(train_loss=curves.falling(), val_loss=curves.u_turn(), val_acc=curves.rising_accuracy()))
    assert "FT003" in found and "FT002" not in found


def test_best_in_the_first_tenth_is_far_too_long(make, codes, shapes):
    curves = shapes()
    val = 1 + np.exp(-60 * curves.t) + curves.t + curves.noise()
    assert {"FT002", "EP001"} <= codes(make(train_loss=curves.falling(), val_loss=val))


def test_one_fact_of_a_run_is_one_finding(make, shapes):
    curves = shapes()
    overfits = make(train_loss=curves.falling(), val_loss=curves.u_turn())
    slow = make([("lr", 1e-7)], train_loss=shapes(12).straight(), val_loss=shapes(12).straight())
    for evidence, speaker in ((overfits, "FT002"), (slow, "LR002")):
        found = [item for item in judge_log(evidence, LOG_RULES) if item.judgement.verdict == "detected"]
        assert [item.code for item in found if item.severity != "info"] == [speaker]


def test_a_rise_of_both_losses_is_no_overfitting(make, codes, shapes):
    curves = shapes()
    found = codes(make(train_loss=curves.u_turn(), val_loss=curves.u_turn() + 0.1))
    assert "FT002" not in found and "FT008" in found


def test_too_slow(make, codes, shapes):
    curves = shapes(12)
    found = codes(make([("lr", 1e-7)], train_loss=curves.straight(), val_loss=curves.straight()))
    assert {"LR002", "FT001", "EP002"} <= found


def test_plateau(make, codes, shapes):
    curves = shapes()
    level = 0.3 + np.exp(-30 * curves.t)
    found = codes(make(train_loss=level + curves.noise(), val_loss=level + 0.1 + curves.noise()))
    assert {"FT004", "EP003"} <= found and not found & {"EP002", "FT001", "FT002"}


def test_bouncing(make, codes, shapes):
    curves = shapes(20)
    val = 0.5 + np.exp(-3 * curves.t) + np.abs(0.8 * curves.random.standard_normal(20))
    found = codes(make(train_loss=curves.falling(), val_loss=val))
    assert {"FT006", "LR001"} <= found and "FT002" not in found


@pytest.mark.parametrize("seed", range(5))
def test_a_cycle_of_the_rate_is_no_oscillation(make, codes, shapes, seed):
    curves = shapes(50, seed=seed)
    val, rate = curves.cyclic_loss(), curves.one_cycle()
    train = np.minimum(val, 0.3 + 0.7 * np.exp(-4 * curves.t))
    found = codes(make(train_loss=train, val_loss=val, lr=rate))
    assert not found & {"FT002", "FT006", "FT008", "FT010", "LR001", "EP001", "FT005", "FT007"}


@pytest.mark.parametrize("seed", range(5))
def test_several_cycles_are_no_period(make, codes, shapes, seed):
    curves = shapes(120, seed=seed)
    rate = 0.1 + 0.9 * np.abs((curves.t * 12) % 2 - 1)
    val = 0.3 + np.exp(-8 * curves.t) + 0.2 * rate + curves.noise()
    found = codes(make(train_loss=val - 0.1, val_loss=val, lr=rate))
    assert not found & {"FT010", "FT006", "FT002", "LR001", "FT008"}


@pytest.mark.parametrize("seed", range(5))
def test_steps_of_the_rate_are_no_oscillation(make, codes, shapes, seed):
    curves = shapes(90, seed=seed)
    rate = np.where(curves.t < 0.5, 0.1, np.where(curves.t < 0.75, 0.01, 0.001))
    rough = np.where(curves.t < 0.5, 0.12, 0.01) * curves.random.standard_normal(90)
    val = 0.3 + np.exp(-15 * curves.t) + 0.3 * (curves.t < 0.5) + 0.02 * (curves.t < 0.75) + rough
    train = 0.1 + np.exp(-8 * curves.t) + 0.2 * (curves.t < 0.5) + curves.noise()
    found = codes(make(train_loss=train, val_loss=val, lr=rate))
    assert not found & {"FT002", "FT006", "FT008", "FT010", "LR001"}


def test_a_gap_that_opens_in_the_annealing_is_no_fault(make, codes, shapes):
    curves = shapes(100)
    rate = curves.one_cycle()
    val = 0.5 + np.exp(-6 * curves.t) + curves.noise()
    train = val - 0.05 - 0.4 * np.maximum(0, curves.t - 0.87) / 0.13
    assert not codes(make(train_loss=train, val_loss=val, lr=rate)) & {"FT007", "FT002"}


def test_an_unfinished_cycle_is_not_called_steady_or_finished(make, shapes, codes):
    curves = shapes(50)
    evidence = make(train_loss=curves.falling(), val_loss=curves.falling(0.3), lr=0.1 + 0.9 * curves.t * (2 - curves.t))
    assert not codes(evidence) & {"FT006", "EP003", "FT004"}


def test_divergence(make, codes, shapes, nan):
    curves = shapes(40)
    assert "FT005" in codes(make(train_loss=[*curves.falling()[:30], *[nan] * 10]))
    assert "FT005" in codes(make(train_loss=np.concatenate([curves.falling()[:20], np.linspace(1, 40, 20)])))
    spiked = curves.falling()
    spiked[20] = 50.0
    assert "FT005" not in codes(make(train_loss=spiked))


def test_a_run_that_learns_nothing(make, codes, shapes):
    curves = shapes(20)
    flat = 1.6 + curves.noise()
    assert "FT005" in codes(make(train_loss=flat, val_loss=1.65 + curves.noise(), val_acc=0.2 + 0.1 * curves.noise()))
    assert "FT005" not in codes(make(train_loss=flat, val_loss=flat)), "it may have converged before"


@pytest.mark.parametrize("looks", [60, 100, 400])
def test_a_periodic_metric(make, codes, shapes, looks):
    curves = shapes(looks)
    val = curves.falling() + 0.03 * np.sin(2 * np.pi * np.arange(looks) / 3.0)
    assert "FT010" in codes(make(train_loss=curves.falling(), val_loss=val))


def test_a_tail_that_still_falls_at_a_low_rate_asks_for_more(make, codes, shapes):
    curves = shapes(40, noise=0.001)
    rate = curves.one_cycle(down=0.35)
    slow = 2.0 - curves.t + curves.noise()
    assert "EP002" in codes(make(train_loss=slow, val_loss=slow, lr=rate))
    settled = 0.4 + np.exp(-6 * np.minimum(curves.t, 0.8)) + curves.noise()
    assert "EP002" not in codes(make(train_loss=settled, val_loss=settled, lr=rate))


def test_the_result_of_a_longer_run(make, codes, shapes):
    t = np.arange(1, 31)
    made = forecast(make(train_loss=0.5 + 2 * t**-0.7))
    assert isinstance(made, Forecast)
    assert made.estimate.low <= 0.5 + 2 * 60**-0.7 <= made.estimate.high
    assert isinstance(forecast(make(train_loss=shapes().u_turn())), FitFailed)
    rate = np.linspace(1.0, 0.0, 30)
    assert isinstance(forecast(make(train_loss=0.5 + 2 * t**-0.7, lr=rate)), FitFailed)


def verdicts(train, val, metric, scale=1.0, shift=0.0, skip=()):
    x = tuple(range(1, len(train) + 1))
    columns = (
        Column("train_loss", x, tuple((scale * train + shift).tolist())),
        Column("val_loss", x, tuple((scale * val + shift).tolist())),
        Column("val_accuracy", x, tuple(metric.tolist())),
    )
    evidence = evidence_of(Run("r", "f", "csv", "step", columns))
    findings = [finding for rule in LOG_RULES for finding in judge_log(evidence, [rule])]
    return {finding.code: finding.judgement.verdict for finding in findings if finding.code not in skip}


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    size=st.sampled_from([8, 15, 40, 100]),
    noise=st.sampled_from([0.003, 0.03, 0.3]),
    turn=st.sampled_from([0.0, 0.5, 2.0]),
)
def test_scale_and_shift_of_the_loss_change_no_verdict(seed, size, noise, turn):
    random = np.random.default_rng(seed)
    t = np.arange(1, size + 1) / size
    train = np.exp(-5 * t) + noise * random.standard_normal(size)
    val = 0.2 + np.exp(-6 * t) + turn * np.maximum(0, t - 0.4) + noise * random.standard_normal(size)
    metric = 0.9 - 0.5 * np.exp(-5 * t)
    plain = verdicts(train, val, metric)
    assert verdicts(train, val, metric, scale=1000.0) == plain
    assert verdicts(train, val, metric, shift=7.0) == plain


@pytest.mark.parametrize("size", [4, 10, 40])
def test_noise_alone_seldom_fires(size):
    """At the stated rate one of 50 is expected at most; five would have a chance below one in a hundred."""
    random = np.random.default_rng(size)
    fired = collections.Counter()
    for _ in range(50):
        train, val = 2 + 0.1 * random.standard_normal((2, size))
        found = verdicts(train, val, 0.7 + 0.02 * random.standard_normal(size))
        fired.update(code for code, verdict in found.items() if verdict == "detected")
    assert all(count <= 4 for count in fired.values()), fired
    assert sum(fired.values()) <= 50 * NOISE_RATE * len(LOG_RULES) / 4, fired


FAULTS = {"FT002", "FT003", "FT005", "FT006", "FT007", "FT008", "FT010", "FT014", "EP001", "LR001", "LR002"}


@pytest.mark.parametrize("share", [0.01, 0.05])
@pytest.mark.parametrize("shape", ["exponential", "power law", "flat early"])
def test_noise_on_a_healthy_curve_seldom_fires_a_fault(shape, share):
    """``benchmarks/noise.py`` does the same with more shapes, sizes, kinds of noise and draws."""
    t = np.arange(1, 31) / 30
    curve = {
        "exponential": np.exp(-5 * t),
        "power law": 1.2 / (1 + 20 * t) ** 0.7,
        "flat early": np.exp(-25 * t),
    }[shape]
    clean = verdicts(curve, 0.1 + curve, 0.9 - curve)
    fired = collections.Counter()
    random = np.random.default_rng(0)
    for _ in range(25):
        train, val, metric = curve + share * random.standard_normal((3, 30))
        found = verdicts(train, 0.1 + val, 0.9 - metric)
        fired.update(code for code in FAULTS if found[code] == "detected" != clean[code])
    assert all(count <= 3 for count in fired.values()), fired


@pytest.mark.parametrize("alike", [0.6, 0.95])
def test_noise_that_wanders_is_not_periodic(alike):
    found = 0
    for seed in range(100):
        wandering = lfilter([1], [1, -alike], np.random.default_rng(seed).standard_normal(600))[200:]
        answer = period(wandering.tolist())
        found += isinstance(answer, Period) and answer.chance <= 0.005
    assert found <= 2


def test_looks_at_the_parts_of_the_validation_data_in_turn_are_periodic(make, codes, shapes):
    """As in Caffe, where each look goes on in the validation data where the last one stopped."""
    curves = shapes(400, noise=0.02)
    part = np.random.default_rng(1).permutation(np.linspace(-0.04, 0.04, 10))
    val = curves.falling() + part[np.arange(400) % 10]
    evidence = make(train_loss=curves.falling(), val_loss=val)
    assert "FT010" in codes(evidence)
    finding = next(item for item in judge_log(evidence, LOG_RULES) if item.code == "FT010")
    assert (10 / finding.judgement.values["period"]) == pytest.approx(round(10 / finding.judgement.values["period"]))
    assert "FT010" not in codes(make(train_loss=curves.falling(), val_loss=curves.falling()))


@pytest.mark.parametrize("values", [[0.0] * 6, [1e300] * 6, [1e-300] * 6, [-5.0] * 6, [1.0, 2.0, 1.0, 2.0]])
def test_odd_numbers_break_nothing(make, values):
    evidence = make(train_loss=values, val_loss=values, val_acc=values) if values[0] < 1e100 else make(a=values)
    assert [finding.code for finding in judge_log(evidence, LOG_RULES)] == [rule.code for rule in LOG_RULES]
