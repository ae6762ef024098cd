"""Predictions read after training: shares, spread, and correct ones if classes are renamed."""

import math

import pytest
import torch

from advisor.training.answers import _read

LABELS = torch.arange(60) % 3
SCORES = torch.nn.functional.one_hot(LABELS, 3).float()


@pytest.mark.parametrize(
    ("targets", "renamed"),
    [(LABELS, (1.0, 1.0)), ((LABELS + 1) % 3, (0.0, 1.0)), (torch.zeros_like(LABELS), (1 / 3, 1 / 3))],
)
def test_correct_predictions_and_those_after_renaming(targets, renamed):
    found = _read(SCORES, targets, True)
    assert found.renamed == pytest.approx(renamed) and found.shares == pytest.approx((1 / 3,) * 3)


def test_no_classes_no_names():
    assert _read(SCORES, LABELS, False).renamed == ()
    real = _read(torch.tensor([[0.0], [1.0]]), torch.tensor([[0.5], [2.5]]), True)
    assert real.renamed == () and real.spread == pytest.approx(0.5)
    assert math.isnan(_read(torch.tensor([-1.0, 1.0]), torch.tensor([0.0, 1.0]), True).spread)
