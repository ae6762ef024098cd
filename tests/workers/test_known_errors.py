"""Errors of PyTorch, raised for real, and what is said to do about them."""

import pytest
import torch
from torch import nn

from advisor.workers.handler import failure


def carried_state():
    rnn, hidden = nn.RNN(2, 3), None
    for _ in range(2):
        out, hidden = rnn(torch.randn(4, 1, 2), hidden)
        out.sum().backward()


def changed_in_place():
    x = nn.Linear(2, 2)(torch.randn(3, 2)).exp()
    x += 1
    x.sum().backward()


def cut():
    nn.Linear(2, 2)(torch.randn(3, 2)).argmax(1).float().sum().backward()


def beyond_the_embedding():
    nn.Embedding(4, 2)(torch.tensor([4]))


def one_example():
    nn.BatchNorm1d(3)(torch.randn(1, 3))


@pytest.mark.parametrize(
    ("task", "said"),
    [
        (carried_state, "hidden.detach()"),
        (changed_in_place, "in place"),
        (cut, "argmax"),
        (beyond_the_embedding, "embedding"),
        (one_example, "drop_last"),
        (lambda: torch.zeros(2) + torch.zeros(3), "--debug"),
    ],
)
def test_what_to_do_is_said(task, said):
    with pytest.raises((RuntimeError, IndexError, ValueError)) as raised:
        task()
    assert said in failure(raised.value).do
