"""Parts of a script that its first loss does not show: captured, or reported in one sentence."""

import pytest
from torch import nn

from advisor.capture.events import Seen
from advisor.capture.model import trained
from advisor.errors import ContractError
from advisor.task.task import copied
from tests.capture import scripts, uncarried_scripts
from tests.capture.test_scripts import captured, loaded

pytestmark = pytest.mark.usefixtures("warm")


def test_what_probes_leave_out_is_said(tmp_path):
    current, said = captured(tmp_path, uncarried_scripts.UNSEEN)
    assert "first loss: 2.3" in said or "first loss: 2.4" in said  # Not 65,536 times as much.
    for sentence in (
        "the optimizer's eps 0.0001 stands in no setting: probes keep it",
        "changes gradients between backward() and the optimizer's step",
        "changes weights between two steps of its optimizer",
        "weight_decay of the optimizer moves from its first value 0",
        "650 weights are trained at first, 640 later",
        "the loss reads beta, which moves from 0 to 0.75; in probes it stays 0",
        "`ema.update(...)`: the averaged weights that it keeps are no part of probes",
        "loss: the training_step of the file",  # A term that is zero at first is part of it.
    ):
        assert sentence in said
    assert "frozen" not in said
    assert current["optimizer"].get("weight_decay", 0.0) == 0.0


@pytest.mark.parametrize("script", ["PLAIN", "WHOLE", "SCHEDULED", "KEPT"])
def test_nothing_is_said_of_ordinary_loops(tmp_path, script):
    _, said = captured(tmp_path, getattr(scripts, script))
    for word in ("changes", "the loss reads", "moves from", "averaged", "trained at first", "stands in no setting"):
        assert word not in said


def test_a_loader_beside_the_own_one(tmp_path):
    current, said = captured(tmp_path, uncarried_scripts.BESIDE)
    assert current["epochs"] == 5
    assert "also takes a batch of the loader labelled: it goes on through all of its data" in said


def test_batches_that_are_drawn_ahead_are_validated_on_held_out_data(tmp_path):
    current, said = captured(tmp_path, uncarried_scripts.AHEAD)
    assert "validation: the same with 'val' where the loop says 'train'" in said
    assert "60 steps of 2" in said  # Two parts of a step, each a batch.
    assert "the rows of" not in said
    assert current["optimizer"]["lr"] == 0.01


def test_parts_of_a_batch_that_is_made_around_them(tmp_path):
    _, said = captured(
        tmp_path, uncarried_scripts.PARTS
    )  # To six digits, though the batch is drawn before the model is called.
    assert "50 steps of 2" in said and "each is drawn at random" in said and "cannot be told" in said
    assert "which the script replaces" not in said


def test_data_that_are_made_after_the_step_are_refused(tmp_path):
    path = tmp_path / "train.py"
    path.write_text(uncarried_scripts.AFTERWARDS)
    with pytest.raises(ContractError) as caught:
        loaded(path)
    assert "a loss on a, b, which the script replaces outside of the loop of its step" in caught.value.found


def test_phases_are_no_epochs_and_modules_stay_in_evaluation_mode(tmp_path):
    current, said = captured(tmp_path, uncarried_scripts.PHASES)
    assert current["epochs"] == 9
    assert "the loader val that" in said
    assert "1 modules (BatchNorm1d) stay in evaluation mode while the script trains: probes keep that" in said
    assert "the optimizer's alpha 0.9" in said


def test_a_module_in_evaluation_mode_stays_there_in_copies():
    net = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4))
    seen = Seen(modes=[(net, True), (net[0], True), (net[1], False)])
    seen.initial = {id(p): (p, p.detach().clone()) for p in net.parameters()}
    seen.roots = {id(net): net}
    copy = copied(trained(seen)[0]).train()
    assert [copy.training, copy[0].training, copy[1].training] == [True, True, False]
    assert copy[1].train.__self__ is copy[1]


@pytest.mark.parametrize(
    ("script", "epochs", "sentence"),
    [
        ("GROWING", 6, "trains on 100 examples at first, on 200 later: the first are taken"),
        ("SHUFFLED", 22, "every pass draws them anew, so that validation here is on examples that are trained on"),
        ("HELD_ROWS", 30, "validation: the rows of xte, yte"),
        ("ITERABLE", 7, "an IterableDataset that gives 400 examples per pass"),
    ],
)
def test_data_that_change_or_are_held_out_by_name(tmp_path, script, epochs, sentence):
    current, said = captured(tmp_path, getattr(uncarried_scripts, script))
    assert current["epochs"] == epochs
    assert sentence in said


def test_evaluation_between_steps_is_no_part_of_them_and_counted_steps_are_the_length(tmp_path):
    current, said = captured(tmp_path, uncarried_scripts.EVALUATES_OFTEN)
    assert "also takes a batch" not in said
    assert "validation: the loader test_loader" in said  # Not the training data that are evaluated as well.
    assert "40 steps of 32 are 4 epochs" in said and current["epochs"] == 4
