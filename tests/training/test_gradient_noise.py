"""The gradient noise scale against the one from the gradient of every single example."""

import math
from dataclasses import replace

import pytest
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.func import functional_call, grad, vmap

from advisor.records.spec import ProbeSpec
from advisor.records.task import TaskSource
from advisor.task.load import load_task
from advisor.training.gradient_noise import GradientNoise, noise_scale, shared_epochs
from advisor.training.trainer import Training, run_probe
from advisor.workers.timeouts import Limits

BATCH = 32
PRE_STEPS = 60


@pytest.fixture(scope="module")
def digits():
    images, labels = load_digits(return_X_y=True)
    return torch.tensor(images, dtype=torch.float32) / 16, torch.tensor(labels)


def partly_trained(digits, seed):
    torch.manual_seed(seed)
    inputs, labels = digits
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(PRE_STEPS):
        index = torch.randint(0, len(labels), (64,))
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(inputs[index]), labels[index]).backward()
        optimizer.step()
    return model


def exact(model, digits):
    inputs, labels = digits
    params = {name: p.detach() for name, p in model.named_parameters()}

    def loss(params, x, y):
        return nn.functional.cross_entropy(functional_call(model, params, x[None]), y[None])

    each = vmap(grad(loss), in_dims=(None, 0, 0))(params, inputs, labels)
    flat = torch.cat([value.flatten(1) for value in each.values()], 1).double()
    mean = flat.mean(0)
    return float(((flat - mean) ** 2).sum() / (len(flat) - 1) / (mean @ mean))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_within_a_factor_of_one_and_a_half_of_the_per_example_gradients(digits, seed):
    inputs, labels = digits
    model = partly_trained(digits, seed)
    steps = 24 * 6
    noise = GradientNoise(list(model.parameters()), BATCH, steps, len(labels))
    order = torch.randperm(len(labels))
    for i, step in enumerate(range(noise.first, steps + 1)):
        index = order[i * BATCH : (i + 1) * BATCH]
        model.zero_grad()
        nn.functional.cross_entropy(model(inputs[index]), labels[index]).backward()
        noise.add(step)
    found, truth = noise.scale(), exact(model, digits)
    assert found is not None
    assert truth / 1.5 < found.value < truth * 1.5
    assert found.low < truth < found.high or math.isclose(found.value, truth, rel_tol=0.2)


@pytest.mark.parametrize("seed", [0, 1])
def test_a_probe_that_takes_gradients_after_its_last_step_agrees_with_single_examples(seed, tmp_path):
    path = tmp_path / "digits_task.py"
    path.write_text(
        "import torch\nfrom sklearn.datasets import load_digits\nfrom torch import nn\n"
        "images, labels = load_digits(return_X_y=True)\n"
        "train_data = torch.tensor(images[:1500], dtype=torch.float32) / 16, torch.tensor(labels[:1500])\n"
        "val_data = torch.tensor(images[1500:], dtype=torch.float32) / 16, torch.tensor(labels[1500:])\n"
        "def model(): return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))\n"
    )
    task = load_task(TaskSource(path=str(path), device="cpu"))
    ends = []

    def look(model, epoch, step):
        if step == 90:
            ends.append(exact(model, task.train.take(range(1500))))

    spec = ProbeSpec(
        "cycle", {"name": "SGD", "lr": 0.1, "momentum": 0.9}, {"name": "OneCycleLR", "max_lr": 0.1}, BATCH, 90, seed,
        (90,), 100, noise_examples=1500,
    )  # fmt: skip
    plain = run_probe(task, replace(spec, noise_examples=0))
    told = []
    trace = run_probe(replace(task, after_step=look), spec, lambda step, loss: told.append((step, loss)))
    gradients = (trace.train_examples - plain.train_examples) // BATCH
    assert [step for step, _ in told].count(90) == 1 + gradients // 10 > 1
    assert all(math.isfinite(loss) for _, loss in told)
    value, low, high = trace.noise_scale
    assert ends[0] / 1.5 < value < ends[0] * 1.5
    assert low < value < high
    assert trace.val_loss == plain.val_loss and plain.noise_scale == ()
    assert 90 * BATCH + 6 * BATCH <= trace.train_examples <= 90 * BATCH + 1500
    assert spec.key == replace(spec, noise_examples=0).key
    assert Training(task, replace(spec, grad_noise=True)).noise is None, "collected in vain"


def test_gradients_after_the_last_step_count_in_the_time_limit():
    spec = ProbeSpec("cycle", {"name": "SGD", "lr": 0.1}, None, 20, 100, 0, (100,), 20, noise_examples=2000)
    limits = Limits(step_seconds=10.0, batch_size=20)
    assert limits.probe(spec) == pytest.approx(201 / 101 * limits.probe(replace(spec, noise_examples=0)))


def test_scale_does_not_depend_on_the_unit_of_the_loss():
    squares, products = [5.0, 6.0, 4.0, 5.5, 6.5, 5.0], [1.0, 2.5, 2.0, 4.5, 4.0]
    first = noise_scale(squares, products, 16)
    second = noise_scale([1e6 * s for s in squares], [1e6 * p for p in products], 16)
    assert first is not None and second is not None
    assert math.isclose(first.value, second.value, rel_tol=1e-9)
    assert first.low < first.value < first.high


def test_no_common_direction_gives_no_upper_end():
    found = noise_scale([1.0] * 6, [0.3, -0.3, 0.2, -0.2, 0.0], 8)
    assert found is not None
    assert found.high == math.inf
    assert found.low > 0


def test_pairs_within_an_epoch_are_counted():
    assert shared_epochs(1, 4, 10) == 1.0
    assert shared_epochs(9, 12, 10) == pytest.approx(2 / 6)


def test_too_few_gradients_give_no_answer():
    assert GradientNoise([], 8, 12, 100).scale() is None
