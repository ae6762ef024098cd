"""TensorBoard itself on loopback, on the logs of a real tiny diagnosis, asked through its HTTP API."""

import json
import re
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request

import pytest

TASK = """
import torch
from torch import nn

settings = {"optimizer": "SGD", "lr": 0.01, "momentum": 0.9, "batch_size": 16, "epochs": 40}

def model():
    return nn.Linear(4, 2)

def train_data():
    inputs = torch.randn(192, 4, generator=torch.Generator().manual_seed(0))
    return inputs, (inputs[:, 0] > inputs[:, 1]).long()
"""


def get(address, body=None):
    request = urllib.request.Request(address, data=body, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


@pytest.fixture(scope="module")
def reports(tmp_path_factory, warm_command):
    """Two runs of one task and one of another, as ``tensorboard --logdir reports`` finds them."""
    folder = tmp_path_factory.mktemp("board")
    for task, run in (("tiny", "one"), ("tiny", "two"), ("other", "one")):
        (folder / f"{task}.py").write_text(TASK, encoding="utf-8")
        command = [sys.executable, "-m", "advisor", "diagnose", f"{task}.py", "--run", run, "--quiet", "--workers", "1"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=300)
    return folder / "reports"


@pytest.fixture(scope="module")
def board(reports):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(reports), "--host", "127.0.0.1"]
    server = subprocess.Popen(
        [*command, "--port", str(port), "--load_fast", "false"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    probes = sum(len(json.loads(path.read_text(encoding="utf-8"))["arms"]) for path in reports.glob("*/*/report.json"))
    try:
        for _ in range(240):
            try:
                tags = get(f"{address}/data/plugin/scalars/tags")
                if sum("loss/train" in names for names in tags.values()) == probes:
                    break
            except OSError:
                pass
            assert server.poll() is None, "tensorboard ended"
            time.sleep(0.25)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=30)


def test_lists_a_run_for_each_probe(board, reports):
    report = json.loads((reports / "tiny" / "one" / "report.json").read_text(encoding="utf-8"))
    runs = get(f"{board}/data/runs")
    assert sum(run.startswith("tiny/one/") for run in runs) == len(report["arms"]) + 1
    ladder = [run for run in runs if run.startswith("tiny/one/tensorboard/ladder/lr=")]
    assert ladder
    tags = get(f"{board}/data/plugin/scalars/tags")[ladder[0]]
    assert {"loss/train", "loss/val", "loss/gap", "schedule/lr", "schedule/momentum", "norm/grad"} <= set(tags)
    points = get(f"{board}/data/plugin/scalars/scalars?run={ladder[0].replace(',', '%2C')}&tag=loss%2Ftrain")
    steps = [step for _, step, _ in points]
    assert len(steps) > 5 and steps == sorted(set(steps)), "a step was written twice"


def test_lists_hyperparameters_with_metrics(board, reports):
    body = json.dumps({"experimentName": ""}).encode()
    experiment = get(f"{board}/data/plugin/hparams/experiment", body)
    assert {"lr", "momentum", "batch_size", "round"} <= {info["name"] for info in experiment["hparamInfos"]}
    assert "hparam/val_loss" in {info["name"]["tag"] for info in experiment["metricInfos"]}
    wanted = {
        "experimentName": "", "startIndex": 0, "sliceSize": 100,
        "allowedStatuses": ["STATUS_UNKNOWN", "STATUS_SUCCESS", "STATUS_FAILURE", "STATUS_RUNNING"],
        "colParams": [{"metric": {"tag": "hparam/val_loss"}}],
    }  # fmt: skip
    found = get(f"{board}/data/plugin/hparams/session_groups", json.dumps(wanted).encode())
    made = [json.loads(path.read_text(encoding="utf-8")) for path in reports.glob("*/*/report.json")]
    assert found["totalSize"] == sum(len(report["arms"]) for report in made)
    tasks = [group["hparams"]["task"] for group in found["sessionGroups"]]
    assert tasks.count("other") == tasks.count("tiny") / 2 > 0


def test_each_chart_holds_the_probes_of_one_round_of_one_run(board):
    layout = get(f"{board}/data/plugin/custom_scalars/layout")
    titles = [category["title"] for category in layout["category"]]
    assert sorted(titles) == ["other / one", "tiny / one", "tiny / two"]
    tags = get(f"{board}/data/plugin/scalars/tags")
    for category in layout["category"]:
        home = category["title"].replace(" / ", "/")
        rounds = {chart["title"].partition(":")[0] for chart in category["chart"]}
        assert {"range", "ladder"} <= rounds
        for chart in category["chart"]:
            drawn = {run for run in tags for tag in tags[run] if re.match(chart["multiline"]["tag"][0], tag)}
            folder = f"{home}/tensorboard/{chart['title'].partition(':')[0]}/"
            assert drawn == {run for run in tags if run.startswith(folder)} != set(), chart["title"]


def test_a_chart_of_the_ladder_has_points(board):
    layout = get(f"{board}/data/plugin/custom_scalars/layout")
    chart = next(c for c in layout["category"][0]["chart"] if c["title"] == "ladder: training loss, smoothed")
    home = layout["category"][0]["title"].replace(" / ", "/")
    run = next(r for r in get(f"{board}/data/runs") if r.startswith(f"{home}/tensorboard/ladder/"))
    asked = urllib.parse.urlencode({"run": run, "tag": chart["multiline"]["tag"][0]})
    answer = get(f"{board}/data/plugin/custom_scalars/scalars?{asked}")
    assert answer["regex_valid"] and all(len(points) > 5 for points in answer["tag_to_events"].values())
    assert len(answer["tag_to_events"]) == 1


def test_the_recommendation_is_a_text(board):
    texts = get(f"{board}/data/plugin/text/tags")
    assert sum("advice" in run and bool(names) for run, names in texts.items()) == 3


def test_files_do_not_name_the_machine(reports):
    names = [path.name for path in reports.rglob("*tfevents*")]
    assert names and all(re.fullmatch(r"events\.out\.tfevents\.\d+\.advisor", name) for name in names)
