"""The one training loop, against a loop written by hand and against what it promises."""

import math
import random
from collections.abc import Callable
from itertools import islice

import numpy as np
import pytest
import torch
from torch import nn

from advisor.config.build_optimizer import build_optimizer
from advisor.errors import UsageError
from advisor.records.spec import ProbeSpec
from advisor.task.task import Task
from advisor.training.evaluation import evaluate
from advisor.training.trainer import Training, run_probe

Load = Callable[..., Task]
Make = Callable[..., ProbeSpec]
DROPOUT = """

def model():
    return nn.Sequential(nn.Linear(6, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 3))
"""
NOISY = """

class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(6, 3)

    def forward(self, inputs):
        import random
        import numpy as np

        return self.body(inputs) + random.random() + np.random.rand() + torch.rand(1)
"""
GROUPS = """

def param_groups(model):
    first = {"params": model[0].parameters(), "lr": 0.5, "weight_decay": 0.2}
    return [first, {"params": model[2].parameters(), "lr": 2.0}]
"""


def bare_loop(task: Task, spec: ProbeSpec) -> list[float]:
    """What anyone would write: SGD with Nesterov momentum and OneCycleLR, no help from the trainer."""
    torch.manual_seed(spec.seed)
    model = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 3))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.1, total_steps=spec.steps, cycle_momentum=False)
    losses = []
    for step, (inputs, targets) in enumerate(islice(task.train.forever(20, spec.seed), spec.steps), start=1):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(inputs), targets)
        loss.backward()
        optimizer.step()
        if step < spec.steps:
            scheduler.step()
        losses.append(loss.item())
    return losses


def test_equals_a_bare_loop(load: Load, spec: Make) -> None:
    task = load()
    trace = run_probe(task, spec())
    assert trace.status == "finished"
    assert trace.train_loss == pytest.approx(bare_loop(task, spec()), rel=1e-6)
    assert trace.step == tuple(range(1, 41))
    assert (trace.train_examples, trace.eval_examples) == (800, 80)
    assert trace.eval_step == (20, 40)


def test_evaluation_leaves_no_mark_on_the_training(load: Load, spec: Make) -> None:
    task = load(DROPOUT)
    often = run_probe(task, spec(eval_steps=tuple(range(1, 41)), eval_train=True))
    assert often.train_loss == run_probe(task, spec(eval_steps=(40,))).train_loss
    assert len(often.val_loss) == 40
    assert math.isfinite(often.train_eval_loss)


@pytest.mark.parametrize("more", ["", DROPOUT, NOISY], ids=["plain", "dropout", "all three generators"])
def test_a_seed_decides_everything(more: str, load: Load, spec: Make) -> None:
    task = load(more)
    first = run_probe(task, spec())
    torch.rand(7), np.random.rand(7), random.random()
    again = run_probe(task, spec())
    other = run_probe(task, spec(seed=4))
    assert (again.train_loss, again.val_loss, again.grad_norm) == (first.train_loss, first.val_loss, first.grad_norm)
    assert other.train_loss != first.train_loss


def test_arms_with_one_seed_are_paired(load: Load, spec: Make) -> None:
    task = load(DROPOUT)
    slow = run_probe(task, spec(optimizer={"name": "SGD", "lr": 1e-4}, schedule=None))
    fast = run_probe(task, spec(optimizer={"name": "AdamW", "lr": 0.1}, schedule=None))
    assert slow.train_loss[0] == fast.train_loss[0]
    assert slow.weight_norm[0] == fast.weight_norm[0]
    assert slow.train_loss[-1] != fast.train_loss[-1]


def test_evaluation_puts_random_state_and_mode_back(load: Load) -> None:
    task = load(NOISY + "\nloss = lambda outputs, targets: nn.functional.cross_entropy(outputs, targets)\n")
    model = task.fresh_model(0)
    model.train()
    model.body.eval()
    random.seed(1), np.random.seed(1), torch.manual_seed(1)
    expected = random.random(), np.random.rand(), torch.rand(1).item()
    random.seed(1), np.random.seed(1), torch.manual_seed(1)
    first = evaluate(task, model, task.val, 40, 20)
    assert (random.random(), np.random.rand(), torch.rand(1).item()) == expected
    assert (model.training, model.body.training) == (True, False)
    assert evaluate(task, model, task.val, 40, 20) == first


def test_mode_is_put_back_when_evaluation_fails(load: Load) -> None:
    task = load("\n\ndef loss(outputs, targets):\n    raise RuntimeError('no')\n")
    model = task.fresh_model(0).train()
    with pytest.raises(RuntimeError, match="no"):
        evaluate(task, model, task.val, 40, 20)
    assert all(module.training for module in model.modules())


def test_validation_is_the_mean_over_examples_in_evaluation_mode(load: Load, spec: Make) -> None:
    task = load(DROPOUT)
    training = Training(task, spec(steps=8, eval_steps=(8,)))
    training.run()
    inputs, targets = task.val.take(range(40))
    training.model.eval()
    with torch.no_grad():
        outputs = training.model(inputs)
    seen = evaluate(task, training.model, task.val, 40, 20)
    assert seen.loss == pytest.approx(nn.functional.cross_entropy(outputs, targets).item(), rel=1e-5)
    assert seen.metric == pytest.approx((outputs.argmax(1) == targets).float().mean().item())
    assert seen.examples == 40


def test_momentum_falls_while_the_rate_rises(load: Load, spec: Make) -> None:
    cycled = {"name": "OneCycleLR", "max_lr": 0.1, "base_momentum": 0.85, "max_momentum": 0.95, "pct_start": 0.5}
    trace = run_probe(load(), spec(schedule=cycled))
    top = trace.lr.index(max(trace.lr))
    assert max(trace.lr) == pytest.approx(0.1)
    assert trace.momentum[0] == pytest.approx(0.95)
    assert trace.momentum[top] == min(trace.momentum) == pytest.approx(0.85)
    assert trace.momentum[-1] == pytest.approx(0.95)
    assert 0 < top < len(trace.lr) - 1


def test_first_beta_is_cycled_and_recorded(load: Load, spec: Make) -> None:
    cycled = {"name": "OneCycleLR", "max_lr": 0.01, "base_momentum": 0.85, "max_momentum": 0.95}
    trace = run_probe(load(), spec(optimizer={"name": "AdamW", "lr": 0.01}, schedule=cycled))
    assert (min(trace.momentum), max(trace.momentum)) == (pytest.approx(0.85), pytest.approx(0.95))


def test_no_momentum_is_recorded_where_there_is_none(load: Load, spec: Make) -> None:
    trace = run_probe(load(), spec(optimizer={"name": "Adagrad", "lr": 0.01}, schedule=None))
    assert trace.status == "finished"
    assert all(map(math.isnan, trace.momentum))


def test_the_range_test_ramps_exponentially(load: Load, spec: Make) -> None:
    ramp = {"name": "ExponentialRamp", "start_lr": 1e-4, "end_lr": 1e-1}
    trace = run_probe(load(), spec(kind="range", optimizer={"name": "SGD", "lr": 0.3}, schedule=ramp))
    assert trace.lr == pytest.approx(np.geomspace(1e-4, 1e-1, 40).tolist())


def test_clipping_bounds_the_step(load: Load, spec: Make) -> None:
    plain = {"optimizer": {"name": "SGD", "lr": 0.5}, "schedule": None}
    training = Training(load(), spec(clip_grad_norm=1e-3, **plain))
    before = [p.detach().clone() for p in training.params]
    training.step(1)
    moved = torch.sqrt(sum(((p.detach() - old) ** 2).sum() for p, old in zip(training.params, before, strict=True)))
    assert float(moved) == pytest.approx(0.5 * 1e-3, rel=1e-3)
    clipped = run_probe(load(), spec(clip_grad_norm=1e-3, **plain))
    free = run_probe(load(), spec(**plain))
    assert clipped.grad_norm[0] == pytest.approx(free.grad_norm[0])
    assert clipped.grad_norm[0] > 1e-2
    assert abs(clipped.train_loss[-1] - clipped.train_loss[0]) < abs(free.train_loss[-1] - free.train_loss[0])


@pytest.mark.parametrize("more", ["", "\n\ndef loss(o, t):\n    return ((o.sum(1) - t) ** 2).mean()\n"])
def test_divergence_is_a_status(more: str, load: Load, spec: Make) -> None:
    trace = run_probe(load(more), spec(optimizer={"name": "SGD", "lr": 1e6}, schedule=None))
    assert trace.status == "diverged"
    assert "loss" in trace.reason
    assert trace.final_val_loss == math.inf
    assert trace.train_examples < 800


def test_a_fault_in_the_users_code_is_a_status(load: Load, spec: Make) -> None:
    trace = run_probe(load("\n\ndef loss(outputs, targets):\n    raise RuntimeError('mine')\n"), spec())
    assert (trace.status, trace.reason) == ("failed", "RuntimeError: mine")


def test_mixed_precision_runs_and_rounds(load: Load, spec: Make) -> None:
    task = load()
    mixed, full = run_probe(task, spec(amp=True)), run_probe(task, spec())
    assert mixed.status == "finished"
    assert mixed.train_loss != full.train_loss
    assert mixed.train_loss[0] == pytest.approx(full.train_loss[0], rel=0.02)
    assert mixed.train_loss[-1] < mixed.train_loss[0]


def test_parameter_groups_keep_their_ratios(load: Load, spec: Make) -> None:
    training = Training(load(GROUPS), spec(optimizer={"name": "SGD", "lr": 0.1, "weight_decay": 1e-3}, schedule=None))
    groups = training.optimizer.param_groups
    assert [group["lr"] for group in groups] == pytest.approx([0.1, 0.4])
    assert [group["weight_decay"] for group in groups] == pytest.approx([1e-3, 1e-3])


def test_parameter_groups_keep_their_ratios_under_a_schedule(load: Load, spec: Make) -> None:
    training = Training(load(GROUPS), spec())
    for step in range(1, 41):
        training.step(step)
        first, second = training.optimizer.param_groups
        assert second["lr"] == pytest.approx(4 * first["lr"])


@pytest.mark.parametrize(
    ("keywords", "says"),
    [
        ({"name": "SGD", "lr": 0.1, "speed": 3}, "torch.optim.SGD takes.*speed"),
        ({"name": "SGD", "lr": 0.1, "nesterov": True}, "torch.optim.SGD takes.*[Nn]esterov"),
        ({"name": "Sgd", "lr": 0.1}, "torch.optim class.*'Sgd'"),
        ({"name": "LBFGS", "lr": 0.1}, "one gradient.*LBFGS"),
        ({"name": "AdamW", "lr": -0.1}, "torch.optim.AdamW takes.*learning rate"),
    ],
)
def test_optimizer_keywords_that_do_not_exist(keywords: dict[str, object], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        build_optimizer([nn.Parameter(torch.ones(1))], keywords)


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "NAdam", "RAdam", "RMSprop", "Adagrad", "Adadelta"])
def test_any_optimizer_by_its_keywords(name: str, load: Load, spec: Make) -> None:
    trace = run_probe(load(), spec(optimizer={"name": name, "lr": 1.0 if name == "Adadelta" else 0.01}, schedule=None))
    assert trace.status == "finished"
    assert trace.train_loss[-1] < trace.train_loss[0]


@pytest.mark.parametrize(
    "schedule",
    [
        {"name": "CosineAnnealingLR"},
        {"name": "CyclicLR", "base_lr": 0.02, "max_lr": 0.1, "cycle_momentum": False},
        {"name": "StepLR", "step_size": 10},
        {"name": "ExponentialLR", "gamma": 0.9},
    ],
)
def test_any_schedule_by_its_keywords(schedule: dict[str, object], load: Load, spec: Make) -> None:
    trace = run_probe(load(), spec(schedule=schedule))
    assert trace.status == "finished"
    assert len(set(trace.lr)) > 3
    assert 0 <= min(trace.lr) <= max(trace.lr) <= 0.1 + 1e-9


def test_weights_at_the_start_are_fresh_for_every_probe(load: Load, spec: Make) -> None:
    task = load("\n_net = model()\nmodel = _net\n")
    before = [p.detach().clone() for p in task.factory.parameters()]
    assert run_probe(task, spec()).train_loss == run_probe(task, spec()).train_loss
    assert all(torch.equal(p, old) for p, old in zip(task.factory.parameters(), before, strict=True))
