"""Which losses take outputs for scores of classes, and which numbers they leave out."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from advisor.task.step.class_scores import leaves_out, scores_classes

SCORES = torch.randn(32, 4, generator=torch.Generator().manual_seed(0))
LABELS = torch.arange(32) % 4


def thresholds(scores, grades):
    return F.binary_cross_entropy_with_logits(scores, (grades[:, None] > torch.arange(4)).float())


def quantiles(scores, counts):
    miss = counts[:, None] - scores
    shares = torch.tensor([0.1, 0.4, 0.6, 0.9])
    return torch.maximum(shares * miss, (shares - 1) * miss).mean()


def pairs(embedded, labels):
    apart = torch.cdist(embedded, embedded)
    same = labels[:, None] == labels
    return torch.where(same, apart, (1 - apart).clamp_min(0)).mean()


def focal(scores, labels):
    share = scores.softmax(1).gather(1, labels[:, None])
    return -((1 - share) ** 2 * share.log()).mean()


@pytest.mark.parametrize(
    ("loss", "scored"),
    [
        (nn.CrossEntropyLoss(), True),
        (nn.CrossEntropyLoss(label_smoothing=0.3, weight=torch.tensor([1.0, 9.0, 1.0, 0.1])), True),
        (nn.NLLLoss(), True),
        (lambda p, y: -p.gather(1, y[:, None]).clamp_min(1e-9).log().mean(), True),
        (focal, True),
        (nn.MultiMarginLoss(), True),
        (lambda s, y: F.mse_loss(s, F.one_hot(y, 4).float()), True),
        (thresholds, False),
        (quantiles, False),
        (pairs, False),
    ],
)
def test_scores_of_classes(loss, scored):
    assert scores_classes(loss, SCORES, LABELS) == scored


def test_pictures_with_a_class_for_each_place():
    scores, labels = torch.randn(2, 3, 5, 5), torch.randint(3, (2, 5, 5))
    assert scores_classes(nn.CrossEntropyLoss(), scores, labels)
    assert leaves_out(nn.CrossEntropyLoss(ignore_index=255), scores, labels, 255)


@pytest.mark.parametrize(("number", "left_out"), [(255, True), (-1, False), (7, False)])
def test_numbers_that_are_left_out(number, left_out):
    assert leaves_out(nn.CrossEntropyLoss(ignore_index=255), SCORES, LABELS, number) == left_out


def test_a_loss_that_cannot_be_asked_is_believed():
    def broken(scores, labels):
        raise ValueError

    assert scores_classes(broken, SCORES, LABELS) and not leaves_out(broken, SCORES, LABELS, 9)


ORDERED = """
def loss(scores, grades):
    bits = (grades[:, None] > torch.arange(3)).float()
    return nn.functional.binary_cross_entropy_with_logits(scores, bits)
"""


@pytest.mark.parametrize(
    ("loss", "scored", "kind"),
    [(ORDERED, False, "other"), ("loss = nn.CrossEntropyLoss(ignore_index=3)", True, "classes")],
)
def test_ordered_grades_and_other_fillers_are_no_broken_contract(load, loss, scored, kind):
    four = "x, y = torch.randn(80, 4), torch.arange(80) % 4\ntrain_data = (x, y)\n"
    task, shapes = load(loss, data=four)
    assert task.way.scored == scored and shapes.targets == kind and (task.metric is not None) == scored
