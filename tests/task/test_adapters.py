"""Projects of other frameworks: what is read agrees with what the framework itself would do."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from advisor.config.build_scheduler import build_scheduler
from advisor.errors import ContractError
from advisor.records.task import TaskSource
from advisor.task.adapters.optimizers import settings_of
from advisor.task.adapters.schedulers import keywords_of
from advisor.task.load import load_task
from advisor.task.task import Task

Open = Callable[[str], Task]
LIT = """
import lightning as L
import torch
from torch import nn

class Lit(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.net = nn.Linear(4, 3)

    def training_step(self, batch):
        return {"loss": nn.functional.cross_entropy(self.net(batch[0]), batch[1])}

    def train_dataloader(self):
        data = torch.utils.data.TensorDataset(torch.randn(50, 4), torch.arange(50) % 3)
        return torch.utils.data.DataLoader(data, batch_size=10, shuffle=True)
"""
ADAM = """
    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=0.5, betas=(0.8, 0.9))

"""
TRAINER = """
import torch
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments

config = BertConfig(vocab_size=20, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
                    max_position_embeddings=8, num_labels=2)
rows = [{"input_ids": torch.randint(0, 20, (8,)), "labels": i % 2} for i in range(64)]
args = TrainingArguments(output_dir="unused", use_cpu=True, report_to=[], per_device_train_batch_size=8, MORE)
trainer = Trainer(BertForSequenceClassification(config), args, train_dataset=rows[:48], eval_dataset=rows[48:])
"""
ONCE = """
model, made = BertForSequenceClassification(config), []

def train_data():
    made.append("train")
    assert made.count("train") == 1
    return rows[:48]

def val_data():
    made.append("val")
    assert made.count("val") == 1
    return torch.utils.data.DataLoader(rows[48:], 8)
"""
NET = """
import torch
from skorch import NeuralNetClassifier
from torch import nn

class Module(nn.Module):
    def __init__(self, width=5):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(4, width), nn.Linear(width, 3), nn.Softmax(-1))

    def forward(self, X):
        return self.net(X)

X, y = torch.randn(50, 4).numpy(), (torch.arange(50) % 3).numpy()
net = NeuralNetClassifier(Module, module__width=7, optimizer=torch.optim.Adam, lr=0.02, max_epochs=4)
"""


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    def make(source: str) -> Task:
        path = tmp_path / "project.py"
        path.write_text(source)
        return load_task(TaskSource(path=str(path), device="cpu"))

    return make


def test_lightning_module_with_its_own_loaders(opened: Open) -> None:
    task = opened(LIT + ADAM)
    assert task.current.config.optimizer == {"name": "Adam", "lr": 0.5, "betas": [0.8, 0.9], "weight_decay": 0.0}
    assert (task.train.size, task.val.size, task.current.config.batch_size) == (45, 5, 10)
    model, batch = task.fresh_model(0), task.train.take(range(10))
    wanted = torch.nn.functional.cross_entropy(model.net(batch[0]), batch[1])
    assert torch.equal(task.loss(model, batch), wanted)
    assert task.judge is None


def test_lightning_schedule_that_asks_its_trainer(opened: Open) -> None:
    task = opened(
        LIT + "    def configure_optimizers(self):\n        optimizer = torch.optim.AdamW(self.parameters(), lr=1e-4)\n"
        "        steps = self.trainer.estimated_stepping_batches\n"
        "        cycle = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.03, total_steps=steps, pct_start=0.2)\n"
        "        return [optimizer], [{'scheduler': cycle, 'interval': 'step'}]\n"
    )
    assert task.current.config.schedule == {"name": "OneCycleLR", "max_lr": 0.03, "pct_start": pytest.approx(0.2)}
    assert task.current.config.optimizer["lr"] == 0.03


def test_lightning_validation_step_that_returns_its_loss(opened: Open) -> None:
    task = opened(
        LIT + ADAM + "    def validation_step(self, batch, batch_idx):\n"
        "        self.log_dict({'error': (self.net(batch[0]).argmax(1) != batch[1]).float().mean()})\n"
        "        return {'val_loss': torch.tensor(7.0)}\n"
    )
    assert task.metric is not None
    assert (task.metric.name, task.metric.higher_is_better, task.metric.from_user) == ("error", False, False)
    loss, metric = task.loss_and_metric(task.fresh_model(0), task.val.take(range(5)))
    assert float(loss) == 7.0
    assert 0 <= metric <= 1


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("    def configure_optimizers(self):\n        return [torch.optim.SGD(self.parameters(), 0.1)] * 2\n",
         "2 optimizers"),
        (ADAM + "    automatic_optimization = False\n", "manual optimization"),
        ("    def configure_optimizers(self):\n        return self.trainer.nothing\n", "'nothing'"),
        ("    def configure_optimizers(self):\n        pass\n", "to return an optimizer"),
    ],
)  # fmt: skip
def test_lightning_out_of_scope(more: str, says: str, opened: Open) -> None:
    with pytest.raises(ContractError, match=says):
        opened(LIT + more)


@pytest.mark.parametrize(
    ("kind", "warmup"), [("linear", 0), ("linear", 12), ("cosine", 0), ("cosine", 12), ("constant", 0)]
)
def test_the_schedule_of_training_arguments_is_transformers_own(kind: str, warmup: int, opened: Open) -> None:
    from transformers import get_scheduler

    arguments = f"learning_rate=0.02, num_train_epochs=10, lr_scheduler_type={kind!r}, warmup_steps={warmup}"
    config = opened(TRAINER.replace("MORE", arguments)).current.config
    total = 60
    off = 0.02 / 9 if kind == "cosine" and warmup else 0.02 / 11  # a warm-up along a cosine; one step of a line
    theirs, ours = (torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.02) for _ in range(2))
    reference = get_scheduler(kind, theirs, num_warmup_steps=warmup, num_training_steps=total)
    scheduler = build_scheduler(ours, config.schedule, total)
    for _ in range(total):
        assert ours.param_groups[0]["lr"] == pytest.approx(theirs.param_groups[0]["lr"], abs=off)
        for optimizer, step in ((theirs, reference), (ours, scheduler)):
            optimizer.step()
            if step is not None:
                step.step()


def test_data_made_by_a_function_are_made_once(opened: Open) -> None:
    source = TRAINER.replace("MORE", 'warmup_steps=6, num_train_epochs=2, lr_scheduler_type="linear"')
    source = source.partition("trainer = ")[0] + ONCE
    task = opened(source)
    assert (task.train.size, task.val.size) == (48, 16)
    assert task.current.config.schedule is not None
    assert task.current.config.schedule["pct_start"] == pytest.approx(7 / 12), "of 2 epochs of 6 steps"


def test_weight_decay_groups_are_the_trainers_own(opened: Open) -> None:
    task = opened(TRAINER.replace("MORE", "weight_decay=0.1, max_steps=30, gradient_accumulation_steps=2"))
    assert (task.current.config.batch_size, task.current.config.epochs, task.piece) == (16, 10, 8)
    model = task.fresh_model(0)
    import transformers

    own: Any = transformers.Trainer.get_decay_parameter_names(None, model)
    decayed, rest = task.param_groups(model)
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    assert {names[id(p)] for p in decayed["params"]} == set(own)
    assert rest["weight_decay"] == 0.0
    assert len(decayed["params"]) + len(rest["params"]) == len(names)


def test_the_loss_of_a_skorch_net_is_skorchs_own(opened: Open) -> None:
    import sys

    task = opened(NET)
    model = task.fresh_model(0)
    assert model.net[0].out_features == 7
    inputs, targets = task.train.take(range(20))
    net = sys.modules[type(model).__module__].net.initialize()
    assert float(task.loss(model, (inputs, targets))) == pytest.approx(float(net.get_loss(model(inputs), targets)))
    assert task.current.config.optimizer == {"name": "Adam", "lr": 0.02}
    assert (task.current.config.epochs, task.current.config.batch_size) == (4, 45)


@pytest.mark.parametrize(
    "keywords",
    [
        {"name": "StepLR", "step_size": 3, "gamma": 0.5},
        {"name": "MultiStepLR", "milestones": [2, 5], "gamma": 0.1},
        {"name": "CosineAnnealingLR", "T_max": 9, "eta_min": 0.001},
        {"name": "CyclicLR", "base_lr": 0.01, "max_lr": 0.2, "step_size_up": 4},
    ],
)
def test_a_scheduler_as_its_keywords(keywords: dict[str, Any]) -> None:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1, momentum=0.9)
    scheduler = build_scheduler(optimizer, keywords, 9)
    assert keywords_of(scheduler) == keywords


def test_what_cannot_be_written_down() -> None:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    assert keywords_of(torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 0.9**step)) is None

    class Own(torch.optim.AdamW):
        pass

    said: list[str] = []
    assert settings_of(Own([torch.zeros(1)], lr=0.3), said)["optimizer"] == "AdamW"
    assert said == []


def test_a_trainers_own_loss_and_optimizer_are_taken(opened: Open) -> None:
    source = TRAINER.replace("MORE", "learning_rate=0.3, weight_decay=0.2, num_train_epochs=3").partition("trainer = ")[
        0
    ]
    task = opened(
        source
        + """
class Mine(Trainer):
    def compute_loss(self, model, inputs, return_outputs=False, **_):
        labels = inputs.pop("labels")
        return torch.nn.functional.cross_entropy(model(**inputs).logits, labels, weight=torch.tensor([1.0, 3.0]))

net = BertForSequenceClassification(config)
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.7)
trainer = Mine(net, args, train_dataset=rows[:48], optimizers=(opt, torch.optim.lr_scheduler.StepLR(opt, 9)))
"""
    )
    config = task.current.config
    assert config.optimizer == {"name": "SGD", "lr": 0.05, "momentum": 0.7, "weight_decay": 0.0}
    assert config.schedule is not None and (config.schedule["name"], config.schedule["step_size"]) == ("StepLR", 9)
    model, batch = task.fresh_model(0).eval(), task.train.take(range(8))
    logits = model(input_ids=batch["input_ids"]).logits
    wanted = torch.nn.functional.cross_entropy(logits, batch["labels"], weight=torch.tensor([1.0, 3.0]))
    assert float(task.loss(model, batch)) == pytest.approx(float(wanted))
    assert set(batch) == {"input_ids", "labels"}
    assert "loss: compute_loss of Mine" in task.inferred


def test_a_trainer_with_a_step_of_its_own_is_refused(opened: Open) -> None:
    source = TRAINER.replace("MORE", "num_train_epochs=3").replace("trainer = Trainer(", "trainer = Mine(")
    own = "class Mine(Trainer):\n    def training_step(self, *_, **__):\n        return torch.tensor(0.0)\n\n"
    with pytest.raises(ContractError, match="Mine with its own training_step"):
        opened(source.replace("trainer = ", f"{own}trainer = "))


def test_lightning_lengths_hooks_and_callbacks_of_the_trainer(opened: Open) -> None:
    task = opened(
        LIT + "    def configure_optimizers(self):\n        optimizer = torch.optim.SGD(self.parameters(), lr=0.1)\n"
        "        steps = self.trainer.estimated_stepping_batches\n"
        "        fall = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)\n"
        "        return [optimizer], [{'scheduler': fall, 'interval': 'step'}]\n\n"
        "    def on_before_optimizer_step(self, optimizer):\n        pass\n\n"
        "trainer = L.Trainer(max_epochs=7, logger=False, accelerator='cpu', enable_checkpointing=False,\n"
        "                    callbacks=[L.pytorch.callbacks.StochasticWeightAveraging(0.1)])\n"
    )
    schedule = task.current.config.schedule
    assert schedule is not None and schedule["T_max"] == 7 * 5
    said = "\n".join(task.inferred)
    assert "StochasticWeightAveraging of the Trainer: not used in probes" in said
    assert "on_before_optimizer_step of Lit: not called in probes" in said
