"""Preflight checks on models with one fault each, and on the same models repaired."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from advisor.probes.preflight.loss_watch import LossWatch
from advisor.probes.preflight.modules import NormWatch, frozen_head, half_weights, outside, strongest_dropout
from advisor.probes.preflight.origin import made_by, reach
from advisor.probes.preflight.splits import largest_column, window_overlap
from advisor.task.data.tensors import TensorData

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda x: x.relu().squeeze(1), "relu"),
        (lambda x: x.softmax(1).view(-1), "softmax"),
        (lambda x: torch.sigmoid(x).transpose(0, 1), "sigmoid"),
        (lambda x: x * 2, "mul"),
    ],
)
def test_what_made_a_tensor_is_read_through_changes_of_shape(change, name):
    assert made_by(change(nn.Linear(3, 1)(torch.randn(4, 3)))) == name


def test_reach_follows_the_operation():
    x = nn.Linear(3, 1)(torch.randn(4, 3))
    assert reach(x.tanh()) == (-1.0, 1.0) and reach(x) == (-math.inf, math.inf)


@pytest.mark.parametrize(
    ("outputs", "targets", "found"),
    [((6, 1), (6,), True), ((6,), (6, 1), True), ((6, 1), (6, 1), False), ((6, 3), (6, 1), False)],
)
def test_outputs_expanded_against_targets(outputs, targets, found):
    scores = torch.randn(outputs, requires_grad=True) * 1.0
    with LossWatch() as watch:
        (scores - torch.randn(targets)).square().mean()
    assert bool(watch.broadcasts) == found


@pytest.mark.parametrize(
    ("outputs", "targets", "found"),
    [
        (3, [0.0, 1.0, 2.0, 1.0], True),
        (3, [0.0, 1.0, 2.0, 4.0], False),
        (3, [0.0, 0.5, 2.0, 1.0], False),
        (1, [0.0, 1.0, 0.0, 1.0], False),
    ],
)
@pytest.mark.filterwarnings("ignore:Using a target size")
def test_class_numbers_that_meet_all_outputs(outputs, targets, found):
    scores = torch.randn(4, outputs, requires_grad=True) * 1.0
    with LossWatch() as watch:
        F.mse_loss(scores, torch.tensor(targets)[:, None])
    assert bool(watch.broadcasts) == found


def test_targets_of_losses_that_take_signs_are_noted():
    one, other, signs = torch.randn(4, 3), torch.randn(4, 3), torch.tensor([0.0, 1.0, 1.0, 0.0])
    with LossWatch() as watch:
        nn.CosineEmbeddingLoss()(one, other, signs)
        nn.MarginRankingLoss()(one[:, 0], other[:, 0], 2 * signs - 1)
    assert [(call.function, call.target_low) for call in watch.calls] == [
        ("cosine_embedding_loss", 0.0), ("margin_ranking_loss", -1.0),
    ]  # fmt: skip


def test_pairs_of_outputs_are_meant():
    scores = torch.randn(6, requires_grad=True) * 1.0
    with LossWatch() as watch:
        (scores[:, None] - scores).square().mean()
    assert not watch.broadcasts


def test_ctc_needs_a_frame_for_each_label_and_repeat():
    scores = torch.randn(3, 2, 4).log_softmax(2)
    with LossWatch() as watch:
        F.ctc_loss(scores, torch.tensor([[1, 1, 2], [1, 2, 3]]), torch.tensor([3, 3]), torch.tensor([3, 3]))
    assert watch.ctc_impossible == 0.5


def test_dropout_at_work_is_noticed():
    with LossWatch() as watch:
        F.dropout(torch.randn(3), 0.5, False)
        nn.Dropout(0.5).eval()(torch.randn(3))
    assert watch.dropouts == 0
    with watch:
        F.dropout(torch.randn(3))
    assert watch.dropouts == 1


@pytest.mark.parametrize(("factor", "apart"), [(1.0, False), (10.0, True)])
def test_a_norm_that_is_used_twice(factor, apart):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm = nn.BatchNorm1d(8)

        def forward(self, x):
            return self.norm(x) + self.norm(factor * x)

    net = Net()
    watch = NormWatch(net)
    net(torch.randn(64, 8))
    watch.close()
    (look,) = watch.looks()
    assert look.uses == 2 and (look.spread_apart > 0.7) == apart


class Listed(nn.Module):
    def __init__(self, kept):
        super().__init__()
        layers = [nn.Linear(4, 4), nn.Linear(4, 2)]
        self.layers = nn.ModuleList(layers) if kept else layers
        self.extra = nn.Linear(4, 4)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


@pytest.mark.parametrize(("kept", "names"), [(True, ()), (False, ("layers[0].weight", "layers[0].bias"))])
def test_weights_outside_parameters(kept, names):
    net = Listed(kept)
    found = outside(net, net(torch.randn(3, 4)).sum(), None)
    assert found[:2] == names


def test_inputs_with_a_gradient_are_no_weights():
    x = torch.randn(3, 4, requires_grad=True)
    net = Listed(kept=True)
    assert outside(net, net(x).sum(), nn.MSELoss()) == ()


def test_small_looks_at_modules():
    net = nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.9), nn.Linear(4, 2))
    assert strongest_dropout(net) == ("1", 0.9) and frozen_head(net, ["0", "2"]) == ""
    net[2].requires_grad_(False)
    assert frozen_head(net, ["0", "2"]) == "2" and half_weights(net) == 0.0
    assert half_weights(net[:1].half()) == 1.0


@pytest.mark.parametrize(("at_random", "low", "high"), [(True, 0.9, 1.0), (False, 0.0, 0.1)])
def test_overlapping_windows(at_random, low, high):
    walk = torch.cumsum(torch.randn(500, generator=torch.Generator().manual_seed(0)), 0)
    rows = walk.unfold(0, 16, 1)
    order = (
        torch.randperm(len(rows), generator=torch.Generator().manual_seed(0)) if at_random else torch.arange(len(rows))
    )
    train, val = rows[order[:380]], rows[order[400:]]
    share = window_overlap(TensorData((train, train), CPU, None, None), TensorData((val, val), CPU, None, None))
    assert low <= share <= high


def test_the_largest_column():
    rows = torch.randn(50, 4) * torch.tensor([1.0, 1.0, 500.0, 1.0])
    index, largest, typical = largest_column(rows)
    assert index == 2.0 and largest > 100 * typical
