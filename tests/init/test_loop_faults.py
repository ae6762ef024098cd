"""Faults of training loops, read from the text of scripts: found where they are, and nowhere else."""

from dataclasses import replace
from pathlib import Path

import pytest

from advisor.config.config import Config
from advisor.config.hparams import HParams
from advisor.evidence.evidence import Evidence, Objective
from advisor.init.loop_faults import read_loop
from advisor.records.loop import LoopFault
from advisor.records.profile import ProfileResult
from advisor.records.task import Shapes, TaskFacts
from advisor.rules.base import ProbeRule
from advisor.rules.engine import judge
from advisor.rules.registry import RULES

SCRIPTS = Path(__file__).parents[2] / "benchmarks" / "faults_real" / "scripts"
TL = [rule for rule in RULES if isinstance(rule, ProbeRule) and rule.family == "TL"]
HEAD = """
import torch
from torch import nn
model = nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.1), nn.Linear(4, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
"""


def evidence(text="", schedule=None):
    current = Config({"name": "SGD", "lr": 0.1}, schedule, 32, 10)
    facts = TaskFacts("task", 3200, 100, "", (), None, Shapes((), (), None, "other", 0.0), "cpu", "")
    return Evidence(
        facts=facts, profile=ProfileResult(), current=current, current_given=True, objective=Objective(),
        full_run_examples=32000, choice=HParams.starting_from(current), loop=read_loop(text) if text else None,
    )  # fmt: skip


def codes(text="", schedule=None):
    return [item.code for item in judge(evidence(text, schedule), TL) if item.judgement.verdict == "detected"]


def loop(body, epochs="for epoch in range(5):", before=""):
    inside = "\n".join(f"        {line}" for line in body.strip().splitlines())
    return f"{HEAD}{before}\n{epochs}\n    for x, y in loader:\n{inside}\n"


STEP = "optimizer.zero_grad()\nloss = f(model(x), y)\nloss.backward()\noptimizer.step()"
VALIDATED = "    with torch.no_grad():\n        for x, y in held_out:\n            all += f(model(x), y)\n"
FAULTY = {
    "TL001": loop("loss = f(model(x), y)\nloss.backward()\noptimizer.step()"),
    "TL002": loop("f(model(x), y).backward()\nif i % 4 == 0:\n    optimizer.step()\n    optimizer.zero_grad()"),
    "TL003": loop(STEP + "\ns.step()", before="s = torch.optim.lr_scheduler.StepLR(optimizer, step_size=3)"),
    "TL004": loop(
        "optimizer.zero_grad()\nscaler.scale(f(model(x), y)).backward()\n"
        "nn.utils.clip_grad_norm_(model.parameters(), 1)\nscaler.step(optimizer)",
        before="scaler = torch.amp.GradScaler()",
    ),
    "TL005": loop(STEP, before="model.head = nn.Linear(4, 3)"),
    "TL006": loop(STEP) + "    model.eval()\n    check(model)\n",
    "TL007": loop(STEP.replace("loss.back", "loss = loss.detach().requires_grad_()\nloss.back")),
    "TL008": loop(STEP, before="val_loader = make()")
    + "    model.train()\n    with torch.no_grad():\n        for x, y in loader:\n            all += f(model(x), y)\n",
    "TL009": loop("loss = f(model(x), y)\nloss.backward()\noptimizer.zero_grad()\noptimizer.step()"),
    "TL010": loop(STEP) + VALIDATED,
    "TL011": loop(STEP).replace(
        "    for x, y",
        "    net = nn.Linear(4, 2)\n    other = torch.optim.SGD(net.parameters(), lr=0.1)\n    for x, y",
    ),
}  # fmt: skip


def test_a_validation_in_one_expression_is_seen():
    said = "    with torch.no_grad():\n        print(sum(f(model(x), y) for x, y in held_out))\n"
    assert codes(loop(STEP) + said) == ["TL010"]


@pytest.mark.parametrize("code", FAULTY)
def test_each_fault_is_found_alone(code):
    assert codes(FAULTY[code]) == [code]


SOUND = {
    "plain": loop(STEP),
    "zeroed by hand": loop("loss = f(model(x), y)\nloss.backward()\noptimizer.step()\nfor p in ps:\n    p.grad = None"),
    "zeroed in a function": "def clear():\n    optimizer.zero_grad()\n"
    + loop("clear()\nf(model(x), y).backward()\noptimizer.step()"),
    "divided": loop("(f(model(x), y) / 4).backward()\nif i % 4 == 0:\n    optimizer.step()\n    optimizer.zero_grad()"),
    "steps of a schedule": loop(
        STEP + "\ns.step()", before="s = torch.optim.lr_scheduler.StepLR(optimizer, step_size=5000)"
    ),
    "per epoch": loop(STEP, before="s = torch.optim.lr_scheduler.StepLR(optimizer, step_size=3)") + "    s.step()\n",
    "two optimizers": loop(
        "optimizer.zero_grad()\na.backward()\noptimizer_g.zero_grad()\noptimizer.step()\nb.backward()\noptimizer_g.step()"
    ),
    "moved after": loop(STEP, before="model = model.to(device)"),
    "training accuracy": loop(STEP, before="val_loader = make()\ncheck(val_loader)")
    + "    model.train()\n    with torch.no_grad():\n"
    + "        for x, y in loader:\n            correct += f(model(x), y)\n",
    "evaluation mode": loop("model.train()\n" + STEP) + "    model.eval()\n" + VALIDATED,
    "mode as an argument": loop(STEP) + "    model.train(False)\n" + VALIDATED + "    model.train(True)\n",
    "no layer with modes": (loop(STEP) + VALIDATED).replace("nn.Dropout(0.1), ", ""),
    "dropout on purpose": "# MC_dropout: averaged over passes\n" + loop(STEP) + VALIDATED,
    "a model for each fold": loop(STEP, epochs="for fold in range(5):").replace(
        "    for x, y", "    net = nn.Linear(4, 2)\n    other = torch.optim.SGD(net.parameters(), lr=0.1)\n    for x, y"
    ),
    "summed loss": loop(
        "optimizer.zero_grad()\nloss = torch.tensor(0.0)\nfor t in y:\n    loss = loss + f(model(x), t)\n"
        "loss.backward()\noptimizer.step()"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SOUND)
def test_sound_loops_are_left_alone(name):
    assert codes(SOUND[name]) == []


def test_text_without_a_loop_is_not_judged():
    assert read_loop("x = 1") is None and read_loop("def f(:") is None
    assert {item.judgement.verdict.value for item in judge(evidence(), TL)} == {"not_applicable"}


def test_the_line_and_the_repair_are_named():
    reading = read_loop(FAULTY["TL009"])
    assert reading is not None
    (fact,) = reading.of(LoopFault.ZEROED_BEFORE_STEP)
    assert FAULTY["TL009"].splitlines()[fact.line - 1].strip() == fact.source == "optimizer.zero_grad()"
    found = next(item for item in judge(evidence(FAULTY["TL009"]), TL) if item.code == "TL009")
    assert f"line {fact.line}" in found.judgement.text and "zero_grad()" in found.judgement.advice


@pytest.mark.parametrize(
    ("schedule", "found"),
    [
        ({"name": "StepLR", "step_size": 5, "gamma": 0.1}, True),
        ({"name": "StepLR", "step_size": 400, "gamma": 0.1}, False),
        ({"name": "ExponentialLR", "gamma": 0.9}, True),
        ({"name": "MultiStepLR", "milestones": [500, 800], "gamma": 0.1}, False),
        ({"name": "OneCycleLR", "max_lr": 0.1}, False),
    ],
)
def test_a_schedule_in_settings_that_ends_at_once(schedule, found):
    assert ("TL003" in codes(schedule=schedule)) == found


def test_more_facts_of_other_kinds_do_not_hide_one_another():
    text = FAULTY["TL001"].replace("    loss.backward()", "    loss = loss.detach()\n        loss.backward()")
    assert codes(text) == ["TL001", "TL007"]
    assert replace(evidence(text), loop=None).loop is None


@pytest.mark.skipif(not SCRIPTS.is_dir(), reason="no benchmarks beside these tests")
def test_the_development_half_of_the_real_scripts():
    assert "not_zeroed" in [
        fact.fault for fact in (read_loop((SCRIPTS / "gradients_never_zeroed.py").read_text()).facts)
    ]
