"""config.yaml: writing, reading, building, and rejected values."""

import inspect
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from hypothesis import given
from hypothesis import strategies as st

import advisor
from advisor.config.config import Config, load_config
from advisor.config.current import current_settings
from advisor.errors import UsageError

GOOD: dict[str, Any] = {
    "optimizer": {"name": "SGD", "lr": 0.8, "momentum": 0.95, "nesterov": True, "weight_decay": 0.0001},
    "schedule": {
        "name": "OneCycleLR", "max_lr": 0.8, "total_steps": 7800, "pct_start": 0.45, "div_factor": 10.0,
        "final_div_factor": 1000.0, "three_phase": True, "anneal_strategy": "linear", "base_momentum": 0.85,
        "max_momentum": 0.95,
    },
    "batch_size": 512, "epochs": 30, "clip_grad_norm": None,
}  # fmt: skip
positive = st.floats(min_value=1e-12, max_value=1e12)
configs = st.builds(
    Config,
    optimizer=st.fixed_dictionaries(
        {"name": st.sampled_from(["SGD", "AdamW"]), "lr": positive},
        optional={"weight_decay": positive, "betas": st.tuples(positive, positive).map(list)},
    ),
    schedule=st.none() | st.fixed_dictionaries({"name": st.just("OneCycleLR"), "max_lr": positive}),
    batch_size=st.integers(1, 10**6),
    epochs=st.integers(1, 10**6),
    clip_grad_norm=st.none() | positive,
    amp=st.booleans(),
)


@given(configs, st.text(max_size=200))
def test_yaml_reads_back_as_it_was(config: Config, comment: str) -> None:
    printable = "".join(char for char in comment if char.isprintable() or char == "\n")
    assert Config.from_dict(yaml.safe_load(config.to_yaml(printable))) == config


def test_the_form_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(Config.from_dict(GOOD).to_yaml("why\nand how"))
    lines = path.read_text().splitlines()
    assert lines[:2] == ["# why", "# and how"]
    assert [line.split(":")[0] for line in lines[2:]] == list(GOOD)
    assert advisor.load_config(path).as_dict() == GOOD
    assert load_config(str(path)) == load_config(path)


def test_build_gives_what_pytorch_gives() -> None:
    config = Config.from_dict(GOOD)
    (weight,) = torch.nn.Linear(3, 1, bias=False).parameters()
    optimizer, scheduler = config.build([weight], steps_per_epoch=4)
    other = torch.optim.SGD([weight], lr=0.8, momentum=0.95, nesterov=True, weight_decay=1e-4)
    keywords = {key: value for key, value in GOOD["schedule"].items() if key not in ("name", "total_steps")}
    expected = torch.optim.lr_scheduler.OneCycleLR(other, total_steps=120, **keywords)
    assert type(optimizer) is torch.optim.SGD
    assert scheduler is not None
    for _ in range(119):
        assert optimizer.param_groups[0]["lr"] == other.param_groups[0]["lr"]
        assert optimizer.param_groups[0]["momentum"] == other.param_groups[0]["momentum"]
        for each in (optimizer, scheduler, other, expected):
            each.step()
    assert optimizer.param_groups[0]["lr"] < 1e-3


def test_a_constant_rate_has_no_scheduler() -> None:
    config = Config({"name": "AdamW", "lr": 0.01, "betas": [0.8, 0.99]}, None, 8, 2)
    optimizer, scheduler = config.build(torch.nn.Linear(3, 1).parameters(), 5)
    assert scheduler is None
    assert optimizer.param_groups[0]["betas"] == (0.8, 0.99)


def test_the_config_is_not_changed_by_building() -> None:
    config = Config.from_dict(GOOD)
    config.build(torch.nn.Linear(3, 1).parameters(), 5)
    config.build(torch.nn.Linear(3, 1).parameters(), 7)
    assert config.as_dict() == GOOD


def test_amp_is_written_only_where_it_is_set() -> None:
    config = Config.from_dict(GOOD)
    assert "amp" not in config.as_dict()
    assert config.with_(amp=True).as_dict()["amp"] is True
    assert Config.from_dict(config.with_(amp=True).as_dict()).amp


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"optimiser": {}}, "only the keys.*optimiser"),
        ({"optimizer": "SGD"}, "optimizer: .*'SGD'"),
        ({"optimizer": {"lr": 0.1}}, "optimizer: .*name the class"),
        ({"optimizer": {"name": "SGD", "lr": "1e-3"}}, "lr: a number.*'1e-3'"),
        ({"optimizer": {"name": "SGD", "lr": True}}, "lr: a number.*True"),
        ({"schedule": "cosine"}, "schedule: .*'cosine'"),
        ({"schedule": {"max_lr": 1}}, "schedule: .*name the class"),
        ({"schedule": {"name": "OneCycleLR"}}, "max_lr: a number for schedule.*None"),
        ({"schedule": {"name": "CyclicLR", "max_lr": 0.1}}, "base_lr: a number for schedule.*None"),
        ({"batch_size": 0}, "batch_size: a whole number above 0.*0"),
        ({"batch_size": 2.5}, "batch_size: a whole number above 0.*2.5"),
        ({"epochs": None}, "epochs: a whole number above 0.*None"),
        ({"epochs": True}, "epochs: a whole number above 0.*True"),
        ({"clip_grad_norm": -1}, "clip_grad_norm: a number above 0 or null.*-1"),
    ],
)
def test_what_is_refused(change: dict[str, Any], says: str, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump({**GOOD, **change}))
    with pytest.raises(UsageError, match=says) as caught:
        load_config(path)
    assert str(path) in caught.value.expected


@pytest.mark.parametrize("text", ["", "- 1\n", "just text"])
def test_no_mapping(text: str, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(text)
    with pytest.raises(UsageError, match="a mapping in"):
        load_config(tmp_path / "config.yaml")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a readable config"):
        load_config(tmp_path / "absent.yaml")
    with pytest.raises(UsageError, match="a readable config"):
        load_config(tmp_path)
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="a readable config"):
        load_config(tmp_path / "binary.yaml")
    (tmp_path / "torn.yaml").write_text("optimizer: {name: SGD")
    with pytest.raises(UsageError, match="YAML"):
        load_config(tmp_path / "torn.yaml")


def test_yaml_runs_no_code(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(f"optimizer: !!python/object/apply:pathlib.Path.touch [{tmp_path / 'made'}]\n")
    with pytest.raises(UsageError, match="YAML"):
        load_config(path)
    assert not (tmp_path / "made").exists()


OPTIMIZERS = [name for name in torch.optim.__all__ if name[0].isupper() and name != "Optimizer"]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_what_is_not_said_is_what_torch_uses(name: str) -> None:
    defaults = inspect.signature(getattr(torch.optim, name)).parameters
    values = current_settings(Config({"name": name, "lr": 0.1}, None, 8, 1))
    momentum = defaults["betas"].default[0] if "betas" in defaults else getattr(defaults.get("momentum"), "default", 0)
    assert (values.momentum or 0) == momentum
    assert values.weight_decay == getattr(defaults.get("weight_decay"), "default", 0)
