"""Data without numbered examples, and loaders with samplers of their own."""

from collections.abc import Callable, Iterator
from itertools import count, islice
from typing import Any

import pytest
import torch
from torch.utils.data import DataLoader, IterableDataset, SubsetRandomSampler, TensorDataset, WeightedRandomSampler

from advisor.errors import ContractError
from advisor.task.data.data import hold_out, make_data
from advisor.task.data.streams import BatchData, StreamData
from advisor.task.task import Task

CPU = torch.device("cpu")
X, Y = torch.arange(60.0).reshape(30, 2), torch.arange(30) % 3


class Stream(IterableDataset[Any]):
    def __init__(self, end: int | None) -> None:
        self.end = end

    def __iter__(self) -> Iterator[Any]:
        numbers = count() if self.end is None else range(self.end)
        return ((torch.tensor([float(number)]), number % 3) for number in numbers)


def batches() -> Iterator[Any]:
    return ((X[i : i + 5], Y[i : i + 5]) for i in range(0, 30, 5))


def values(batch: Any) -> list[float]:
    return [float(value) for value in batch[0][:, 0]]


def test_a_stream_is_batched_anew() -> None:
    said: list[str] = []
    data = make_data(DataLoader(Stream(20), 4), "train_data", CPU, said)
    assert isinstance(data, StreamData)
    assert (data.size, data.batch_size, data.endless) == (20, 4, False)
    assert [values(batch) for batch in islice(data.forever(7, 0), 3)] == [
        [0, 1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12, 13], [0, 1, 2, 3, 4, 5, 6],
    ]  # fmt: skip
    assert "20 examples per pass" in said[0]


def test_the_beginning_of_a_stream_is_held_out() -> None:
    val, train = hold_out(make_data(Stream(20), "train_data", CPU))
    assert (val.size, train.size) == (2, 18)
    assert values(val.take(range(2))) == [0, 1]
    seen = [value for batch in islice(train.forever(6, 0), 6) for value in values(batch)]
    assert sorted(set(seen)) == list(map(float, range(2, 20)))


def test_a_stream_that_does_not_end() -> None:
    data = make_data(Stream(None), "train_data", CPU)
    assert isinstance(data, StreamData)
    assert data.endless
    data.epoch_of(40)
    assert data.size == 40
    assert [n for _, n in data.subset_batches(10, 4)] == [4, 4, 2]


def test_batches_as_they_come() -> None:
    data = make_data(batches, "train_data", CPU)
    assert isinstance(data, BatchData)
    assert (data.size, data.batch_size) == (6, 1)
    assert [values(batch)[0] for batch in islice(data.forever(1, 0), 7)] == [0, 10, 20, 30, 40, 50, 0]
    val, train = hold_out(data)
    assert (val.size, train.size) == (1, 5)
    assert values(next(iter(val.forever(1, 0))))[0] == 0
    assert values(next(iter(train.forever(1, 0))))[0] == 10


def test_what_can_be_gone_through_once_is_refused() -> None:
    with pytest.raises(ContractError, match="more than once"):
        make_data(batches(), "train_data", CPU)
    with pytest.raises(ContractError, match="examples in it"):
        make_data(Stream(0), "train_data", CPU)


def test_a_weighted_sampler_keeps_its_weights_and_the_users_generator() -> None:
    weights = [1.0 if label == 0 else 0.0 for label in Y.tolist()]
    own = torch.Generator().manual_seed(3)
    before = own.get_state()
    sampler = WeightedRandomSampler(weights, 40, generator=own)
    data = make_data(DataLoader(TensorDataset(X, Y), 8, sampler=sampler), "train_data", CPU)
    assert data.size == 40
    first, again, other = ([values(b) for b in islice(data.forever(8, seed), 5)] for seed in (0, 0, 1))
    assert first == again != other
    assert {float(y) for batch in islice(data.forever(8, 0), 10) for y in batch[1]} == {0.0}
    assert torch.equal(own.get_state(), before)
    val, train = hold_out(data)
    held = {value for batch, _ in val.subset_batches(3, 3) for value in values(batch)}
    drawn = {value for batch in islice(train.forever(8, 0), 20) for value in values(batch)}
    assert held.isdisjoint(drawn)


def test_an_epoch_that_draws_examples_many_times_stays_as_long_without_the_held_out_ones() -> None:
    rows = TensorDataset(torch.arange(50.0), torch.arange(50))
    loader = DataLoader(rows, 10, sampler=WeightedRandomSampler([1.0] * 50, 1000))
    val, train = hold_out(make_data(loader, "train_data", CPU))
    held = set(val.take(range(val.size))[1].tolist())
    assert len(held) == 5
    assert 850 < train.size < 950
    drawn = torch.cat([batch[1] for batch in islice(train.forever(10, 3), 80)])
    assert len(drawn) == 800
    assert not held & set(drawn.tolist())


def test_a_subset_sampler_is_its_subset() -> None:
    data = make_data(DataLoader(TensorDataset(X, Y), 4, sampler=SubsetRandomSampler(range(12))), "train_data", CPU)
    assert (data.size, data.shuffled) == (12, True)
    assert max(value for batch in islice(data.forever(4, 0), 3) for value in values(batch)) == 22.0


def test_steps_and_accumulation(load: Callable[..., tuple[Task, Any]]) -> None:
    task, _ = load("settings = {'batch_size': 5, 'accumulation_steps': 3, 'steps': 30}\n")
    config = task.current.config
    assert (config.batch_size, config.epochs, task.piece) == (15, 10, 5)


def test_accumulated_passes_are_one_large_one(load: Callable[..., tuple[Task, Any]]) -> None:
    from advisor.records.spec import ProbeSpec
    from advisor.training.trainer import run_probe

    spec = ProbeSpec("cycle", {"name": "SGD", "lr": 0.1}, None, 15, 6, 0, (6,), 5)
    whole, _ = load(
        "", data="torch.manual_seed(0)\nx, y = torch.randn(50, 4), torch.arange(50) % 3\ntrain_data = (x, y)\n"
    )
    pieces, _ = load(
        "settings = {'batch_size': 5, 'accumulation_steps': 3}\n", name="pieces.py",
        data="torch.manual_seed(0)\nx, y = torch.randn(50, 4), torch.arange(50) % 3\ntrain_data = (x, y)\n",
    )  # fmt: skip
    together, accumulated = run_probe(whole, spec), run_probe(pieces, spec)
    assert accumulated.train_loss == pytest.approx(together.train_loss, rel=1e-5)
    assert accumulated.train_examples == 90


def test_hooks_are_called_where_they_belong(load: Callable[..., tuple[Task, Any]]) -> None:
    from advisor.records.spec import ProbeSpec
    from advisor.training.trainer import run_probe

    task, _ = load(
        "seen = []\ndef before_epoch(epoch, model):\n    seen.append(('epoch', epoch, model.training))\n"
        "def after_step(step):\n    seen.append(('step', step))\n"
        "model.seen = seen\n"
    )
    run_probe(task, ProbeSpec("cycle", {"name": "SGD", "lr": 0.1}, None, 15, 4, 0, (4,), 5))
    assert task.factory.seen == [
        ("epoch", 0, True), ("step", 1), ("step", 2), ("step", 3), ("epoch", 1, True), ("step", 4),
    ]  # fmt: skip
    with pytest.raises(ContractError, match=r"found before_epoch\(loader\)"):
        load("def before_epoch(loader): ...\n")


def test_a_lazy_model_starts_the_same_under_one_seed(load: Callable[..., tuple[Task, Any]]) -> None:
    task, _ = load(model="model = lambda: nn.Sequential(nn.LazyLinear(8), nn.ReLU(), nn.LazyLinear(3))\n")
    first, again, other = (next(task.fresh_model(seed).parameters()) for seed in (0, 0, 1))
    assert first.shape == (8, 4)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
