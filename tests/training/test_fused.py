"""Arms that are trained together leave the traces that they leave one by one, and whatever cannot be so is not."""

import math
from dataclasses import replace

import pytest
import torch

from advisor.records.spec import ProbeSpec
from advisor.records.task import TaskSource
from advisor.task.load import load_task
from advisor.training.fused.stack import CannotStack
from advisor.training.fused.together import Together
from advisor.training.fused.trial import Verdict, begin
from advisor.training.trainer import run_probe
from advisor.workers.grouping import grouped

DATA = """
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import Dataset
images, labels = load_digits(return_X_y=True)
images, labels = torch.tensor(images[:400], dtype=torch.float32) / 16, torch.tensor(labels[:400])
train_data, val_data = (images[:320], labels[:320]), (images[320:], labels[320:])
loss = nn.CrossEntropyLoss()
settings = dict(optimizer="SGD", lr=0.1, momentum=0.9, batch_size=32, epochs=3)
"""
MLP = "def model(): return nn.Sequential(nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 10))\n"
CNN = """
def model():
    return nn.Sequential(nn.Unflatten(1, (1, 8, 8)), nn.Conv2d(1, 4, 3, bias=False), nn.BatchNorm2d(4), nn.ReLU(),
        nn.Flatten(), nn.Linear(144, 10))
"""
DROPOUT = "def model(): return nn.Sequential(nn.Linear(64, 32), nn.Dropout(0.3), nn.ReLU(), nn.Linear(32, 10))\n"
ATTENTION = """
class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(8, 2, 16, 0.0, batch_first=True)
        self.out = nn.Linear(8, 10)
    def forward(self, x):
        return self.out(self.layer(x.view(-1, 8, 8)).mean(1))
"""
GROUPS = (
    MLP
    + """
def param_groups(model):
    last = {"params": model[2].parameters(), "lr": 0.1}
    return [last, {"params": model[0].parameters(), "lr": 0.3, "weight_decay": 0.01}]
"""
)
SGD = {"name": "SGD", "lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 1e-3}
ADAM = {"name": "Adam", "lr": 0.01, "betas": [0.9, 0.99], "weight_decay": 1e-2}
ADAMW = {**ADAM, "name": "AdamW"}


@pytest.fixture
def load(tmp_path):
    def made(code):
        path = tmp_path / "task.py"
        path.write_text(DATA + code)
        return load_task(TaskSource(path=str(path), device="cpu"))

    return made


def arms(optimizer, rates=(0.3, 1.0, 3.0), steps=40, **more):
    """Arms at these multiples of the optimizer's rate, 1cycle."""
    peaks = [optimizer["lr"] * rate for rate in rates]
    made = [
        ProbeSpec(
            "cycle", {**optimizer, "lr": peak}, {"name": "OneCycleLR", "max_lr": peak}, 32, steps, 3, (20, steps), 80,
            eval_train=True, grad_noise=True,
        )
        for peak in peaks
    ]  # fmt: skip
    return [replace(spec, **more) for spec in made]


def alone(task, specs):
    return [run_probe(task, spec) for spec in specs]


def together(task, specs, way, monkeypatch):
    """Trains them that way, whether or not it is faster here."""
    changing = tuple(name for name, _ in task.fresh_model(0).named_buffers())
    runner, found, order = Together(task), {}, []
    monkeypatch.setattr(runner, "_known_way", lambda _: Verdict(way, "asked for", changing=changing))
    runner.run(specs, lambda spec, trace: (order.append(spec.key), found.__setitem__(spec.key, trace)))
    assert runner.verdict.way == way, runner.verdict.why
    assert sorted(order) == sorted(spec.key for spec in specs)
    return [found[spec.key] for spec in specs]


def assert_alike(ours, plain, tolerance):
    """All that is recorded, but the seconds."""
    for one, other in zip(ours, plain, strict=True):
        for name in ("key", "status", "reason", "step", "norm_step", "eval_step", "train_examples", "eval_examples"):
            assert getattr(one, name) == getattr(other, name), name
        for name in (
            "train_loss",
            "lr",
            "momentum",
            "grad_norm",
            "weight_norm",
            "val_loss",
            "val_metric",
            "noise_scale",
        ):
            assert getattr(one, name) == pytest.approx(getattr(other, name), rel=tolerance, nan_ok=True), name
        for name in ("train_eval_loss", "val_loss_se"):
            assert getattr(one, name) == pytest.approx(getattr(other, name), rel=tolerance), name
        assert one.seconds > 0 and one.step_seconds > 0


MODELS = {"mlp": MLP, "cnn": CNN, "dropout": DROPOUT, "attention": ATTENTION, "groups": GROUPS}


@pytest.mark.parametrize("optimizer", [SGD, ADAM, ADAMW], ids=lambda o: o["name"])
@pytest.mark.parametrize("name", MODELS)
def test_one_pass_for_all_gives_the_traces_of_the_plain_loop(load, monkeypatch, name, optimizer):
    """No bias before batch normalisation: its gradient is zero but for rounding, of which Adam makes whole steps."""
    task, specs = load(MODELS[name]), arms(optimizer)
    assert_alike(together(task, specs, "stacked", monkeypatch), alone(task, specs), 0.01)


@pytest.mark.parametrize("code", [MLP, CNN, DROPOUT, GROUPS], ids=["mlp", "cnn", "dropout", "groups"])
def test_in_turn_on_the_same_batches_changes_not_a_bit(load, monkeypatch, code):
    task, specs = load(code), arms(SGD)
    plain = alone(task, specs)
    for one, other in zip(together(task, specs, "lockstep", monkeypatch), plain, strict=True):
        assert replace(one, seconds=0.0, step_seconds=0.0) == replace(other, seconds=0.0, step_seconds=0.0)


def test_random_augmentation_is_the_same_in_turn_as_alone(load, monkeypatch):
    noisy = """
class Noisy(Dataset):
    def __len__(self): return 320
    def __getitem__(self, i): return images[i] + 0.1 * torch.randn(64), labels[i]
train_data = Noisy()
"""
    task, specs = load(MLP + noisy), arms(SGD)
    losses = [trace.train_loss for trace in together(task, specs, "lockstep", monkeypatch)]
    assert losses == [trace.train_loss for trace in alone(task, specs)]


@pytest.mark.parametrize("clip", [0.05, 1.0])
def test_each_arm_is_clipped_by_its_own_norm(load, monkeypatch, clip):
    task, specs = load(MLP), arms(SGD, clip_grad_norm=clip)
    specs[1] = replace(specs[1], clip_grad_norm=None)
    assert_alike(together(task, specs, "stacked", monkeypatch), alone(task, specs), 0.01)


@pytest.mark.parametrize("bad", [0, 1])
def test_an_arm_that_diverges_leaves_and_the_others_go_on(load, monkeypatch, bad):
    """Also if it is the first one, whose scheduler gives the others their rates."""
    rates = [1.0, 0.5]
    rates.insert(bad, 1e9)
    task, specs = load(MLP), arms(SGD, rates=rates)
    ours, plain = together(task, specs, "stacked", monkeypatch), alone(task, specs)
    assert ours[bad].status == plain[bad].status == "diverged"
    assert ours[bad].train_examples == plain[bad].train_examples < ours[2].train_examples
    assert_alike([*ours[:bad], *ours[bad + 1 :]], [*plain[:bad], *plain[bad + 1 :]], 0.01)


def test_a_metric_of_plain_python_is_taken_arm_by_arm(load, monkeypatch):
    code = MLP + "def metric(outputs, targets): return float((outputs.argmax(1) == targets).float().mean().item())\n"
    task, specs = load(code), arms(SGD)
    assert_alike(together(task, specs, "stacked", monkeypatch), alone(task, specs), 0.01)


STEP = "def training_step(model, batch):\n    value = loss(model(batch[0]), batch[1])\n"
HIDDEN = {
    "a number is read": STEP + "    value.item()\n    return value\n",
    "a branch on the data": STEP + "    return value if value > 0 else -value\n",
}


@pytest.mark.parametrize("code", HIDDEN.values(), ids=HIDDEN)
def test_what_cannot_be_one_pass_is_trained_one_by_one(load, code):
    task, specs, found = load(MLP + code), arms(SGD, steps=80), {}
    runner = Together(task)
    runner.run(specs, lambda spec, trace: found.__setitem__(spec.key, trace))
    assert (runner.verdict.way == "single" and "arms" in runner.verdict.why) or "vmap" in runner.verdict.why
    assert [found[spec.key].train_loss for spec in specs] == [trace.train_loss for trace in alone(task, specs)]


def test_a_model_that_is_another_one_at_every_step_is_found_out(load):
    code = """
class model(nn.Module):
    calls = 0
    def __init__(self):
        super().__init__()
        self.out = nn.Linear(64, 10)
    def forward(self, x):
        model.calls += 1
        return self.out(x) * (1 + model.calls % 7)
"""
    task, specs, found = load(code), arms(SGD, steps=80), {}
    runner = Together(task)
    runner.run(specs, lambda spec, trace: found.__setitem__(spec.key, trace))
    assert runner.verdict.way == "single" and "plain loop" in runner.verdict.why
    assert len(found) == 3


@pytest.mark.parametrize("optimizer", [{"name": "RMSprop", "lr": 0.01}, {"name": "AdamW", "lr": 0.01, "amsgrad": True}])
def test_optimizers_that_rows_do_not_have_are_told(load, optimizer):
    with pytest.raises(CannotStack):
        begin(load(MLP), arms(optimizer), Verdict("stacked", ""))


def test_a_trial_is_made_once_for_a_kind_of_arm_and_never_for_short_ones(load):
    task = load(MLP)
    runner = Together(task)
    runner.run(arms(SGD, steps=21), lambda *_: None)
    assert runner.verdict == Verdict("single", "too short for a trial")
    runner.run(arms(SGD, steps=80), lambda *_: None)
    assert runner._known_way(arms(SGD, steps=90)) == runner.verdict
    assert runner._known_way(arms(SGD, steps=90)[:1]) == Verdict("single", "one arm")


def test_a_failure_in_the_middle_costs_no_arm(load, monkeypatch):
    """The metric fails once all are well under way: those that had not ended are trained one by one."""
    task, specs = load(MLP), arms(SGD, rates=(1.0, 1e9, 0.5))
    group = begin(task, specs, Verdict("stacked", ""))
    step = type(group).step

    def broken(self, number):
        if number == 35:
            raise RuntimeError("lost")
        return step(self, number)

    monkeypatch.setattr(type(group), "step", broken)
    found = []
    runner = Together(task)
    monkeypatch.setattr(runner, "_known_way", lambda _: Verdict("stacked", ""))
    runner.run(specs, lambda spec, trace: found.append((spec.key, trace.status)))
    assert dict(found) == {specs[0].key: "finished", specs[1].key: "diverged", specs[2].key: "finished"}
    assert found[0] == (specs[1].key, "diverged") and len(found) == 3
    assert "lost" in runner.verdict.why


def test_only_arms_that_see_the_same_are_grouped():
    one = arms(SGD)
    other = [replace(spec, seed=4) for spec in one]
    assert grouped([*one, *other]) == [one, other]
    assert grouped(one, parts=2) == [one]
    assert grouped(arms(SGD, rates=(1, 2, 3, 4, 5)), parts=2)[0] == arms(SGD, rates=(1, 3, 5))
    assert sum(map(len, grouped([*one, *arms(ADAM)], parts=2))) == 6


def test_losses_that_are_no_number_count_as_alike(load):
    """Arms at absurd rates do not keep the others from being trained together."""
    task = load(MLP)
    group = begin(task, arms(SGD, rates=(1.0, 1e30)), Verdict("stacked", ""))
    losses = [group.step(step) for step in (1, 2, 3)]
    assert math.isfinite(float(losses[2][0])) and not math.isfinite(float(losses[2][1]))
    assert torch.isfinite(group._stack.rows[0]).all()
