"""Parts of the data that copies train on."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.data import DataLoader, Dataset, IterableDataset, WeightedRandomSampler

from advisor.task.data.data import make_data
from advisor.task.data.part import part_of

CPU = torch.device("cpu")
RANDOM = torch.Generator().manual_seed(0)
INPUTS = torch.randn(600, 3, generator=RANDOM)
TARGETS = (torch.rand(600, generator=RANDOM) < 0.05).long() + 2 * (torch.arange(600) % 3 == 0).long()


class Listed(Dataset):
    """A Dataset that lists its labels."""

    targets = TARGETS.tolist()

    def __len__(self):
        return len(INPUTS)

    def __getitem__(self, index):
        return INPUTS[index], TARGETS[index]


class Stream(IterableDataset):
    """Numbered examples in their order."""

    def __iter__(self):
        return iter((torch.tensor([float(i)]), torch.tensor(i)) for i in range(300))


@given(share=st.floats(0.02, 0.9), seed=st.integers(0, 5))
@settings(max_examples=25, deadline=None)
def test_every_class_keeps_its_share(share, seed):
    data = make_data((INPUTS, TARGETS), "train_data", CPU)
    part = part_of(data, share, seed)
    assert abs(part.size - share * data.size) <= 1
    whole, kept = TARGETS.bincount(), part.tensors[1].bincount(minlength=len(TARGETS.bincount()))
    assert (kept >= 1).all() or part.size < len(whole)
    assert ((kept - share * whole).abs() <= 1.5).all()


def test_the_same_seed_gives_the_same_part_and_another_seed_another():
    data = make_data((INPUTS, TARGETS), "train_data", CPU)
    again = make_data((INPUTS, TARGETS), "train_data", CPU)
    assert torch.equal(part_of(data, 0.1, 3).tensors[0], part_of(again, 0.1, 3).tensors[0])
    assert not torch.equal(part_of(data, 0.1, 3).tensors[0], part_of(data, 0.1, 4).tensors[0])
    assert part_of(data, 1.0, 3) is data


def test_labels_that_a_dataset_lists_are_used_and_rows_stay_together():
    part = part_of(make_data(Listed(), "train_data", CPU), 0.1, 0)
    rows = [part.dataset[i] for i in range(part.size)]
    assert (
        torch.stack([y for _, y in rows]).bincount().tolist()
        == part_of(make_data((INPUTS, TARGETS), "train_data", CPU), 0.1, 0).tensors[1].bincount().tolist()
    )
    assert all((x == INPUTS).all(1).nonzero().numel() == 1 for x, _ in rows)


def test_a_sampler_still_draws_what_is_left():
    loader = DataLoader(Listed(), batch_size=10, sampler=WeightedRandomSampler(torch.ones(600), 600))
    data = make_data(loader, "train_data", CPU)
    part = part_of(data, 0.2, 0)
    batches = part.forever(10, 0)
    drawn = torch.cat([next(batches)[0] for _ in range(20)])
    assert len(drawn.unique(dim=0)) <= 120


def test_a_part_of_a_stream_is_its_beginning():
    part = part_of(make_data(Stream(), "train_data", CPU), 0.1, 0)
    batches = part.forever(10, 0)
    seen = torch.cat([next(batches)[1] for _ in range(6)])
    assert part.size == 30
    assert seen.max() < 30 and len(seen.unique()) == 30


def test_targets_of_a_regression_are_not_taken_for_classes():
    part = part_of(make_data((INPUTS, INPUTS[:, 0]), "train_data", CPU), 0.25, 0)
    assert part.size == 150
