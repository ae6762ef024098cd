"""User errors: one clear message, exit code 2, nothing written."""

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

Advisor = Callable[..., "subprocess.CompletedProcess[str]"]

MODEL = "def model():\n    return torch.nn.Linear(4, 3)\n"
DATA = "train_data = (torch.randn(40, 4), torch.arange(40) % 3)\n"
LOSS = "loss = torch.nn.CrossEntropyLoss()\n"
GOOD = MODEL + DATA


@dataclass(frozen=True)
class Case:
    """One mistake.

    Attributes:
        name: For people.
        source: The file, after ``import torch`` in line 1; None where the arguments are at fault.
        says: Words that the error must contain, in any order.
        arguments: More of the command line.
    """

    name: str
    source: str | None
    says: tuple[str, ...]
    arguments: tuple[str, ...] = ()


def broken(name: str, source: str, *says: str, arguments: tuple[str, ...] = ()) -> Case:
    return Case(name, source, says, arguments)


def misused(*arguments: str, says: tuple[str, ...]) -> Case:
    return Case(" ".join(arguments), GOOD, says, arguments)


FILES = [
    broken("syntax error", "x = 1\ndef model(:\n    pass\n", "syntax", "task.py, line 3", "def model(:"),
    broken("broken indentation", "def model():\nreturn 1\n", "syntax", "task.py, line 3", "expected an indented block"),
    broken("a null byte", "x = '\0'\n", "syntax", "task.py", "null bytes"),
    broken("not UTF-8", "x = '\udcff'\n", "syntax", "task.py", "utf-8"),
    broken("exception on import", "\nx = 1\ny = x / 0\n", "imported", "ZeroDivisionError", "task.py, line 4"),
    broken(
        "exception below a function",
        "def f():\n    raise KeyError('k')\n\nf()\n",
        "KeyError", "task.py, line 3",
    ),
    broken("module not found", "import nothing_of_this_name\n", "nothing_of_this_name", "line 2"),
    broken("message of several lines", "raise ValueError('first\\nsecond')\n", "ValueError", "line 2", "first"),
    broken("sys.exit on import", "import sys\nsys.exit(3)\n", "ends the program", "exit code 3", "line 3", "__main__"),
    broken("empty file", "", "`model` in task.py", "no such name"),
    broken("no model", DATA, "`model` in task.py", "train_data", "--model NAME"),
    broken("another name", "class Net(torch.nn.Linear): ...\n" + DATA, "`model` in task.py", "mean --model Net"),
    broken("model not callable", "model = 5\n" + DATA, "model as an nn.Module subclass", "int"),
    broken("model gives no module", "def model():\n    return 5\n" + DATA, "model() to return an nn.Module", "int"),
    broken("model gives None", "def model():\n    pass\n" + DATA, "model() to return an nn.Module", "NoneType"),
    broken(
        "model needs arguments",
        "class model(torch.nn.Module):\n    def __init__(self, width): ...\n" + DATA,
        "without arguments", "TypeError", "width", "defaults",
    ),
    broken(
        "frozen model",
        "def model():\n    return torch.nn.Linear(4, 3).requires_grad_(False)\n" + DATA + LOSS,
        "trainable parameters", "15 parameters, none", "unfreeze",
    ),
    broken("no parameters", "model = torch.nn.ReLU\n" + DATA + LOSS, "trainable", "without parameters"),
    broken("no train_data", MODEL, "`train_data` in task.py", "no such name", "--train NAME"),
    broken(
        "train_data raises",
        MODEL + "def train_data():\n    raise FileNotFoundError('images.npz')\n",
        "train_data() to return data", "FileNotFoundError", "images.npz",
    ),
    broken(
        "train_data needs arguments",
        MODEL + "def train_data(root):\n    return root\n",
        "train_data()", "without arguments", "root",
    ),
    broken("train_data gives None", MODEL + "def train_data(): ...\n", "train_data() to return data", "None"),
    broken("train_data a string", MODEL + "train_data = 'images'\n", "train_data as a Dataset", "str"),
    broken("train_data a number", MODEL + "train_data = 3\n", "train_data as a Dataset", "int"),
    broken("train_data a dict", MODEL + "train_data = {'x': 1}\n", "train_data as a Dataset", "dict"),
    broken("inputs and targets as lists", MODEL + "train_data = ([[1., 2.]], [0])\n", "train_data", "list"),
    broken(
        "an iterator that is used up",
        MODEL + "train_data = iter([(torch.zeros(4, 4), torch.zeros(4).long())] * 9)\n",
        "train_data that can be iterated more than once", "list_iterator", "give the function that creates it",
    ),
    broken(
        "an empty stream",
        MODEL + "class Stream(torch.utils.data.IterableDataset):\n    def __iter__(self):\n        yield from ()\n"
        "train_data = Stream()\n",
        "train_data with examples in it", "an empty stream",
    ),
    broken("no examples", MODEL + "train_data = (torch.zeros(0, 4), torch.zeros(0))\n", "train_data", "empty"),
    broken("an empty list", MODEL + "train_data = []\n", "train_data", "empty"),
    broken(
        "no validation examples",
        GOOD + "val_data = (torch.zeros(0, 4), torch.zeros(0).long())\n",
        "val_data", "empty",
    ),
    broken(
        "one example",
        MODEL + "train_data = (torch.zeros(1, 4), torch.zeros(1).long())\n",
        "at least 2 training examples", "1",
    ),
    broken(
        "lengths differ",
        MODEL + "train_data = (torch.zeros(10, 4), torch.zeros(9).long())\n",
        "as many inputs as targets", "[10, 9]",
    ),
    broken(
        "an example raises",
        MODEL + "class D:\n    def __len__(self): return 40\n"
        "    def __getitem__(self, i): raise OSError('bad file')\n"
        "train_data = D()\n",
        "train_data", "OSError: bad file",
    ),
    broken(
        "examples of different sizes",
        MODEL + "train_data = [(torch.zeros(i + 1), 0) for i in range(40)]\n",
        "train_data", "RuntimeError", "size",
    ),
    broken(
        "wrong width",
        MODEL + "train_data = (torch.randn(40, 5), torch.arange(40) % 3)\n",
        "data that fits the model", "(36, 5)", "shapes", "make",
    ),
    broken(
        "wrong width with a loss",
        MODEL + "train_data = (torch.randn(40, 5), torch.arange(40) % 3)\n" + LOSS,
        "data that fits the model", ", 5) float32", "make the shapes",
    ),
    broken(
        "validation of another width",
        GOOD + LOSS + "val_data = (torch.randn(20, 7), torch.arange(20) % 3)\n",
        "val_data that fits model and loss", "(20, 7)",
    ),
    broken(
        "integer inputs",
        MODEL + "train_data = (torch.ones(40, 4).long(), torch.arange(40) % 3)\n" + LOSS,
        "data that fits the model", "int64",
    ),
    broken(
        "targets of the wrong kind",
        "model = lambda: torch.nn.Linear(4, 3)\ntrain_data = (torch.randn(40, 4), torch.rand(40, 1))\n" + LOSS,
        "train_data that fits model and loss", "(36, 1) float32",
    ),
    broken(
        "loss per example",
        GOOD + "loss = torch.nn.CrossEntropyLoss(reduction='none')\n",
        "a loss that is one number", "shape (36,)", ".mean()",
    ),
    broken("loss a float", GOOD + "def loss(o, t):\n    return 1.0\n", "a loss that is one number", "float"),
    broken("loss not callable", GOOD + "loss = 'mse'\n", "loss(outputs, targets)", "str"),
    broken(
        "loss raises",
        GOOD + "def loss(outputs, targets):\n    raise ArithmeticError('in the loss')\n",
        "model and loss", "ArithmeticError: in the loss",
    ),
    broken(
        "loss class with arguments",
        GOOD + "class loss(torch.nn.Module):\n    def __init__(self, scale): ...\n",
        "loss", "TypeError", "scale",
    ),
    broken(
        "no loss fits",
        MODEL + "train_data = (torch.randn(40, 4), torch.rand(40, 2))\n",
        "outputs and targets for a usual loss", "(36, 3)", "(36, 2)", "define loss",
    ),
    broken(
        "training_step without a loss",
        GOOD + "def training_step(model, batch):\n    return {'outputs': model(batch[0])}\n",
        "training_step", "loss",
    ),
    broken(
        "metric raises",
        GOOD + "def metric(outputs, targets):\n    raise RuntimeError('in the metric')\n",
        "metric", "RuntimeError: in the metric",
    ),
    broken(
        "metric per example",
        GOOD + "def metric(outputs, targets):\n    return outputs.argmax(1) == targets\n",
        "metric", "one number", "shape (36,)",
    ),
    broken("metric not callable", GOOD + "metric = 'accuracy'\n", "metric(outputs, targets)", "str"),
    broken(
        "param_groups raises",
        GOOD + "def param_groups(model):\n    return [{'params': model.body.parameters()}]\n",
        "param_groups", "AttributeError", "body",
    ),
    broken("param_groups of nothing", GOOD + "def param_groups(model):\n    return []\n", "param_groups", "empty"),
    broken("param_groups not callable", GOOD + "param_groups = 3\n", "param_groups(model)", "int"),
    broken(
        "NaN input",
        GOOD + "train_data[0][17, 2] = float('nan')\nval_data = (torch.ones(9, 4), torch.arange(9) % 3)\n",
        "finite numbers in train_data", "1 NaN or infinite", "example 17",
    ),
    broken(
        "infinite target",
        "model = lambda: torch.nn.Linear(4, 1)\ntrain_data = (torch.randn(40, 4), torch.randn(40, 1))\n"
        "val_data = (torch.randn(9, 4), torch.randn(9, 1))\ntrain_data[1][3] = float('inf')\n",
        "finite numbers in train_data", "part 1", "example 3",
    ),
    broken(
        "NaN in validation only",
        GOOD + "val_data = (torch.ones(9, 4), torch.arange(9) % 3)\nval_data[0][5] = float('nan')\n",
        "finite numbers in val_data", "4 NaN or infinite", "example 5",
    ),
    broken(
        "NaN in a Dataset",
        MODEL + "class D(torch.utils.data.Dataset):\n    def __len__(self): return 40\n"
        "    def __getitem__(self, i): return torch.full((4,), float('nan')), i % 3\n"
        "train_data = D()\n",
        "finite numbers in train_data", "NaN",
    ),
    broken(
        "class too large",
        MODEL + "train_data = (torch.randn(40, 4), torch.arange(40) % 4)\n",
        "class targets from 0 to 2", "3 outputs", "from 0 to 3",
    ),
    broken(
        "class too large with a loss",
        MODEL + "train_data = (torch.randn(40, 4), torch.arange(40) % 4)\n" + LOSS,
        "class targets from 0 to 2", "from 0 to 3",
    ),
    broken(
        "negative class",
        MODEL + "train_data = (torch.randn(40, 4), torch.arange(40) % 3 - 1)\n",
        "class targets from 0 to 2", "from -1 to 1", "from 0",
    ),
    broken(
        "class too large in validation only",
        GOOD + "val_data = (torch.ones(9, 4), torch.full((9,), 3))\n",
        "class targets from 0 to 2 in val_data", "from 3 to 3",
    ),
    broken(
        "class too large late in a Dataset",
        MODEL + "class D(torch.utils.data.Dataset):\n    def __len__(self): return 400\n"
        "    def __getitem__(self, i): return torch.ones(4) * i / 400, 7 if i == 321 else i % 3\n"
        "train_data, val_data = D(), (torch.ones(9, 4), torch.arange(9) % 3)\n",
        "class targets from 0 to 2 in train_data", "from 0 to 7",
    ),
    broken(
        "class too large late in the targets of a slow Dataset",
        MODEL + "import time\nclass D(torch.utils.data.Dataset):\n    targets = [i % 3 for i in range(400)] + [-1]\n"
        "    def __len__(self): return 401\n"
        "    def __getitem__(self, i): time.sleep(0.02); return torch.ones(4) * i / 400, self.targets[i]\n"
        "train_data, val_data = D(), (torch.ones(9, 4), torch.arange(9) % 3)\n",
        "class targets from 0 to 2 in train_data", "from -1 to 2",
    ),
]  # fmt: skip

SETTINGS = [
    ("{'learning_rate': 0.1}", ("settings with the keys", "learning_rate", "rename")),
    ("['lr', 0.1]", ("settings", "list")),
    ("{'lr': -0.1}", ("lr as a number above 0", "-0.1")),
    ("{'lr': 0}", ("lr as a number above 0", "0")),
    ("{'lr': 'fast'}", ("lr as a number above 0", "'fast'")),
    ("{'lr': float('nan')}", ("lr as a number above 0", "nan")),
    ("{'lr': float('inf')}", ("lr as a number above 0", "inf")),
    ("{'lr': True}", ("lr as a number above 0", "True")),
    ("{'momentum': 1.0}", ("momentum as a number from 0.0 below 1.0", "1.0")),
    ("{'optimizer': 'Adam', 'betas': 0.9}", ("betas as two numbers", "0.9")),
    ("{'weight_decay': -1e-4}", ("weight_decay as a number from 0.0", "-0.0001")),
    ("{'batch_size': 0}", ("batch_size as a number above 0", "0")),
    ("{'batch_size': 2.5}", ("batch_size as a whole number", "2.5")),
    ("{'epochs': 0}", ("epochs as a number above 0", "0")),
    ("{'epochs': -3}", ("epochs as a number above 0", "-3")),
    ("{'clip_grad_norm': 0}", ("clip_grad_norm as a number above 0", "0")),
    ("{'optimizer': 'Adm'}", ("torch.optim class", "'Adm'", "AdamW")),
    ("{'optimizer': 'Optimizer'}", ("torch.optim class", "'Optimizer'")),
    ("{'optimizer': 'Prodigy'}", ("Prodigy", "sets its own rate", "--optimizer AdamW")),
    ("{'optimizer': 'AdamWScheduleFree'}", ("AdamWScheduleFree", "sets its own rate")),
    ("{'optimizer': 'LBFGS'}", ("one gradient", "LBFGS", "SGD or AdamW")),
    ("{'optimizer': 'AdamW', 'momentum': 0.9}", ("torch.optim.AdamW takes", "momentum")),
    ("{'optimizer': 'SGD', 'nesterov': True}", ("torch.optim.SGD takes", "Nesterov")),
    ("{'schedule': 'zigzag'}", ("schedule", "'zigzag'", "onecycle")),
    ("{'schedule': {'name': 'ZigzagLR'}}", ("lr_scheduler class", "'ZigzagLR'")),
    ("{'schedule': {'name': 'StepLR'}}", ("StepLR takes", "step_size")),
    ("{'schedule': {'name': 'OneCycleLR'}}", ("max_lr: a number for schedule", "None")),
    ("{'schedule': {'gamma': 0.1}}", ("schedule", "name")),
]
FILES += [broken(f"settings {text}", f"{GOOD}settings = {text}\n", *says) for text, says in SETTINGS]

ARGUMENTS = [
    misused("--budget", "0", says=("--budget as a number above 0", "0")),
    misused("--budget", "-1", says=("--budget as a number above 0", "-1")),
    misused("--budget", "nan", says=("--budget as a number above 0", "nan")),
    misused("--budget", "inf", says=("--budget as a number above 0", "inf")),
    misused("--minutes", "0", says=("--minutes as a number above 0", "0")),
    misused("--minutes", "nan", says=("--minutes as a number above 0", "nan")),
    misused("--run", "a/b", says=("--run as a plain folder name", "'a/b'", "slashes")),
    misused("--run", "..", says=("--run as a plain folder name", "'..'")),
    misused("--run", "", says=("--run as a plain folder name", "''")),
    misused("--workers", "-1", says=("--workers", "-1")),
    misused("--seed", "99999999999999999999", says=("--seed", "99999999999999999999")),
    misused("--device", "abacus", says=("device", "abacus", "cpu")),
    misused("--device", "cpu:first", says=("device", "cpu:first")),
    misused("--select", "XX999", says=("XX999",)),
    misused("--ignore", "nonsense", says=("nonsense",)),
    misused("--model", "Nett", says=("`Nett` in task.py", "no such name")),
    misused("--train", "data", says=("`data` in task.py", "no such name")),
    misused("--loss", "mse", says=("`mse` in task.py", "no such name")),
    misused("--optimizer", "Adm", says=("torch.optim class", "'Adm'")),
    misused("--lr", "-1", says=("lr as a number above 0", "-1")),
    misused("--batch-size", "0", says=("batch_size as a number above 0", "0")),
    misused("--epochs", "0", says=("epochs as a number above 0", "0")),
    broken(
        "--objective metric without one",
        "model = lambda: torch.nn.Linear(4, 1)\ntrain_data = (torch.randn(40, 4), torch.randn(40, 1))\n",
        "a metric in the file", "none", "define metric",
        arguments=("--objective", "metric"),
    ),
]  # fmt: skip


def one_error(done: "subprocess.CompletedProcess[str]") -> str:
    """The single error on stderr, in its three parts, and nothing else anywhere."""
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    lines = done.stderr.splitlines()
    assert [line[:16] for line in lines] == ["error: expected ", "       found    ", "       do       "], done.stderr
    assert all(len(line) > 16 for line in lines)
    return done.stderr


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in FILES + ARGUMENTS])
def test_one_clear_error_and_nothing_written(case: Case, advisor: Advisor, tmp_path: Path) -> None:
    task = tmp_path / "task.py"
    task.write_text("import torch\n" + (case.source or ""), encoding="utf-8", errors="surrogateescape")
    done = advisor("diagnose", task, "--out", tmp_path / "reports", "--device", "cpu", *case.arguments, cwd=tmp_path)
    said = one_error(done)
    missing = [word for word in case.says if word not in said]
    assert not missing, said
    assert not (tmp_path / "reports").exists()


@pytest.mark.usefixtures("warm")
def test_a_file_that_ends_its_process_is_one_clear_error(advisor_process: Advisor, tmp_path: Path) -> None:
    (tmp_path / "task.py").write_text("import os\nos._exit(7)\n")
    said = one_error(advisor_process("diagnose", tmp_path / "task.py", "--out", tmp_path / "reports"))
    assert "ends before it trains" in said
    assert "exit code 7" in said
    assert not (tmp_path / "reports").exists()


def test_no_such_file(advisor: Advisor, tmp_path: Path) -> None:
    said = one_error(advisor("diagnose", tmp_path / "absent.py", "--out", tmp_path / "reports"))
    assert f"nothing at {tmp_path / 'absent.py'}" in said
    assert list(tmp_path.iterdir()) == []


def test_a_folder(advisor: Advisor, tmp_path: Path) -> None:
    said = one_error(advisor("diagnose", tmp_path, "--out", tmp_path / "reports"))
    assert f"the folder {tmp_path}" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("out", ["taken", "taken/deeper"])
def test_out_is_a_file(out: str, advisor: Advisor, tmp_path: Path) -> None:
    (tmp_path / "task.py").write_text("import torch\n" + GOOD)
    (tmp_path / "taken").write_text("mine")
    said = one_error(advisor("diagnose", tmp_path / "task.py", "--out", tmp_path / out))
    assert "--out as a folder" in said
    assert f"{tmp_path / 'taken'} is a file" in said
    assert (tmp_path / "taken").read_text() == "mine"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_out_may_not_be_written(advisor: Advisor, tmp_path: Path) -> None:
    (tmp_path / "task.py").write_text("import torch\n" + GOOD)
    (tmp_path / "closed").mkdir(mode=0o500)
    said = one_error(advisor("diagnose", tmp_path / "task.py", "--out", tmp_path / "closed"))
    assert "a writable" in said
    assert str(tmp_path / "closed") in said


def test_a_path_that_is_not_ascii_is_shown_intact(advisor: Advisor, tmp_path: Path) -> None:
    folder = tmp_path / "Zählung 数 🙂"
    folder.mkdir()
    (folder / "Übung.py").write_text("x = (\n", encoding="utf-8")
    assert "Übung.py, line 1" in one_error(advisor("diagnose", folder / "Übung.py", "--out", tmp_path / "reports"))
    said = one_error(advisor("diagnose", folder / "nichts.py", "--out", tmp_path / "reports"))
    assert str(folder / "nichts.py") in said


def test_debug_adds_the_users_traceback(advisor: Advisor, tmp_path: Path) -> None:
    (tmp_path / "task.py").write_text("x = 1\ny = x / 0\n")
    done = advisor("--debug", "diagnose", tmp_path / "task.py", "--out", tmp_path / "reports")
    assert done.returncode == 2
    assert done.stderr.startswith("error: expected ")
    assert "Traceback" in done.stderr
    assert "task.py" in done.stderr


@pytest.mark.parametrize("arguments", [("--budget", "much"), ("--nonsense",), ("--epochs", "2.5"), ("--format", "pdf")])
def test_arguments_that_cannot_be_read(arguments: tuple[str, ...], advisor: Advisor, tmp_path: Path) -> None:
    (tmp_path / "task.py").write_text("import torch\n" + GOOD)
    done = advisor("diagnose", tmp_path / "task.py", "--out", tmp_path / "reports", *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert arguments[0] in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "reports").exists()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, ("a readable config.yaml", "config.yaml")),
        ("optimizer: [", ("YAML",)),
        ("optimizer: {name: SGD, lr: 0.1}\nbatch_size: 0\nepochs: 1\n", ("batch_size: a whole number", "0")),
        ("optimizer: {name: SGD, lr: 0.1, speed: 3}\nbatch_size: 4\nepochs: 1\n", ("torch.optim.SGD", "speed")),
        ("optimizer: {name: SGD, lr: fast}\nbatch_size: 4\nepochs: 1\n", ("lr", "fast")),
    ],
)
def test_train_with_a_broken_config(text: str | None, says: tuple[str, ...], advisor: Advisor, tmp_path: Path) -> None:
    (tmp_path / "task.py").write_text("import torch\n" + GOOD)
    config = tmp_path / "config.yaml"
    if text is not None:
        config.write_text(text)
    done = advisor("train", tmp_path / "task.py", "--config", config, "--out", tmp_path / "runs", cwd=tmp_path)
    said = one_error(done)
    assert not [word for word in says if word not in said], said


@pytest.mark.parametrize("text", [None, "{", "[]"])
def test_report_of_a_folder_without_one(text: str | None, advisor: Advisor, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "report.json").write_text(text)
    said = one_error(advisor("report", tmp_path))
    assert "report.json" in said
    assert not (tmp_path / "report.html").exists()
