"""Columns that hold the target, and padding that counts in the loss."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from advisor.probes.preflight.giveaways import telling_column
from advisor.probes.preflight.layers import LayerWatch
from advisor.probes.preflight.measure import preflight
from advisor.probes.preflight.modules import frozen_head
from advisor.probes.preflight.targets import are_predicted

TABLE = torch.randn(200, 5, generator=torch.Generator().manual_seed(0))
CLASSES = torch.arange(200) % 3
PADDED = """

_inside = torch.arange(12) < torch.randint(2, 7, (300, 1), generator=torch.Generator().manual_seed(0))
_words = torch.randint(1, 9, (300, 12), generator=torch.Generator().manual_seed(1)) * _inside
_tags = (1 + _words % 3) * _inside
train_data, val_data = (_words[:200], _tags[:200]), (_words[200:], _tags[200:])


def model():
    return nn.Sequential(nn.Embedding(9, 8), nn.Linear(8, 4))


def loss(scores, tags):
    return nn.functional.cross_entropy(scores.flatten(0, 1), tags.flatten(){more})
"""


@pytest.mark.parametrize(
    ("targets", "column"),
    [
        (3.0 - 2.0 * TABLE[:, 2], 2),
        (TABLE[:, 2:3], 2),
        (TABLE[:, 2] + 0.01 * TABLE[:, 3], -1),
        (TABLE[:, 2].square(), -1),
        (CLASSES, -1),
    ],
)
def test_a_column_that_is_the_target(targets, column):
    assert telling_column(TABLE, targets) == column


def test_columns_that_tell_the_classes():
    coded = torch.cat([TABLE, (7.0 - CLASSES)[:, None]], 1)
    assert telling_column(coded, CLASSES) == 5
    assert telling_column(torch.cat([TABLE, F.one_hot(CLASSES).float()], 1), CLASSES) == 5
    assert telling_column(torch.cat([TABLE, (CLASSES == 1).float()[:, None]], 1), CLASSES) == -1
    assert telling_column(torch.cat([TABLE, torch.zeros(200, 1)], 1), CLASSES) == -1
    assert telling_column(coded[:20], CLASSES[:20]) == -1 and telling_column(TABLE[:, :1], TABLE[:, 0]) == -1


@pytest.mark.parametrize(("more", "counted"), [("", True), (", ignore_index=0", False)])
def test_padding_in_the_loss(load, more, counted):
    looks = preflight(load(PADDED.replace("{more}", more)), 0).looks
    assert 0.4 < looks.padding < 0.8 and (looks.padding_counts > 0.2) == counted


def test_sequences_of_one_length_have_no_padding(load):
    full = PADDED.replace("{more}", "").replace("randint(2, 7, (300, 1)", "randint(12, 13, (300, 1)")
    assert math.isnan(preflight(load(full), 0).looks.padding)


def test_a_slow_copy_is_no_frozen_head():
    class Twins(nn.Module):
        def __init__(self, copied):
            super().__init__()
            self.body, self.slow = nn.Linear(4, 4), nn.Linear(4, 4).requires_grad_(False)
            self.copied = copied

        def forward(self, x):
            y = self.body(x)
            if not self.copied:
                return self.slow(y)
            with torch.no_grad():
                self.slow(x)
            return y

    for copied, name in ((True, ""), (False, "slow")):
        model = Twins(copied)
        watch = LayerWatch(model)
        model(torch.randn(8, 4))
        watch.close()
        assert frozen_head(model, [look.name for look in watch.looks() if look.carries]) == name


def test_what_tells_examples_apart_is_measured_after_each_layer():
    model = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3))
    nn.init.zeros_(model[2].weight)
    watch = LayerWatch(model)
    model(torch.randn(64, 6))
    watch.close()
    first, relu, last = watch.looks()
    assert first.varies > 0.1 and math.isnan(relu.varies) and math.isnan(last.varies)


@pytest.mark.parametrize(
    ("loss", "predicted"),
    [
        (F.mse_loss, True),
        (F.huber_loss, True),
        (F.binary_cross_entropy, True),
        (F.soft_margin_loss, True),
        (lambda out, y: F.hinge_embedding_loss(out, y, margin=2.0), False),
        (lambda out, y: (out - (y + 9).log()).square().mean(), False),
    ],
)
def test_targets_that_outputs_are_not_meant_to_equal(loss, predicted):
    out, targets = torch.rand(64, 1), torch.where(torch.arange(64) % 2 == 0, 1.0, -1.0)[:, None]
    try:
        initial = float(loss(out, targets))
    except RuntimeError:
        initial = math.nan
    assert are_predicted(loss, out, targets, initial) == predicted


def test_binary_targets_are_predicted_whatever_the_start():
    targets = (torch.arange(64) % 32 == 0).float()[:, None]
    assert are_predicted(F.binary_cross_entropy_with_logits, torch.zeros(64, 1), targets, 0.1)


READER = """

_rows = torch.randn(80, 10, 3, generator=torch.Generator().manual_seed(0))
train_data, val_data = (_rows[:60], _rows[:60, :, :1].sum(1)), (_rows[60:], _rows[60:, :, :1].sum(1))
loss = nn.MSELoss()


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn, self.head = nn.GRU(3, 8, batch_first=True, bidirectional={both}), nn.LazyLinear(1)
        self.rest, self.share = nn.Linear(3, {width}), nn.Parameter(torch.tensor({share}))

    def forward(self, rows):
        return self.head((self.share * self.rnn(rows)[0] + self.rest(rows)){read})
"""


@pytest.mark.parametrize(
    ("read", "both", "share", "unread"),
    [
        ("[:, 0]", False, 1.0, "later"),
        ("[:, -1]", False, 1.0, ""),
        (".mean(1)", False, 1.0, ""),
        ("[:, 0]", True, 1.0, ""),
        ("[:, -1]", False, 0.0, ""),
    ],
)
def test_a_half_of_the_sequence_that_is_not_read(load, read, both, share, unread):
    text = READER.replace("{both}", str(both)).replace("{read}", read).replace("{share}", str(share))
    text = text.replace("{width}", "16" if both else "8")
    assert preflight(load(text), 0).looks.unread == unread


def test_a_training_step_that_shows_no_outputs_is_looked_at_as_far_as_it_goes(load):
    step = "\n\ndef training_step(model, batch):\n    return nn.functional.cross_entropy(model(batch[0]), batch[1])\n"
    found = preflight(load(step), 0)
    assert found.target_look is None and found.looks.padding != found.looks.padding and not found.looks.unread


MADE = """

def model():
    return nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 3), {last})
"""


@pytest.mark.parametrize(("last", "name"), [("nn.Dropout(0.5)", "4"), ("nn.Dropout(0.0)", ""), ("nn.Identity()", "")])
def test_dropout_of_the_output_itself(load, last, name):
    assert preflight(load(MADE.replace("{last}", last)), 0).looks.dropout_last == name


TAGGER = """

_words = torch.randint(0, 9, (80, 7), generator=torch.Generator().manual_seed(0))
train_data, val_data = (_words[:60], _words[:60] % 4), (_words[60:], _words[60:] % 4)


def model():
    return nn.Sequential(nn.Embedding(9, 8), nn.Linear(8, 4))


def loss(scores, tags):
    b, t, c = scores.shape
    return nn.functional.cross_entropy({scores}, tags)
"""


@pytest.mark.parametrize(
    ("scores", "found"),
    [
        ("scores.view(b, c, t)", ((60, 7, 4), (60, 4, 7))),
        ("scores.reshape(b, c, t)", ((60, 7, 4), (60, 4, 7))),
        ("scores.transpose(1, 2)", ()),
        ("scores.permute(0, 2, 1).contiguous()", ()),
    ],
)
def test_scores_that_are_reshaped_where_they_should_be_turned(load, scores, found):
    assert preflight(load(TAGGER.replace("{scores}", scores)), 0).looks.scrambled == found
