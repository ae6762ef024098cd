"""What scripts give and data sets seldom do: batches without tensors, samplers without end, models with views."""

import torch
from torch import nn
from torch.distributions import SigmoidTransform, TransformedDistribution, Uniform
from torch.nn.utils import weight_norm
from torch.utils.data import DataLoader, RandomSampler, TensorDataset

from advisor.config.settings import Extent, read_settings
from advisor.records.task import TaskSource
from advisor.task.data.datasets import from_loader
from advisor.task.inspection import inspect_task
from advisor.task.load import load_task
from advisor.task.task import make_model

WORDS = """
import torch
from torch import nn
from torch.utils.data import DataLoader

words = [("ab" * (i % 3 + 1), "x" if i % 2 else "y") for i in range(64)]

def model():
    return nn.Linear(1, 2)

def training_step(model, batch):
    names, kinds = batch
    x = torch.tensor([[float(len(name))] for name in names])
    return nn.functional.cross_entropy(model(x), torch.tensor([0 if kind == "x" else 1 for kind in kinds]))

train_data = DataLoader(words, batch_size=16, shuffle=True)
settings = {"optimizer": "Adam", "lr": 0.01, "batch_size": 16, "epochs": 2}
"""


def test_batches_of_strings_can_be_trained_on(tmp_path):
    (tmp_path / "words_task.py").write_text(WORDS)
    task = load_task(TaskSource(str(tmp_path / "words_task.py")))
    shapes = inspect_task(task)
    assert shapes.inputs == ()
    assert shapes.loss > 0


def test_a_sampler_that_never_ends_counts_steps():
    data = TensorDataset(torch.randn(64, 8), torch.randint(0, 3, (64,)))
    endless = DataLoader(data, batch_size=16, sampler=RandomSampler(data, replacement=True, num_samples=10**10))
    found, said = from_loader(endless, torch.device("cpu"))
    assert found.size == 64
    assert "64 examples per epoch" in said
    settings = {"optimizer": "Adam", "lr": 0.01, "batch_size": 16, "steps": 400}
    current = read_settings(settings, {}, Extent(found.size, 16))
    assert current.config.epochs == 100


def test_a_model_that_keeps_computed_weights_can_be_copied():
    model = nn.Sequential(weight_norm(nn.Linear(4, 4)), nn.Linear(4, 1))
    model(torch.randn(2, 4)).sum().backward()
    copy = make_model(model)
    x = torch.randn(2, 4)
    assert torch.equal(copy(x), model(x))
    with torch.no_grad():
        copy[0].weight_g.mul_(2.0)
    assert not torch.equal(copy(x), model(x))


def test_a_model_with_an_inverted_transform_can_be_copied():
    model = nn.Linear(2, 2)
    base = Uniform(torch.zeros(2), torch.ones(2))
    model.prior = TransformedDistribution(base, SigmoidTransform().inv)
    x = torch.randn(3, 2)
    assert torch.equal(make_model(model).prior.log_prob(x), model.prior.log_prob(x))


def test_a_recurrent_model_of_computed_weights_can_be_copied():
    model = nn.LSTM(3, 4)
    raw = model.weight_hh_l0
    del model._parameters["weight_hh_l0"]
    model.register_parameter("raw", raw)
    object.__setattr__(model, "weight_hh_l0", raw * 0.5)
    model._flat_weights = [raw * 0.5 if weight is raw else weight for weight in model._flat_weights]
    assert torch.equal(make_model(model).raw, raw)
