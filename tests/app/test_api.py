"""`advisor.diagnose` on objects: the report of the command line, without side effects on the caller."""

import copy
import hashlib
import json
import os
import pickle
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.datasets import load_wine
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import advisor
from advisor.app.progress import Notebook
from advisor.errors import AdvisorError, ContractError, UsageError

pytestmark = pytest.mark.usefixtures("warm")
SETTINGS = {"optimizer": "SGD", "lr": 0.02, "momentum": 0.9, "batch_size": 16, "epochs": 40}


def wine():
    inputs, targets = load_wine(return_X_y=True)
    return torch.tensor(StandardScaler().fit_transform(inputs)).float(), torch.tensor(targets)


def make_model():
    return nn.Sequential(nn.Linear(13, 16), nn.ReLU(), nn.Linear(16, 3))


def fingerprint(*objects):
    """Bytes of every object, so that any change shows; of a loader, its generator and its data."""
    parts = []
    for item in objects:
        loader = isinstance(item, DataLoader)
        parts.append(pickle.dumps((item.generator.get_state().tolist(), item.dataset.tensors) if loader else item))
    return [hashlib.sha256(part).hexdigest() for part in parts]


def random_state():
    return (random.getstate(), repr(np.random.get_state()), torch.get_rng_state().tolist())


def surroundings():
    return (str(Path.cwd()), dict(os.environ), list(sys.path), list(sys.argv), signal.getsignal(signal.SIGINT))


@pytest.fixture(scope="module")
def diagnosed(tmp_path_factory):
    """One diagnosis of objects, with all that was there before and after."""
    folder = tmp_path_factory.mktemp("api")
    (folder / "mine.txt").write_text("kept")
    old = Path.cwd()
    os.chdir(folder)
    torch.manual_seed(5)
    model, data = make_model(), TensorDataset(*wine())
    model(data.tensors[0]).sum().backward()
    model.eval()
    loader = DataLoader(data, batch_size=16, shuffle=True, generator=torch.Generator().manual_seed(3))
    random.seed(1)
    np.random.seed(2)
    torch.manual_seed(4)
    grads = [p.grad.clone() for p in model.parameters()]
    before = (
        fingerprint(model, data, loader, SETTINGS),
        random_state(),
        surroundings(),
        set(map(id, model.parameters())),
    )
    try:
        report = advisor.diagnose(
            model,
            loader,
            loss=nn.CrossEntropyLoss(),
            settings=SETTINGS,
            run="first",
            engine="inline",
            progress=False,
            select=["LR"],
        )
        after = (
            fingerprint(model, data, loader, SETTINGS),
            random_state(),
            surroundings(),
            set(map(id, model.parameters())),
        )
    finally:
        os.chdir(old)
    same_grads = all(torch.equal(a, p.grad) for a, p in zip(grads, model.parameters(), strict=True))
    return {"report": report, "before": before, "after": after, "folder": folder, "grads": same_grads, "model": model}


def test_nothing_of_the_callers_changed(diagnosed):
    assert diagnosed["before"] == diagnosed["after"]
    assert diagnosed["grads"] and not diagnosed["model"].training
    assert (diagnosed["folder"] / "mine.txt").read_text() == "kept"
    assert {p.name for p in diagnosed["folder"].iterdir()} == {"mine.txt", "reports"}


def test_the_report_mirrors_report_json(diagnosed):
    report = diagnosed["report"]
    written = json.loads((diagnosed["folder"] / report.path / "report.json").read_text())
    assert report.status == "advice" and report.name == "Sequential" and report.run == "first"
    for key, value in written.items():
        assert getattr(report, key) == value, key
    assert report.config.as_dict() == report.recommended
    assert {knob["name"] for knob in report.knobs} >= {"lr", "batch_size"}
    with pytest.raises(AttributeError, match=r"it has .*knobs"):
        _ = report.nonsense
    assert "knobs" in dir(report)


def test_it_shows_itself(diagnosed):
    report = diagnosed["report"]
    assert report.verdict.split(".")[0] in repr(report)
    page = report._repr_html_()
    assert "<table>" in page and "report.html" in page
    assert page.count("<tr>") == 1 + len(report.changes)
    hostile = advisor.Report({**report.data, "verdict": "<script>alert(1)</script>"}, report.path)
    assert "<script>" not in hostile._repr_html_()


def test_open_shows_the_page(diagnosed, monkeypatch):
    shown = []
    monkeypatch.setattr("webbrowser.open", shown.append)
    diagnosed["report"].open()
    assert shown and shown[0].endswith("report.html") and shown[0].startswith("file://")


def test_a_file_gives_what_the_command_line_gives(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("task.py").write_text(
        textwrap.dedent("""
        import torch
        from sklearn.datasets import load_wine
        from torch import nn
        settings = {"optimizer": "Adam", "lr": 0.001, "batch_size": 16, "epochs": 40}
        def model(): return nn.Sequential(nn.BatchNorm1d(13), nn.Linear(13, 3))
        def train_data():
            x, y = load_wine(return_X_y=True)
            return torch.tensor(x).float(), torch.tensor(y)
    """)
    )
    command = [
        "diagnose",
        "task.py",
        "--quiet",
        "--workers",
        "1",
        "--run",
        "a",
        "--out",
        "A",
        "--select",
        "LR",
        "--budget",
        "0.6",
    ]
    subprocess.run([sys.executable, "-m", "advisor", *command], check=True, capture_output=True)
    report = advisor.diagnose("task.py", engine="inline", run="b", out="B", progress=False, select=["LR"], budget=0.6)
    by_command = json.loads(Path("A/task/a/report.json").read_text())
    for key in ("status", "recommended", "current", "verdict", "prediction", "objective"):
        assert getattr(report, key) == by_command[key], key
    findings = [[(f["code"], f["verdict"]) for f in found] for found in (report.findings, by_command["findings"])]
    assert findings[0] == findings[1]


def test_untrainable_is_a_report_not_an_exception(tmp_path):
    report = advisor.diagnose(
        make_model, wine(), loss=lambda outputs, targets: (outputs * 0.0).sum(), settings=SETTINGS, out=tmp_path,
        engine="inline", progress=False, name="blind one",
    )  # fmt: skip
    assert report.status == "untrainable" and report.recommended is None and report.config is None
    assert report.name == "blind_one"
    assert "<li>" in report._repr_html_()


@pytest.mark.parametrize("case", ["raises", "unpicklable", "no data", "both"])
def test_an_exception_leaves_everything_as_it_was(tmp_path, monkeypatch, case):
    monkeypatch.chdir(tmp_path)
    model, data = make_model(), wine()
    state = copy.deepcopy(model.state_dict())
    before = random_state(), surroundings(), fingerprint(model, data)

    locked = threading.Lock()

    def broken():
        raise ValueError("my own mistake")

    given = {
        "raises": ((broken, data), ContractError, "my own mistake"),
        "unpicklable": ((model, lambda: locked), ContractError, "train_data"),
        "no data": ((model,), UsageError, "train_data"),
        "both": (("model.py", data), UsageError, "a file and train_data"),
    }[case]  # fmt: skip
    with pytest.raises(AdvisorError, match=given[2]) as caught:
        advisor.diagnose(*given[0], settings=SETTINGS, progress=False, engine="inline")
    assert isinstance(caught.value, given[1])
    assert (random_state(), surroundings(), fingerprint(model, data)) == before
    assert all(torch.equal(value, state[key]) for key, value in model.state_dict().items())
    assert not list(tmp_path.iterdir())


def test_ctrl_c_leaves_everything_as_it_was_and_returns_what_is_known(tmp_path):
    model, data = make_model(), wine()
    before = random_state(), surroundings(), fingerprint(model, data)
    stop = threading.Event()

    def interrupt():
        while not stop.wait(0.05):
            if list(tmp_path.glob("*/*/ledger/*")):
                time.sleep(0.3)
                os.kill(os.getpid(), signal.SIGINT)
                return

    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        report = advisor.diagnose(
            model, data, settings={**SETTINGS, "epochs": 4000}, out=tmp_path, workers=1, progress=False
        )
    finally:
        stop.set()
        thread.join()
    assert report.status == "interrupted"
    assert report.provenance["resume"] == f"advisor.diagnose(...) again with run='{report.run}'"
    assert "again with run=" in (report.path / "report.html").read_text()
    assert (random_state(), surroundings(), fingerprint(model, data)) == before


LOST = """
import os
from pathlib import Path
import torch
from torch import nn

here = Path(__file__).parent
if (here / "gone").exists():
    raise ValueError("the disk with the data is gone")
train_data = (torch.randn(200, 4), torch.arange(200) % 3)
settings = {"optimizer": "SGD", "lr": 0.1, "batch_size": 20, "epochs": 20}


class model(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(4, 3)

    def forward(self, inputs):
        if list(here.glob("reports/*/*/ledger/run.json")):
            (here / "gone").touch()
            os._exit(1)
        return self.body(inputs)
"""


def test_a_task_that_is_lost_on_the_way_is_said_in_the_report(tmp_path, capsys):
    (tmp_path / "lost.py").write_text(LOST)
    report = advisor.diagnose(tmp_path / "lost.py", out=tmp_path / "reports", workers=1)
    assert report.status == "interrupted"
    assert "the disk with the data is gone" in report.provenance["stopped_by"]
    assert "fix that" in report.provenance["stopped_by"]
    assert "It was stopped by" in (report.path / "report.html").read_text()
    assert "the disk with the data is gone" in capsys.readouterr().err


def test_what_is_defined_in_a_script_reaches_the_workers(tmp_path):
    """As in a notebook: classes and functions of __main__, closures and lambdas, no guard around the call."""
    (tmp_path / "helpers.py").write_text("from torch import nn\n\ndef head(n):\n    return nn.Linear(n, 3)\n")
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent("""
        import torch, advisor
        from torch import nn
        from helpers import head
        print("started")
        width = 12
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.body, self.head = nn.Linear(13, width), head(width)
            def forward(self, x):
                return self.head(torch.relu(self.body(x)))
        class Rows(torch.utils.data.Dataset):
            def __init__(self): self.x = torch.randn(200, 13)
            def __len__(self): return 200
            def __getitem__(self, i):
                if i >= 200: raise IndexError
                return self.x[i], (self.x[i, 0] > 0).long()
        rows = Rows()
        report = advisor.diagnose(Net, rows, loss=lambda o, t: nn.functional.cross_entropy(o, t), workers=1,
                                  select=["LR"], settings={"lr": 0.01, "batch_size": 10, "epochs": 20})
        print(report.status, report.name)
    """)
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(advisor.__file__).parents[1])])}
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, cwd=tmp_path, env=env)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["started", "advice", "Net"]
    assert "range test" in done.stderr


def test_progress_in_a_notebook_is_one_place_that_is_drawn_again():
    shown = []
    watcher = Notebook(shown.append)
    for number in range(30):
        watcher.say(f"line {number} <b>")
    assert len(shown) == 30
    assert "line 29 &lt;b&gt;" in shown[-1] and "line 5 " not in shown[-1]


def test_objects_are_not_sent_to_a_cluster(tmp_path):
    with pytest.raises(UsageError, match="a file, for engine='ray'"):
        advisor.diagnose(make_model(), wine(), settings=SETTINGS, out=tmp_path, engine="ray")


def test_importing_the_package_stays_light():
    heavy = "any(m in sys.modules for m in ('torch', 'numpy', 'cloudpickle', 'click'))"
    program = f"import sys, advisor; sys.exit({heavy})"
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0
    program = "import sys; from advisor import diagnose; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0
