"""Frameworks whose loop is in the script, or in the package itself."""

import sys

import pytest

from advisor.capture.frameworks import _search
from tests.capture.scripts import DATA
from tests.capture.test_scripts import captured

pytestmark = pytest.mark.usefixtures("warm")
LOADERS = (
    DATA
    + """
train = DataLoader(TensorDataset(x[:320], y[:320]), batch_size=32, shuffle=True)
val = DataLoader(TensorDataset(x[320:], y[320:]), batch_size=40)
model = nn.Sequential(nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 10))
opt = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
"""
)
ACCELERATE = (
    LOADERS
    + """
from accelerate import Accelerator

accelerator = Accelerator(gradient_accumulation_steps=2)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 30)
model, opt, train, val, sched = accelerator.prepare(model, opt, train, val, sched)
for epoch in range(6):
    for a, b in train:
        with accelerator.accumulate(model):
            loss = nn.functional.cross_entropy(model(a), b)
            accelerator.backward(loss)
            if accelerator.sync_gradients:
                accelerator.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
            sched.step()
            opt.zero_grad()
    for a, b in val:
        with torch.no_grad():
            accelerator.gather_for_metrics((model(a).argmax(1), b))
"""
)
IGNITE = (
    LOADERS
    + """
from ignite.engine import Events, create_supervised_evaluator, create_supervised_trainer
from ignite.metrics import Loss

trainer = create_supervised_trainer(model, opt, nn.CrossEntropyLoss())
evaluator = create_supervised_evaluator(model, metrics={"loss": Loss(nn.CrossEntropyLoss())})
trainer.add_event_handler(Events.EPOCH_COMPLETED, lambda engine: evaluator.run(val))
trainer.run(train, max_epochs=7)
"""
)


def test_accelerate_draws_its_batches_ahead_and_divides_the_loss(tmp_path):
    pytest.importorskip("accelerate")
    current, said = captured(tmp_path, ACCELERATE)
    assert (current["batch_size"], current["epochs"], current["clip_grad_norm"]) == (64, 6, 1.0)
    assert current["schedule"]["name"] == "CosineAnnealingLR" and current["schedule"]["T_max"] == 30
    assert "validation: the loader val" in said


def test_ignite_keeps_its_loop_in_the_package(tmp_path):
    pytest.importorskip("ignite")
    current, said = captured(tmp_path, IGNITE)
    assert (current["batch_size"], current["epochs"]) == (32, 7)
    assert current["optimizer"] == {"name": "SGD", "lr": 0.1, "momentum": 0.9}
    assert "validation: the loader val" in said


def test_the_search_that_fits_is_told():
    search = compile(
        "class GridSearchCV:\n    def fit(self):\n        return look()\n", "model_selection/_search.py", "exec"
    )
    space = {"look": lambda: _search(sys._getframe(1))}
    exec(search, space)
    assert space["GridSearchCV"]().fit() == "GridSearchCV"
    assert _search(sys._getframe()) == ""
