"""A change of the data changes what identifies the task; the same data does not."""

import hashlib
from typing import Any

import pytest
import torch
from torch.utils.data import Dataset

from advisor.task.data.content import add_content
from advisor.task.data.data import make_data
from advisor.task.data.labels import all_targets


class Listed(Dataset[Any]):
    """Examples one by one, with or without noise."""

    def __init__(self, labels: list[int], noise: bool = False, named: bool = False) -> None:
        self.kept, self.noise = labels, noise
        if named:
            self.targets = labels

    def __len__(self) -> int:
        return len(self.kept)

    def __getitem__(self, index: int) -> Any:
        noise = torch.rand(3, generator=torch.Generator().manual_seed(int(torch.seed() % 2**31))) if self.noise else 0.0
        return torch.full((3,), index / 100) + noise, self.kept[index]


def content(value: Any) -> str:
    digest = hashlib.sha256()
    add_content(digest, make_data(value, "train_data", torch.device("cpu")))
    return digest.hexdigest()


def test_one_changed_number_is_noticed_in_tensors() -> None:
    inputs, labels = torch.arange(6000.0).view(2000, 3), torch.arange(2000) % 4
    changed = labels.clone()
    changed[1237] = 3 - changed[1237]
    assert content((inputs, labels)) == content((inputs.clone(), labels.clone()))
    assert content((inputs, labels)) != content((inputs, changed))


def test_other_examples_are_noticed_in_a_dataset() -> None:
    assert content(Listed([0, 1] * 50)) == content(Listed([0, 1] * 50))
    assert content(Listed([0, 1] * 50)) != content(Listed([1, 0] * 50))
    assert content(Listed([0, 1] * 50, noise=True)) == content(Listed([1, 0] * 50, noise=True))


@pytest.mark.parametrize("named", [True, False], ids=["its own list", "read one by one"])
def test_labels_beyond_the_first_batch_are_seen(named: bool) -> None:
    data = make_data(Listed([0, 1] * 100 + [9], named=named), "train_data", torch.device("cpu"))
    assert set(all_targets(data, torch.tensor([0, 1, 0])).tolist()) == {0, 1, 9}
    held_out, rest = data.split([200, 3], list(range(100)))
    assert 9 in all_targets(held_out, torch.tensor([9])).tolist()
    assert 9 not in all_targets(rest, torch.tensor([0])).tolist()


def test_a_list_that_is_something_else_is_not_believed() -> None:
    dataset = Listed([0, 1] * 100)
    dataset.targets = [5] * 200
    data = make_data(dataset, "train_data", torch.device("cpu"))
    assert set(all_targets(data, torch.tensor([0, 1])).tolist()) == {0, 1}
