"""Every accepted form of data behaves alike."""

from collections import UserDict
from collections.abc import Callable
from itertools import islice
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, Dataset, Subset, TensorDataset, default_collate

from advisor.errors import ContractError
from advisor.task.data.batches import move, tensors_in
from advisor.task.data.data import Data, hold_out, make_data
from advisor.task.data.datasets import DatasetData
from advisor.training.accumulation import split

CPU = torch.device("cpu")
X, Y = torch.arange(60.0).reshape(30, 2), torch.arange(30) % 3


class Pairs(Dataset[Any]):
    def __len__(self) -> int:
        return 30

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        assert isinstance(index, int)
        return X[index], int(Y[index])


def doubled(items: list[Any]) -> tuple[torch.Tensor, torch.Tensor]:
    return 2 * torch.stack([x for x, _ in items]), torch.tensor([y for _, y in items])


FORMS: dict[str, Callable[[], Any]] = {
    "tensors": lambda: (X, Y),
    "a list of two tensors": lambda: [X, Y],
    "arrays": lambda: (X.numpy(), Y.numpy()),
    "float64 arrays": lambda: (X.numpy().astype(np.float64), Y.numpy()),
    "float64 tensors": lambda: (X.double(), Y),
    "TensorDataset": lambda: TensorDataset(X, Y),
    "Dataset": Pairs,
    "Subset": lambda: Subset(Pairs(), range(30)),
    "Subset of tensors": lambda: Subset(TensorDataset(torch.cat([X, X]), torch.cat([Y, Y])), range(30)),
    "DataLoader of a Subset": lambda: DataLoader(Subset(TensorDataset(X.flip(0), Y.flip(0)), range(29, -1, -1)), 7),
    "a list of examples": lambda: [(X[i], int(Y[i])) for i in range(30)],
    "DataLoader of tensors": lambda: DataLoader(TensorDataset(X, Y), 7, shuffle=True),
    "DataLoader of a Dataset": lambda: DataLoader(Pairs(), 7),
    "DataLoader with workers": lambda: DataLoader(Pairs(), 7, num_workers=1),
}


@pytest.fixture(params=FORMS)
def data(request: pytest.FixtureRequest) -> Data:
    return make_data(FORMS[request.param](), "train_data", CPU)


def test_a_batch_of_chosen_examples(data: Data) -> None:
    inputs, targets = data.take([3, 0, 29])
    assert torch.equal(inputs, X[[3, 0, 29]])
    assert inputs.dtype == torch.float32
    assert targets.tolist() == [0, 0, 2]
    assert targets.dtype == torch.int64


def test_an_epoch_sees_everything_once_and_the_order_follows_the_seed(data: Data) -> None:
    def seen(seed: int) -> list[list[float]]:
        return [batch[0][:, 0].tolist() for batch in islice(data.forever(7, seed), 8)]

    first, again, other = seen(0), seen(0), seen(1)
    assert first == again != other
    assert all(len(batch) == 7 for batch in first)
    for epoch in (first[:4], first[4:]):
        assert len({value for batch in epoch for value in batch}) == 28
    assert first[:4] != first[4:]


def test_a_subset_is_fixed_and_in_chunks(data: Data) -> None:
    batches = list(data.subset_batches(10, 4))
    assert [count for _, count in batches] == [4, 4, 2]
    values = [value for batch, _ in batches for value in batch[0][:, 0].tolist()]
    assert len(set(values)) == 10
    assert values == [value for batch, _ in data.subset_batches(10, 4) for value in batch[0][:, 0].tolist()]
    assert sum(count for _, count in data.subset_batches(30, 8)) == 30


def test_a_tenth_is_held_out(data: Data) -> None:
    val, train = hold_out(data)
    assert (val.size, train.size) == (3, 27)
    parts = [set(part.take(range(part.size))[0][:, 0].tolist()) for part in (val, train)]
    assert parts[0].isdisjoint(parts[1])
    assert parts[0] | parts[1] == set(X[:, 0].tolist())
    again = hold_out(data)[0]
    assert set(again.take(range(3))[0][:, 0].tolist()) == parts[0]


def test_more_than_the_data_is_one_whole_batch(data: Data) -> None:
    assert [len(batch[0]) for batch in islice(data.forever(1000, 0), 2)] == [30, 30]


@pytest.mark.parametrize(
    ("loader", "shuffled"),
    [
        (DataLoader(Pairs(), 6, shuffle=True), True),
        (DataLoader(Pairs(), 6), False),
        (DataLoader(Pairs(), 6, sampler=list(range(30))), None),
    ],
)
def test_what_a_loader_tells(loader: DataLoader[Any], shuffled: bool | None) -> None:
    data = make_data(loader, "train_data", CPU)
    assert (data.batch_size, data.shuffled) == (6, shuffled)


def test_the_users_collate_function_is_used() -> None:
    data = make_data(DataLoader(Pairs(), 6, collate_fn=doubled), "train_data", CPU)
    assert torch.equal(data.take([1])[0], 2 * X[[1]])
    assert torch.equal(next(data.forever(30, 0))[0].sum(), 2 * X.sum())
    val, _ = hold_out(data)
    assert torch.equal(val.take([0])[0] % 4, torch.tensor([[0.0, 2.0]]))


def test_a_collate_function_over_tensors_is_used_too() -> None:
    data = make_data(DataLoader(TensorDataset(X, Y), 6, collate_fn=doubled), "train_data", CPU)
    assert torch.equal(data.take([1])[0], 2 * X[[1]])


def test_three_tensors_are_two_inputs_and_targets() -> None:
    data = make_data((X, X + 1, Y), "train_data", CPU)
    first, second, targets = data.take([5])
    assert torch.equal(second, first + 1)
    assert targets.tolist() == [2]


def test_integers_and_bools_keep_their_type() -> None:
    data = make_data((np.arange(6, dtype=np.int32), np.array([True, False] * 3)), "train_data", CPU)
    assert [tensor.dtype for tensor in data.take([0])] == [torch.int32, torch.bool]


@pytest.mark.parametrize("bad", ["text", 3, {"x": 1}, object(), None, (X,)[0].sum()])
def test_other_things_are_refused(bad: Any) -> None:
    with pytest.raises(ContractError, match="val_data as a Dataset"):
        make_data(bad, "val_data", CPU)


@pytest.mark.parametrize("empty", [[], (X[:0], Y[:0]), TensorDataset(X[:0]), Subset(Pairs(), [])])
def test_no_examples(empty: Any) -> None:
    with pytest.raises(ContractError, match="train_data with examples in it"):
        make_data(empty, "train_data", CPU)


def test_lengths_that_differ() -> None:
    with pytest.raises(ContractError, match="as many inputs as targets") as caught:
        make_data((X, Y[:-1]), "train_data", CPU)
    assert "[30, 29]" in caught.value.found


def test_one_example_cannot_be_split() -> None:
    with pytest.raises(ContractError, match="at least 2"):
        hold_out(make_data((X[:1], Y[:1]), "train_data", CPU))
    val, train = hold_out(make_data((X[:2], Y[:2]), "train_data", CPU))
    assert (val.size, train.size) == (1, 1)


def test_nested_batches_are_walked_and_moved() -> None:
    batch = {"a": X, "b": [Y, (X, "text")], "c": 3}
    assert len(list(tensors_in(batch))) == 3
    moved = move(batch, torch.device("meta"))
    assert all(tensor.device.type == "meta" for tensor in tensors_in(moved))
    assert (moved["c"], moved["b"][1][1], type(moved["b"][1])) == (3, "text", tuple)


class Noisy(TensorDataset):
    """Hands out something else than its tensors hold."""

    def __getitem__(self, index: int) -> tuple[torch.Tensor, ...]:
        x, y = super().__getitem__(index)
        return x + 1, y


def test_a_dataset_that_changes_its_tensors_is_asked_for_each_example() -> None:
    for value in (Noisy(X, Y), Subset(Noisy(X, Y), range(30)), DataLoader(Noisy(X, Y), 7)):
        inputs, _ = make_data(value, "train_data", CPU).take([2])
        assert torch.equal(inputs, X[[2]] + 1)


def test_a_subset_of_tensors_gives_the_batches_that_its_loader_would() -> None:
    subset = Subset(TensorDataset(X, Y), [4, 8, 15, 16, 23])
    asked = make_data(DataLoader(subset, 2, collate_fn=lambda items: default_collate(items)), "train_data", CPU)
    gathered = make_data(DataLoader(subset, 2), "train_data", CPU)
    pairs = zip(islice(asked.forever(2, 5), 7), islice(gathered.forever(2, 5), 7), strict=True)
    assert all(torch.equal(a[0], b[0]) and torch.equal(a[1], b[1]) for a, b in pairs)


def test_how_many_batches_are_gathered_at_once_changes_none_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    data = make_data((X, Y), "train_data", CPU)
    few = [[part.clone() for part in batch] for batch in islice(data.forever(4, 1), 15)]
    monkeypatch.setattr("advisor.task.data.tensors._GATHERED_BYTES", {"cpu": 1})
    single = list(islice(data.forever(4, 1), 15))
    assert all(
        torch.equal(a, b) for left, right in zip(few, single, strict=True) for a, b in zip(left, right, strict=True)
    )


def test_the_memory_format_of_the_data_is_kept() -> None:
    images = torch.randn(30, 3, 4, 4).to(memory_format=torch.channels_last)
    data = make_data((images, Y), "train_data", CPU)
    batch = next(data.forever(8, 0))[0]
    assert batch.is_contiguous(memory_format=torch.channels_last)


def test_an_epoch_is_not_gone_through_before_its_first_batch() -> None:
    data = make_data(Pairs(), "train_data", CPU)
    assert isinstance(data, DatasetData)
    unread = data.run([torch.tensor([4]), None], True)  # type: ignore[list-item]
    assert next(unread)[1].tolist() == [1]


class Held:
    """A batch as an object, as torch_geometric's and torchtext's are."""

    def __init__(self, inputs: torch.Tensor, targets: torch.Tensor) -> None:
        self.inputs, self.targets, self.note = inputs, targets, "kept"

    def to(self, device: torch.device) -> "Held":
        return self


class Hidden:
    """A batch that gives its tensors out and keeps them where nobody looks."""

    __slots__ = ("__dict__", "_held")

    def __init__(self, inputs: torch.Tensor) -> None:
        self._held = {"inputs": inputs}

    def keys(self) -> list[str]:
        return list(self._held)

    def __getattr__(self, name: str) -> torch.Tensor:
        return self._held[name]


@pytest.mark.parametrize(
    "batch",
    [(X, Y), {"x": X, "y": [Y]}, UserDict(x=X, y=Y), Held(X, Y)],
    ids=["tuple", "dict", "mapping", "object"],
)
def test_batches_are_cut_into_parts_that_are_smaller(batch: Any) -> None:
    parts = split(batch, 20)
    assert parts is not None
    assert [share for _, share in parts] == [pytest.approx(2 / 3), pytest.approx(1 / 3)]
    assert [type(part) for part, _ in parts] == [type(batch)] * 2
    for which, whole in enumerate((X, Y)):
        assert torch.equal(torch.cat([list(tensors_in(part))[which] for part, _ in parts]), whole)


def test_a_batch_that_cannot_be_cut_is_left_whole() -> None:
    assert [len(tensor) for tensor in tensors_in(Hidden(X))] == [30]
    assert split(Hidden(X), 15) is None
