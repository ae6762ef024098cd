import math
import re
import subprocess
import sys
from dataclasses import replace

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import metadata

from advisor.report.tensorboard import run_names, write
from advisor.schema.files import report_from

TAGS = {
    "loss/train", "loss/val", "loss/gap", "metric/val", "schedule/lr", "schedule/momentum",
    "norm/grad", "norm/weight", "hparam/val_loss", "hparam/train_loss", "hparam/metric",
    "digits-cnn.2025-03-14T09-26-53/rate training loss, smoothed",
    "digits-cnn.2025-03-14T09-26-53/rate validation loss",
}  # fmt: skip


def load(folder):
    events = EventAccumulator(str(folder), size_guidance={"scalars": 0, "tensors": 0})
    events.Reload()
    return events


def runs(folder):
    return sorted({str(path.parent.relative_to(folder)) for path in folder.rglob("*tfevents*")})


def test_scalars_and_hparams_read_back(tmp_path, arm, healthy):
    spec, trace = arm(lr=0.0316)
    write(tmp_path, [(spec, trace, "rate")], report_from(healthy))
    assert runs(tmp_path) == ["advice", "rate/lr=0.0316,batch=64,seed=0"]
    events = load(tmp_path / "rate/lr=0.0316,batch=64,seed=0")
    assert set(events.Tags()["scalars"]) == TAGS
    train = events.Scalars("loss/train")
    assert [item.step for item in train] == list(trace.step)
    assert train[3].value == pytest.approx(trace.train_loss[3])
    assert events.Scalars("hparam/val_loss")[0].value == pytest.approx(0.4)
    gap = events.Scalars("loss/gap")
    assert [item.step for item in gap] == [20, 40] and gap[1].value == pytest.approx(0.4 - 0.349, abs=0.02)
    content = events.SummaryMetadata(metadata.SESSION_START_INFO_TAG).plugin_data.content
    info = metadata.parse_session_start_info_plugin_data(content)
    assert info.hparams["lr"].number_value == 0.0316 and info.hparams["round"].string_value == "rate"
    experiment = events.SummaryMetadata(metadata.EXPERIMENT_TAG).plugin_data.content
    named = metadata.parse_experiment_plugin_data(experiment)
    assert named.metric_infos[0].name.tag == "hparam/val_loss"
    assert set(info.hparams) <= {item.name for item in named.hparam_infos}


def test_advice_run_holds_text_and_layout(tmp_path, arm, healthy):
    from tensorboard.plugins.custom_scalar.layout_pb2 import Layout

    write(tmp_path, [(*arm(), "rate")], report_from(healthy))
    events = load(tmp_path / "advice")
    words = events.Tensors("recommendation/text_summary")[0].tensor_proto.string_val[0].decode()
    assert "Raise the learning rate" in words and "| lr | 0.1 | 0.8 |" in words
    layout = Layout.FromString(events.Tensors("custom_scalars__config__")[0].tensor_proto.string_val[0])
    assert [category.title for category in layout.category] == ["digits-cnn / 2025-03-14T09-26-53"]
    charts = {chart.title: list(chart.multiline.tag) for chart in layout.category[0].chart}
    assert list(charts) == ["rate: training loss, smoothed", "rate: validation loss"]
    found = [[tag for tag in TAGS if re.search(pattern, tag)] for (pattern,) in charts.values()]
    assert all(len(tags) == 1 for tags in found) and found[0] != found[1]


def test_rewriting_replaces(tmp_path, arm):
    write(tmp_path, [(*arm(), "rate"), (*arm(seed=1), "rate")], None)
    stranger = tmp_path / "events.out.tfevents.1.theirs"
    stranger.write_bytes(b"")
    write(tmp_path, [(*arm(), "rate")], None)
    assert runs(tmp_path) == [".", "advice", "rate/lr=0.1,batch=64,seed=0"]
    assert stranger.exists()
    folder = tmp_path / "rate/lr=0.1,batch=64,seed=0"
    assert len(list(folder.iterdir())) == 1
    assert len(load(folder).Scalars("loss/train")) == 40


def test_diverged_trace(tmp_path, arm):
    write(tmp_path, [(*arm(diverged=True), "rate")], None)
    events = load(tmp_path / "rate/lr=0.1,batch=64,seed=0")
    assert math.isnan(events.Scalars("loss/train")[-1].value)
    assert math.isnan(events.Scalars("hparam/val_loss")[0].value)


def test_optimizer_without_momentum(tmp_path, arm):
    write(tmp_path, [(*arm(optimizer={}), "rate")], None)
    assert "schedule/momentum" not in load(tmp_path / "rate/lr=0.1,batch=64,seed=0").Tags()["scalars"]


def test_names_are_unique_safe_and_say_what_varies(arm):
    first, second = arm()[0], arm(optimizer={"momentum": 0.9, "weight_decay": 0.001})[0]
    names = run_names([(first, "../../etc/x"), (second, "../../etc/x"), (first, "rate"), (first, "rate")])
    assert len(set(names)) == 4
    assert not any(".." in name.split("/") or name.startswith("/") for name in names)
    assert names[0].endswith("weight_decay=0,seed=0") and names[1].endswith("weight_decay=0.001,seed=0")


def test_names_say_what_a_probe_tests(arm):
    spec = arm(lr=0.2)[0]
    labels = ("momentum=0.95-cycled", "present settings", "batch=32,lr=0.2", "a/b=../c d")
    names = run_names([(replace(spec, label=label, seed=i), "momentum") for i, label in enumerate(labels)])
    assert [name.removeprefix("momentum/").rpartition(",")[0] for name in names] == [
        "momentum=0.95-cycled,lr=0.2,batch=64", "present-settings,lr=0.2,batch=64", "lr=0.2,batch=64",
        "a-b=c-d,lr=0.2,batch=64",
    ]  # fmt: skip
    sweep = replace(spec, kind="range", optimizer={"name": "SGD", "lr": 1e-4}, label="rate 0.0001 to 30",
                    schedule={"name": "ExponentialRamp", "start_lr": 1e-4, "end_lr": 30.0})  # fmt: skip
    assert run_names([(sweep, "range")]) == ["range/lr=0.0001-to-30,batch=64,seed=0"]


def test_needs_no_torch_and_draws_lazily():
    code = (
        "import sys\n"
        "from advisor.report import html, index, summary, tensorboard\n"
        "assert not {'torch', 'matplotlib', 'tensorflow'} & set(sys.modules), 'heavy import'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
