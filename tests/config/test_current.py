"""The current settings as one value, independent of how they were written."""

import pytest

from advisor.config.config import Config
from advisor.config.current import current_settings
from advisor.config.hparams import HParams
from advisor.records.spec import ProbeSpec

ONE_CYCLE = {"name": "OneCycleLR", "max_lr": 0.5, "total_steps": 100}
SGD = {"name": "SGD", "lr": 0.01, "momentum": 0.9}


@pytest.mark.parametrize(
    ("schedule", "peak"),
    [
        (None, 0.01),
        (ONE_CYCLE, 0.5),
        ({**ONE_CYCLE, "max_lr": [0.5, 0.05]}, 0.5),
        ({"name": "CyclicLR", "base_lr": 0.1, "max_lr": 0.4}, 0.4),
        ({"name": "CosineAnnealingLR", "T_max": 100}, 0.01),
    ],
)
def test_the_peak_rate_is_the_one_that_is_trained_with(schedule, peak):
    config = Config(SGD, schedule, 32, 10)
    assert current_settings(config).peak_lr == current_settings(config).value("lr") == peak
    assert HParams.starting_from(config).lr == peak
    probe = ProbeSpec(kind="cycle", optimizer=SGD, schedule=schedule, batch_size=32, steps=9, seed=0, eval_steps=(9,),
                      eval_examples=8)  # fmt: skip
    assert probe.lr == peak


@pytest.mark.parametrize(
    ("optimizer", "momentum", "decay"),
    [
        (SGD, 0.9, 0.0),
        ({"name": "SGD", "lr": 0.1, "weight_decay": 1e-4}, 0.0, 1e-4),
        ({"name": "AdamW", "lr": 1e-3}, 0.9, 0.01),
        ({"name": "Adam", "lr": 1e-3, "betas": [0.8, 0.99], "weight_decay": None}, 0.8, 0.0),
        ({"name": "Adagrad", "lr": 1e-2}, None, 0.0),
    ],
)
def test_momentum_and_decay_are_those_that_torch_uses(optimizer, momentum, decay):
    settings = current_settings(Config(optimizer, None, 32, 10))
    assert (settings.momentum, settings.weight_decay) == (momentum, decay)
    assert (settings.batch_size, settings.epochs, settings.schedule) == (32, 10, "constant")
