"""The gradient noise scale against the one from the gradient of every single example."""

import math

import pytest
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.func import functional_call, grad, vmap

from advisor.probes.grad_noise import GradientNoise, noise_scale, shared_epochs

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
