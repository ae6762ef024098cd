"""Small real trainings, watched: what is said of sound and of broken ones, and that watching changes nothing."""

import copy
import json
import math
import time
import warnings

import msgspec
import pytest
import torch
from torch import nn

import advisor
from advisor.schema.files import read_watch


def test_a_sound_training(small, watched, codes, tmp_path):
    watch = small.train(watched(small.optimizer()), small.optimizer(), 300)
    report = read_watch(tmp_path / "watch")
    assert report == watch.report
    assert (report.state, report.step, report.total_steps) == ("finished", 300, 300)
    assert report.curves["train_loss"].points == 300
    assert report.curves["metric"].column == "val_accuracy"
    assert not [item for item in report.verdicts if item.finding.severity == "fault"]
    assert watch.fault is None
    assert "validation loss was lowest at step" in report.hint


def test_diverging(small, watched, codes):
    optimizer = small.optimizer(lr=30.0)
    watch = small.train(watched(optimizer), optimizer, 300)
    assert codes(watch) & {"FT005", "PF008"}
    assert min(item.said_at for item in watch.report.verdicts) <= 75
    assert any("do:" in line for line in watch.said)


def test_a_loss_that_is_no_number_is_said_at_once(small, watched, codes):
    optimizer = small.optimizer()

    def spoil(step):
        if step == 100:
            with torch.no_grad():
                small.model[0].weight[0, 0] = math.nan

    watch = small.train(watched(optimizer), optimizer, 300, spoil)
    (fault,) = [item for item in watch.report.verdicts if item.finding.code == "FT005"]
    assert 100 < fault.said_at <= 140
    assert watch.report.hint == "the validation loss was lowest at step 90 " + watch.report.hint.split("step 90 ")[1]


def test_a_loss_that_never_was_a_number(small, watched, codes):
    optimizer = small.optimizer()
    with torch.no_grad():
        small.model[0].weight.fill_(math.nan)
    assert "FT005" in codes(small.train(watched(optimizer), optimizer, 60, every=1000))


def test_weights_of_another_model(small, watched, codes):
    optimizer = small.optimizer(model=copy.deepcopy(small.model))
    assert "PF001" in codes(small.train(watched(optimizer), optimizer, 60))


def test_layers_left_out(small, watched, codes):
    optimizer = small.optimizer(model=small.model[2])
    watch = small.train(watched(optimizer), optimizer, 60)
    (finding,) = [item.finding for item in watch.report.verdicts if item.finding.code == "PF001"]
    assert "0.weight" in finding.evidence.text


def test_what_another_optimizer_trains_is_not_left_out(small, watched, codes):
    optimizer, other = small.optimizer(model=small.model[2]), small.optimizer(model=small.model[0])
    optimizer.register_step_pre_hook(lambda *_: other.step())
    assert "PF001" not in codes(small.train(watched(optimizer), optimizer, 60))


def test_a_loop_that_zeroes_gradients_after_the_step(small, watched, codes):
    optimizer = small.optimizer()
    watch = watched(optimizer)
    with watch:
        for x, y in small.batches(60):
            loss = nn.functional.cross_entropy(small.model(x), y)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            watch.step(loss)
    assert not codes(watch) & {"PF001", "PF008"}
    assert watch.report.gradients.norm > 0.0


def test_dead_units(small, watched, codes):
    optimizer = small.optimizer()
    with torch.no_grad():
        small.model[0].bias.fill_(-100.0)
    watch = small.train(watched(optimizer), optimizer, 200)
    assert "PF008" in codes(watch)
    assert watch.report.gradients.zero > 0.5


def test_a_rate_far_too_low(small, watched, codes):
    optimizer = small.optimizer(lr=1e-7)
    watch = small.train(watched(optimizer, steps=400), optimizer, 400)
    (finding,) = [item for item in watch.report.verdicts if item.finding.code == "LR002"]
    assert finding.said_at < 400
    assert "Raise the rate from 1e-7" in finding.finding.advice


def test_waiting_for_data(small, watched, codes):
    optimizer = small.optimizer()
    watch = small.train(watched(optimizer), optimizer, 60, lambda step: time.sleep(0.02), every=1000)
    assert "PF010" in codes(watch)
    assert watch.report.wait_share > 0.5


def test_a_fault_ends_the_run(small, watched, tmp_path):
    optimizer = small.optimizer(lr=30.0)
    with pytest.raises(advisor.StopTraining, match="step") as caught:
        small.train(watched(optimizer, stop_on="fault"), optimizer, 300)
    assert caught.value.finding.severity == "fault"
    assert caught.value.step < 300
    assert read_watch(tmp_path / "watch").state == "stopped"


def test_an_error_of_the_loop_is_kept(small, watched, tmp_path):
    optimizer = small.optimizer()

    def fail(step):
        if step == 40:
            raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        small.train(watched(optimizer), optimizer, 300, fail)
    assert read_watch(tmp_path / "watch").state == "failed"


def test_watching_changes_nothing(small, watched):
    states = []
    for watching in (False, True):
        torch.manual_seed(3)
        model = small.model = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 2))
        optimizer = small.optimizer()
        watch = watched(optimizer if watching else None)
        if not watching:
            watch._model = None
        small.train(watch, optimizer, 100)
        states.append([p.clone() for p in model.parameters()])
        assert not model._forward_pre_hooks
        assert not optimizer._optimizer_step_post_hooks
    assert all(torch.equal(one, other) for one, other in zip(*states, strict=True))


def test_an_error_of_its_own_warns_once_and_training_goes_on(small, watched, tmp_path):
    optimizer = small.optimizer()
    watch = watched(optimizer)
    with pytest.warns(RuntimeWarning, match="advisor.watch stopped watching") as caught, watch:
        for step, (x, y) in enumerate(small.batches(20)):
            loss = nn.functional.cross_entropy(small.model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            watch.step("no number" if step == 3 else loss)
    assert len(caught) == 1
    assert not optimizer._optimizer_step_post_hooks


def test_where_warnings_are_errors_training_goes_on_as_well(watched):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with watched(None) as watch:
            for loss in (1.0, "no number", 0.5, 0.4):
                watch.step(loss)
    assert watch.report is None


def test_a_folder_that_cannot_be_made_is_no_reason_to_stop(small, watched, tmp_path):
    (tmp_path / "file").write_text("")
    optimizer = small.optimizer()
    with pytest.warns(RuntimeWarning, match="stopped watching"):
        small.train(watched(optimizer, out=tmp_path / "file" / "below"), optimizer, 30)


def test_it_keeps_to_its_share_of_the_time(small, watched):
    optimizer = small.optimizer()
    watch = small.train(watched(optimizer, overhead=0.0), optimizer, 100)
    assert watch.report.judged == 1  # At the end, when nothing is slowed down any more.
    assert len(watch._run.looks) == 1


def test_event_files(small, watched, tmp_path):
    from advisor.logs.readers import read

    optimizer = small.optimizer(lr=30.0)
    small.train(watched(optimizer, tensorboard=True), optimizer, 120)
    (run,) = read([tmp_path / "watch" / "tensorboard"]).runs
    assert {"loss/train", "schedule/lr", "watch/gradient_norm"} <= {column.name for column in run.columns}


def test_the_file_has_the_published_form(small, watched, tmp_path):
    from advisor.schema.describe import json_schema
    from advisor.schema.watching import WatchReport

    optimizer = small.optimizer()
    small.train(watched(optimizer), optimizer, 60)
    data = json.loads((tmp_path / "watch" / "watch.json").read_text())
    assert set(data) == set(json_schema(WatchReport)["$defs"]["WatchReport"]["properties"])
    assert msgspec.convert(data, WatchReport).step == 60


def test_logged_values_are_picked_by_their_names(watched):
    watch = watched(None)
    with watch:
        for step in range(1, 6):
            watch.step(1.0 / step)
            watch.validation(logged={"epoch": step, "eval_loss": 0.5, "eval_f1": 0.1 * step, "eval_runtime": 3.0})
    assert watch.report.curves["val_loss"].final == 0.5
    assert watch.report.curves["metric"].column == "eval_f1"


def test_an_unknown_rule_is_refused(small):
    with pytest.raises(advisor.errors.UsageError, match="ZZ9"):
        advisor.watch(small.model, select=("ZZ9",))
