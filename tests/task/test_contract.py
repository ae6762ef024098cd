"""What a file may offer, by which names, and what is made of it."""

import subprocess
import sys
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest
import torch

from advisor.errors import ContractError
from advisor.records.task import Shapes, TaskFacts
from advisor.task.task import Task
from advisor.utils.codec import from_text
from advisor.workers.messages import LoadedTask

pytestmark = pytest.mark.usefixtures("warm")
Load = Callable[..., tuple[Task, Shapes]]
Write = Callable[..., Path]
OPEN = """
import sys
from advisor.records.task import TaskSource
from advisor.utils.codec import to_text
from advisor.workers.local import local_pool

engine = local_pool(1, threads=1, device="cpu")
try:
    print(to_text(engine.open(TaskSource(sys.argv[1], device="cpu"))))
finally:
    engine.close()
"""


def opened(path: Path) -> TaskFacts:
    """The facts of a file that is loaded as the command loads it: in a worker process."""
    done = subprocess.run([sys.executable, "-c", OPEN, str(path)], capture_output=True, text=True, cwd="/")
    assert done.returncode == 0, done.stderr
    return from_text(LoadedTask, done.stdout).facts


def test_the_least_that_is_needed(load: Load) -> None:
    task, shapes = load()
    assert (task.name, task.train.size, task.val.size) == ("task_file", 45, 5)
    assert (shapes.inputs, shapes.outputs, shapes.classes, shapes.targets) == ((4,), (3,), 3, "classes")
    assert not task.current.given
    said = " ".join(task.inferred)
    assert "fixed tenth of train_data (5 examples)" in said
    assert "loss inferred: cross_entropy" in said
    assert "optimizer AdamW assumed" in said
    assert "epochs 10 assumed" in said
    assert task.metric is not None
    assert (task.metric.name, task.metric.from_user) == ("accuracy", False)


@pytest.mark.parametrize(
    "model",
    [
        "class model(nn.Linear):\n    def __init__(self):\n        super().__init__(4, 3)\n",
        "def model():\n    return nn.Linear(4, 3)\n",
        "model = nn.Linear(4, 3)\n",
        "import functools\nmodel = functools.partial(nn.Linear, 4, 3)\n",
    ],
    ids=["class", "function", "instance", "partial"],
)
def test_forms_of_a_model(model: str, load: Load) -> None:
    task, _ = load(model=model)
    first, again = task.fresh_model(0), task.fresh_model(0)
    assert first is not again
    assert isinstance(first, torch.nn.Linear)
    assert torch.equal(first.weight, again.weight)
    with torch.no_grad():
        first.weight.zero_()
    assert again.weight.abs().sum() > 0
    assert torch.equal(task.fresh_model(0).weight, again.weight)


def test_other_names(load: Load) -> None:
    task, _ = load(
        "Net = model\ndel model\nmine, held = train_data, (x[:9], y[:9])\ndel train_data\n"
        "def cost(o, t):\n    return nn.functional.cross_entropy(o, t) + 100.0\n",
        names={"model": "Net", "train_data": "mine", "val_data": "held", "loss": "cost"},
    )
    assert (task.train.size, task.val.size) == (50, 9)
    assert float(task.loss(task.fresh_model(0), task.val.take(range(9)))) > 100


@pytest.mark.parametrize("role", ["model", "train_data", "val_data", "loss"])
def test_a_name_that_is_not_there(role: str, load: Load) -> None:
    with pytest.raises(ContractError, match=r"`nowhere` in task_file\.py"):
        load(names={role: "nowhere"})


@pytest.mark.parametrize(
    "loss",
    [
        "loss = nn.CrossEntropyLoss()\n",
        "loss = nn.CrossEntropyLoss\n",
        "loss = nn.functional.cross_entropy\n",
        "def training_step(model, batch):\n    return nn.functional.cross_entropy(model(batch[0]), batch[1])\n",
        "def training_step(model, batch):\n"
        "    return {'loss': nn.functional.cross_entropy(model(batch[0]), batch[1])}\n",
        "",
    ],
    ids=["instance", "class", "function", "training_step", "training_step dict", "inferred"],
)
def test_forms_of_a_loss(loss: str, load: Load) -> None:
    task, _ = load(loss)
    model = task.fresh_model(0)
    inputs, targets = batch = task.val.take(range(5))
    assert float(task.loss(model, batch)) == pytest.approx(
        float(torch.nn.functional.cross_entropy(model(inputs), targets))
    )
    assert any("loss inferred" in line for line in task.inferred) == (loss == "")


def test_the_models_own_loss(load: Load) -> None:
    model = (
        "class model(nn.Linear):\n    def __init__(self):\n        super().__init__(4, 3)\n"
        "    def forward(self, input_ids, labels):\n        out = super().forward(input_ids)\n"
        "        return {'loss': nn.functional.cross_entropy(out, labels), 'logits': out}\n"
    )
    data = "train_data = [{'input_ids': torch.randn(4), 'labels': i % 3} for i in range(50)]\n"
    task, shapes = load(data=data, model=model)
    assert "loss: returned by the model" in task.inferred
    assert (shapes.outputs, shapes.classes) == ((3,), 3)
    loss, metric = task.loss_and_metric(task.fresh_model(0), task.val.take(range(5)))
    assert loss.requires_grad
    assert 0 <= float(metric) <= 1


def test_a_metric_with_its_direction(load: Load) -> None:
    task, _ = load("def error(o, t):\n    return (o.argmax(1) != t).float().mean()\n"
                   "error.higher_is_better = False\nmetric = error\n")  # fmt: skip
    assert task.metric is not None
    assert (task.metric.name, task.metric.higher_is_better, task.metric.from_user) == ("error", False, True)


def test_regression_has_no_metric(load: Load) -> None:
    task, shapes = load(data="train_data = (torch.randn(50, 4), torch.randn(50, 3))\n")
    assert task.metric is None
    assert (shapes.targets, shapes.classes) == ("real", None)


def test_settings_and_what_overrides_them(write: Write) -> None:
    from advisor.records.task import TaskSource
    from advisor.task.load import load_task

    path = write("settings = {'optimizer': 'SGD', 'lr': 0.3, 'momentum': 0.8, 'nesterov': True, 'weight_decay': 1e-3, "
                 "'batch_size': 10, 'epochs': 7, 'schedule': 'onecycle', 'clip_grad_norm': 2}\n")  # fmt: skip
    config = load_task(TaskSource(path=str(path), device="cpu")).current.config
    assert config.as_dict() == {
        "optimizer": {"name": "SGD", "lr": 0.3, "momentum": 0.8, "nesterov": True, "weight_decay": 1e-3},
        "schedule": {"name": "OneCycleLR", "max_lr": 0.3}, "batch_size": 10, "epochs": 7, "clip_grad_norm": 2.0,
    }  # fmt: skip
    other = load_task(TaskSource(path=str(path), settings={"lr": 0.5, "epochs": 2, "batch_size": None}, device="cpu"))
    changed = other.current.config
    assert (changed.optimizer["lr"], changed.epochs, changed.batch_size) == (0.5, 2, 10)


def test_settings_as_an_object(load: Load) -> None:
    task, _ = load("class settings:\n    lr = 0.25\n    epochs = 3\n")
    assert (task.current.config.optimizer["lr"], task.current.config.epochs, task.current.given) == (0.25, 3, True)


def test_batch_size_is_the_loaders_and_at_most_the_data(load: Load) -> None:
    loader = "train_data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), 12, shuffle=True)\n"
    assert load(loader)[0].current.config.batch_size == 12
    assert load("settings = {'batch_size': 1000}\n")[0].current.config.batch_size == 45


def test_the_fingerprint_follows_code_and_data(write: Write) -> None:
    plain = opened(write(data="x, y = torch.ones(50, 4), torch.arange(50) % 3\ntrain_data = (x, y)\n"))
    again = opened(write(data="x, y = torch.ones(50, 4), torch.arange(50) % 3\ntrain_data = (x, y)\n"))
    other = opened(write(data="x, y = torch.ones(50, 4) * 2, torch.arange(50) % 3\ntrain_data = (x, y)\n"))
    comment = opened(write("# more\n", data="x, y = torch.ones(50, 4), torch.arange(50) % 3\ntrain_data = (x, y)\n"))
    assert plain.fingerprint == again.fingerprint
    assert len({plain.fingerprint, other.fingerprint, comment.fingerprint}) == 3


def test_the_fingerprint_follows_imported_siblings(write: Write, tmp_path: Path) -> None:
    path = write("from helper import loss\n")
    prints = []
    for factor in ("1", "2"):
        (tmp_path / "helper.py").write_text(
            f"import torch\ndef loss(o, t):\n    return {factor} * torch.nn.functional.cross_entropy(o, t)\n"
        )
        prints.append(opened(path).fingerprint)
    assert prints[0] != prints[1]


@pytest.mark.parametrize("name", ["rules", "probes", "config", "agent", "report", "task", "fits"])
def test_the_users_own_modules_come_first(name: str, write: Write, tmp_path: Path) -> None:
    """A user's file called like one of our folders is theirs, and ours still works."""
    (tmp_path / f"{name}.py").write_text("classes = 3\n")
    facts = opened(write(f"from {name} import classes\nmodel = lambda: nn.Linear(4, classes)\n"))
    assert facts.train_size == 45


@pytest.mark.parametrize("name", ["json.py", "rules.py", "torch.py", "train-it now.py", "Übung.py", "model.py"])
def test_any_file_name(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    body = (
        "x, y = torch.randn(50, 4), torch.arange(50) % 3\ntrain_data = (x, y)\nmodel = lambda: torch.nn.Linear(4, 3)\n"
    )
    path.write_text(
        ("" if name == "torch.py" else "import torch\n")
        + ("import sys\ntorch = sys.modules['torch']\n" if name == "torch.py" else "")
        + body
    )
    assert opened(path).name == path.stem


def test_it_is_imported_and_not_run(write: Write) -> None:
    facts = opened(write("assert __name__ != '__main__'\nif __name__ == '__main__':\n    raise SystemExit(1)\n"))
    assert facts.val_size == 5


def test_dataclasses_and_pickles_of_the_file_work(load: Load) -> None:
    task, _ = load(
        "import dataclasses, pickle\n@dataclasses.dataclass\nclass Settings:\n    lr: float = 0.125\n"
        "settings = pickle.loads(pickle.dumps(Settings()))\n"
    )
    assert task.current.config.optimizer["lr"] == 0.125


def test_groups_are_passed_on(load: Load) -> None:
    task, _ = load(
        "def param_groups(model):\n    return [{'params': [model.weight]}, {'params': [model.bias], 'lr': 1.}]\n"
    )
    groups = task.param_groups(task.fresh_model(0))
    assert [len(group["params"]) for group in groups] == [1, 1]


def test_a_frozen_part_is_not_trained(load: Load) -> None:
    task, _ = load(
        model="def model():\n    net = nn.Linear(4, 3)\n    net.bias.requires_grad_(False)\n    return net\n"
    )
    assert [tuple(p.shape) for p in task.param_groups(task.fresh_model(0))] == [(3, 4)]


def test_nothing_of_the_users_is_changed(load: Load) -> None:
    task, _ = load("model = nn.Linear(4, 3)\nbefore = model.weight.detach().clone()\n")
    assert list(islice(task.train.forever(10, 0), 2))
    assert task.factory.weight.grad is None
    assert task.factory.training
