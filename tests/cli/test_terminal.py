"""Terminal output: the command on a pseudo-terminal of several widths, and without colours."""

import io
import os
import re
import struct
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pytest

from advisor.app.progress import Live, Plain
from advisor.app.reminder import Reminder
from advisor.report.summary import columns

pty = pytest.importorskip("pty", reason="no pseudo-terminals here")
fcntl = pytest.importorskip("fcntl")
termios = pytest.importorskip("termios")
CONTROL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
pytestmark = pytest.mark.usefixtures("warm_command")
TASK = """
import os
import time

import torch
from torch import nn

settings = {"optimizer": "SGD", "lr": 0.01, "momentum": 0.9, "batch_size": 16, "epochs": 20}


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 2))

    def forward(self, inputs):
        time.sleep(float(os.environ.get("TINY_PAUSE", 0)))
        return self.body(inputs)


model = Net


def train_data():
    inputs = torch.randn(512, 4, generator=torch.Generator().manual_seed(0))
    return inputs, (inputs[:, 0] > inputs[:, 1]).long()
"""


def on_terminal(folder, width, *more, **environment):
    """Runs the command with a pseudo-terminal as stdin, stdout and stderr; returns its exit code and all it wrote."""
    (folder / "tiny.py").write_text(TASK, encoding="utf-8")
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    known = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "LINES", "NO_COLOR", "TERM")}
    known |= {"TERM": "xterm-256color", "PYTHONUTF8": "1", "OMP_NUM_THREADS": "1", **environment}
    command = [sys.executable, "-m", "advisor", "diagnose", "tiny.py", "--run", "one", *more]
    process = subprocess.Popen(command, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, env=known)
    os.close(theirs)
    heard = []
    until = time.monotonic() + 300
    while time.monotonic() < until:
        try:
            block = os.read(ours, 65536)
        except OSError:
            break
        if not block:
            break
        heard.append(block)
    os.close(ours)
    return process.wait(timeout=60), b"".join(heard).decode("utf-8")


def lines(text):
    """What stands on each line, between the movements of the cursor."""
    return [part for part in re.split(r"[\r\n]", CONTROL.sub("", text)) if part.strip()]


@pytest.fixture(scope="module", params=[60, 200])
def live(request, tmp_path_factory):
    """Width, exit code and output of one run."""
    return request.param, *on_terminal(tmp_path_factory.mktemp("live"), request.param, TINY_PAUSE="0.004")


def test_live_view_fits_and_shows_round_curve_and_budget(live):
    width, code, text = live
    assert code == 0, text
    shown = lines(text)
    wide = [line for line in shown if columns(line) > width]
    assert not wide, wide[:3]
    moving = [line for line in shown if "full runs left" in line]
    assert any(line.strip().startswith("ladder, ") for line in moving), moving[:3]
    assert any(set(line) & set("▁▂▃▄▅▆▇█") for line in moving), moving[-3:]


def test_plan_is_an_aligned_table(live):
    shown = lines(live[2])
    first = next(i for i, line in enumerate(shown) if line.startswith("plan: ")) + 1
    last = next(i for i, line in enumerate(shown) if line.startswith("["))
    rows = [line for line in shown[first:last] if not line.rstrip().endswith(" ...")]
    heads = [row for row in rows if " full runs " in row]
    assert len(heads) >= 5
    assert len({row.index(" x, ") for row in heads}) == 1
    start = heads[0].index("full runs ") + len("full runs ")
    start += len(heads[0][start:]) - len(heads[0][start:].lstrip())
    assert all(row[start - 1] == " " and row[start] != " " for row in rows if len(row) > start), rows


@pytest.mark.parametrize("width", [60, 100, 200])
def test_moving_line_fits_whatever_runs(width, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    view = Live(io.StringIO())
    try:
        view.round_started(SimpleNamespace(name="ladder", purpose="?"), SimpleNamespace(budget=1.0, full_runs=0.27))
        for number in range(4):
            spec = SimpleNamespace(key=str(number), label="lr=0.1\x1b[2J" + "W" * 99 * number, steps=100)
            view.probe_started(spec)
            for step in range(40):
                view.probe_moved(spec, step, 2.0 / (step + 1))
        line = view._line().plain
    finally:
        view.close()
    assert line.startswith("  ladder, 0.73 full runs left   lr=0.1 ") and columns(line) <= width
    assert "█" in line and "▁" in line and "\x1b" not in line


def test_a_range_test_that_breaks_is_no_failure_and_seeds_are_told_apart():
    out = io.StringIO()
    broke = SimpleNamespace(status="diverged", diverged=True, lr=(0.01, 0.1, 1.5), reason="training loss exploded")
    held = SimpleNamespace(status="finished", diverged=False, lr=(0.01, 30.0), reason="")
    for seed, trace in ((0, broke), (1, held)):
        Plain(out).probe_ended(SimpleNamespace(kind="range", label="rate 0.01 to 30", seed=seed), trace, False)
    first, second = out.getvalue().splitlines()
    assert first.split("  ")[-1].strip() == "diverged at 1.5, as intended"
    assert second.split() == [
        "rate",
        "0.01",
        "to",
        "30,",
        "seed",
        "1",
        *["trained", "up", "to", "30", "without", "diverging"],
    ]


def test_verdict_is_eight_lines_at_most(tmp_path):
    code, text = on_terminal(tmp_path, 100, "--quiet")
    assert code == 0
    assert 3 <= len(lines(text)) <= 8 and "\x1b[" not in text


def test_no_color_means_no_styles(tmp_path):
    _, text = on_terminal(tmp_path, 100, NO_COLOR="1")
    assert "full runs left" in text
    assert not [code for code in COLOUR.findall(text) if code not in ("\x1b[m", "\x1b[0m")]


@pytest.mark.parametrize(("more", "environment"), [(("--plain",), {}), ((), {"TERM": "dumb"})])
def test_plain_and_dumb_terminals_get_no_control_characters(tmp_path, more, environment):
    code, text = on_terminal(tmp_path, 100, *more, **environment)
    assert code == 0
    assert "\x1b" not in text and "plan: " in text and "full runs left" not in text


def test_names_cannot_move_the_cursor(tmp_path):
    hostile = TASK.replace('"optimizer"', '"epochs": 20, "optimizer"')
    hostile += "\n\ndef metric(outputs, targets):\n    return float((outputs.argmax(1) == targets).float().mean())\n"
    hostile += "\n\nmetric.__name__ = '\\x1b[2Jgone\\x1b]0;title\\x07'\nmetric.higher_is_better = True\n"
    (tmp_path / "hostile.py").write_text(hostile, encoding="utf-8")
    command = [sys.executable, "-m", "advisor", "diagnose", "hostile.py", "--plain", "--run", "one"]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=300,
        env={**os.environ, "PYTHONUTF8": "1", "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode in (0, 2), done.stderr
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", done.stdout + done.stderr)


def test_a_long_silence_is_broken_and_ends_with_what_was_waited_for():
    said, heard = [], threading.Event()

    def say(text):
        said.append(text)
        if len(said) == 2:
            heard.set()

    reminder = Reminder(say, first=0.0, again=0.01)
    reminder.start("loading train.py")
    assert heard.wait(20)
    reminder.stop()
    assert all(text.startswith("loading train.py ... (") for text in said)
