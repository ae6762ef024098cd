"""A whole diagnosis driven by the SDK's own client over stdio, and calls that must be rejected."""

import math
import os
import sys

import anyio
import pytest

import advisor

pytest.importorskip("mcp")
from mcp import Client, StdioServerParameters

pytestmark = pytest.mark.usefixtures("warm")
MODEL = """
import time
from pathlib import Path

import torch
from torch import nn

generator = torch.Generator().manual_seed(0)
x = torch.randn(300, 6, generator=generator)
y = (x[:, 0] > 0).long()
train_data, val_data = (x[:240], y[:240]), (x[240:], y[240:])
loss = nn.CrossEntropyLoss()
HURRY = Path(__file__).parent / "hurry"
settings = {"optimizer": "SGD", "lr": 0.05, "batch_size": 24, "epochs": 8}


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 2))

    def forward(self, inputs):
        if not HURRY.exists():
            time.sleep(0.012)
        return self.layers(inputs)
"""


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "model.py").write_text(MODEL)
    return folder


def connected(home):
    command = [sys.executable, "-m", "advisor", "mcp", str(home)]
    return Client(StdioServerParameters(command=command[0], args=command[1:], env=dict(os.environ)))


async def ask(client, tool, **given):
    answer = await client.call_tool(tool, given)
    assert not answer.is_error, answer.content
    return answer.structured_content


def test_a_whole_diagnosis(home):
    async def first():
        async with connected(home) as client:
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            assert all(
                "RUNS USER CODE" in tools[name].description for name in ("plan", "diagnose", "compare", "resume")
            )
            plan = await ask(client, "plan", path="model.py", budget=0.5)
            assert (plan["full_run_steps"], plan["settings"]["optimizer"]["lr"]) == (80, 0.05)
            assert plan["rounds"]
            job = await ask(client, "diagnose", path="model.py", budget=2.0, least_seconds=0.0)
            while (state := await ask(client, "job", job=job["job"]))["share"] is None:
                assert state["state"] == "running", state
                await anyio.sleep(0.05)
            return job["job"]

    async def second(job):
        async with connected(home) as client:  # Another server: the job went on without the first.
            await ask(client, "cancel", job=job)
            state = await ask(client, "job", job=job, wait_seconds=20.0)
            assert state["state"] == "interrupted", state
            partial = await ask(client, "report", run=state["run"])
            assert partial["status"] == "interrupted"
            (home / "hurry").touch()
            again = await ask(client, "resume", job=job)
            moved = []

            async def heard(done, total, message):
                moved.append((done, message))

            answer = await client.call_tool("job", {"job": again["job"], "wait_seconds": 30.0}, progress_callback=heard)
            ended = answer.structured_content
            assert (ended["state"], ended["share"], ended["run"]) == ("finished", 1.0, state["run"]), ended
            assert moved
            summary = await ask(client, "report", run=ended["run"])
            assert summary["status"] == "advice"
            assert summary["value"]["recommended"]["optimizer"]["name"] == "SGD"
            findings = await ask(client, "report", run=ended["run"], part="findings")
            assert all(item["verdict"] == "detected" for item in findings["value"])
            written = await ask(client, "export", run=ended["run"], target="pytorch", out="advised.py")
            assert "torch.optim.SGD" in (home / "advised.py").read_text() == written["text"]
            listed = await ask(client, "jobs")
            assert [item["state"] for item in listed["jobs"]] == ["finished", "interrupted"]

    anyio.run(second, anyio.run(first))


def test_a_comparison(home):
    (home / "hurry").touch()

    async def drive():
        async with connected(home) as client:
            job = await ask(client, "compare", path="model.py", vary="batch_size=24,48", seeds=3)
            ended = await ask(client, "job", job=job["job"], wait_seconds=60.0)
            assert ended["state"] == "finished", ended
            found = await ask(client, "job_result", job=job["job"])
            assert [item["value"] for item in found["variants"]] == [24, 48]

    anyio.run(drive)


def hostile(home):
    """Calls that must be refused: (tool, arguments)."""
    outside = "/etc/passwd"
    paths = ("", "..", "../secret.py", "../../etc/passwd", outside, "link.py", "linked/secret.py", "a\0b", "x" * 5000,
             "~/x.py", "missing.py", "model.py/..", "line\nbreak.py")  # fmt: skip
    for path in paths:
        yield "plan", {"path": path}
        yield "diagnose", {"path": path}
    for path in (outside, "holds_link", "..", "missing.csv"):
        yield "read", {"paths": [path]}
    yield "read", {"paths": []}
    for number in (0, -1.0, 1e9, "much", None):
        yield "diagnose", {"path": "model.py", "budget": number}
    yield "diagnose", {"path": "model.py", "minutes": -3}
    yield "diagnose", {"path": "model.py", "arguments": ["x"] * 1000}
    yield "diagnose", {"path": 7}
    yield "diagnose", {}
    for vary in ("", "width", "--out=/tmp/x", "=1,2"):
        yield "compare", {"path": "model.py", "vary": vary, "seeds": 0}
    for job in ("", "../../x", "diagnose-20200101-000000", "diagnose-20200101-000000/../..", "x" * 500, "a;rm -rf b"):
        for tool in ("job", "cancel", "resume", "job_result"):
            yield tool, {"job": job}
    yield "job", {"job": "diagnose-20200101-000000", "wait_seconds": 1e9}
    for run in ("..", outside, "linked", "missing", "."):
        yield "report", {"run": run}
        yield "watch_status", {"path": run}
        yield "export", {"run": run, "target": "pytorch"}
    yield "report", {"run": "run", "part": "__class__"}
    yield "report", {"run": "run", "offset": -1}
    yield "export", {"run": "run", "target": "shell"}
    yield "export", {"run": "run", "target": "yaml", "out": "../over.yaml"}
    yield "export", {"run": "run", "target": "yaml", "out": "model.py"}
    yield "export", {"run": "run", "target": "yaml", "out": "linked/new.yaml"}
    yield "explain", {"code": "ZZ999"}
    yield "explain", {"code": "'; DROP TABLE rules"}
    yield "no_such_tool", {}


def test_what_is_malformed_or_hostile_is_refused_and_leaves_nothing(home, tmp_path):
    away = tmp_path / "away"
    away.mkdir()
    (away / "secret.py").write_text("raise SystemExit('must not run')")
    (home / "link.py").symlink_to(away / "secret.py")
    (home / "linked").symlink_to(away)
    (home / "holds_link").mkdir()
    (home / "holds_link" / "log.csv").symlink_to("/etc/passwd")
    (home / "run").mkdir()
    (home / "run" / "report.json").symlink_to(away / "secret.py")
    losses = [1.0 / step for step in range(1, 30)] + [math.nan] * 10
    (home / "log.csv").write_text("step,train_loss\n" + "".join(f"{i},{loss}\n" for i, loss in enumerate(losses)))
    with advisor.watch(out=home / "watched", say=lambda line: None) as watch:
        for loss in losses:
            watch.step(loss)
    calls = list(hostile(home))
    assert len(calls) >= 50

    def everything():
        return sorted((str(path), path.lstat().st_mtime_ns) for path in tmp_path.rglob("*"))

    before = everything()

    async def drive():
        async with connected(home) as client:
            for tool, given in calls:
                try:
                    answer = await client.call_tool(tool, given)
                except Exception as error:
                    said = str(error)
                    assert tool == "no_such_tool", (tool, given, said)
                    continue
                said = " ".join(part.text for part in answer.content)
                assert answer.is_error, (tool, given, said)
                assert 10 < len(said) < 3000
                assert "must not run" not in said
                assert "Traceback" not in said
            assert (await ask(client, "explain", code="LR002"))["severity"] == "advice"
            (run,) = (await ask(client, "read", paths=["log.csv"]))["runs"]
            assert "FT005" in {item["code"] for item in run["verdicts"]}
            watched = await ask(client, "watch_status", path="watched")
            assert (watched["state"], [item["code"] for item in watched["holds"]]) == ("finished", ["FT005"])

    anyio.run(drive)
    assert everything() == before
