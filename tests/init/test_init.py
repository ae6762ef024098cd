"""`advisor init --no-run`: constants with their lines, the rest to be filled in."""

import ast
import json

import pytest
from click.testing import CliRunner

from advisor.cli.main import main
from advisor.init.form import FILL_IN
from advisor.init.reading import read
from advisor.init.source import Source, parsed

SCRIPT = '''
"""Trains."""
import argparse
import torch
from torch import nn, optim
from torch.utils.data import DataLoader

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.05)
parser.add_argument("-b", "--batch-size", type=int, default=64)
EPOCHS = 12


def main():
    args = parser.parse_args()
    train_loader = DataLoader(train_set, batch_size=args.batch_size, shuffle=True)
    val_loader = DataLoader(val_set, batch_size=1000)
    net = Net(3)
    opt = optim.SGD(net.parameters(), lr=args.lr, momentum=0.9)
    scheduler = optim.lr_scheduler.StepLR(opt, 30)
    for epoch in range(EPOCHS):
        for x, y in train_loader:
            opt.zero_grad()
            loss = nn.functional.cross_entropy(net(x), y)
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
        scheduler.step()


if __name__ == "__main__":
    main()
'''
OPEN = {
    "two optimizers": (
        "    opt = optim.SGD(",
        "    other = optim.Adam(net.parameters())\n    opt = optim.SGD(",
        "optimizer",
    ),
    "one under an if": ("    opt = optim.SGD(", "    if args.lr:\n      opt = optim.SGD(", "optimizer"),
    "a number that is set twice": ("EPOCHS = 12", "EPOCHS = 12\nif parser:\n    EPOCHS = 90", "epochs"),
    "a number that is computed": ("EPOCHS = 12", "EPOCHS = 6 * len(parser.prog)", "epochs"),
    "an option that is changed": ("    train_loader", "    args.lr = args.lr / 2\n    train_loader", "lr"),
    "two loaders": ("    val_loader", "    more = DataLoader(train_set, batch_size=8)\n    val_loader", "batch_size"),
}


def init(tmp_path, text, *options, name="train.py"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return CliRunner().invoke(main, ["init", "--no-run", str(path), *options])


def test_plain_numbers_are_written_and_the_rest_is_marked(tmp_path):
    done = init(tmp_path, SCRIPT)
    assert done.exit_code == 0
    text = (tmp_path / "advisor_task.py").read_text()
    space: dict = {}
    exec(compile(text, "advisor_task.py", "exec"), space)
    assert space["settings"] == {
        "optimizer": "SGD", "lr": 0.05, "momentum": 0.9, "batch_size": 64, "epochs": 12, "clip_grad_norm": 1.0,
        "schedule": None,
    }  # fmt: skip
    lines = SCRIPT.split("\n")
    number = next(i for i, line in enumerate(lines, 1) if "optim.SGD" in line)
    assert f'"lr": 0.05,  # line {number}' in text
    assert f"# {number - 1}: net = Net(3)" in text
    assert text.count(FILL_IN) == done.stdout.count("fill in:") == 5
    for name in ("model", "train_data", "val_data"):
        with pytest.raises(NotImplementedError):
            space[name]()
    assert "next: fill these in, then advisor diagnose" in done.stdout


@pytest.mark.parametrize("kind", OPEN)
def test_what_is_not_plain_is_left_open(kind):
    before, after, name = OPEN[kind]
    assert name not in read(Source.of(SCRIPT)).open
    found = read(Source.of(SCRIPT.replace(before, after, 1)))
    assert name in found.open and name not in found.settings


LOOP = "for epoch in range(3):\n    for x in data:\n        loss(x).backward()\n        {}\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("import tensorflow as tf\nmodel.fit(x)\n", "trains with TensorFlow"),
        ("import torch, gymnasium\n" + LOOP.format("opt.step()"), "reinforcement learning (gymnasium)"),
        ("import torch\nopt = torch.optim.LBFGS(p)\n" + LOOP.format("opt.step(f)"), "steps LBFGS on a closure"),
        (
            "import torch\na = torch.optim.SGD(p)\nb = torch.optim.Adam(q)\n" + LOOP.format("a.step(); b.step()"),
            "several optimizers by turns (a, b)",
        ),
        ("import torch\nclass Net(torch.nn.Module):\n    pass\n", "no training loop"),
        ("from trl import SFTTrainer\nt = SFTTrainer('gpt2')\nt.train()\n", "a trainer of another package"),
    ],
    ids=["framework", "games", "lbfgs", "turns", "no loop", "trainer"],
)
def test_out_of_scope_is_one_sentence_with_a_next_step(tmp_path, text, says):
    done = init(tmp_path, text)
    assert done.exit_code == 2
    found = next(line for line in done.stderr.splitlines() if line.strip().startswith("found"))
    assert says in found and "leave --no-run out" in done.stderr
    assert not (tmp_path / "advisor_task.py").exists()


def test_faults_of_the_loop_are_told(tmp_path):
    done = init(tmp_path, SCRIPT.replace("opt.zero_grad()", "pass"))
    assert "TL001 Gradients are never zeroed in the batch loop: line " in done.stdout
    assert "TL0" not in init(tmp_path, SCRIPT, "--force").stdout


def test_a_notebook_is_read_as_its_cells(tmp_path):
    cells = [{"cell_type": "code", "source": ["%time\n", "!ls\n", "files = !ls\n", *SCRIPT.splitlines(True)]}]
    path = tmp_path / "train.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    source = parsed(path)
    assert ast.unparse(source.tree).startswith("pass\npass\nfiles = []")
    assert read(source).settings["lr"][0] == 0.05


def test_a_line_of_a_cell_that_begins_with_a_remainder_is_no_command(tmp_path):
    cell = {"cell_type": "code", "input": ["said = ('%d of %d'\n", "        % (1, 2))\n"]}
    path = tmp_path / "old.ipynb"
    path.write_text(json.dumps({"worksheets": [{"cells": [cell]}], "metadata": {}, "nbformat": 3}))
    assert ast.unparse(parsed(path).tree) == "said = '%d of %d' % (1, 2)"


def test_an_existing_file_is_kept_unless_forced(tmp_path):
    target = tmp_path / "advisor_task.py"
    target.write_text("mine")
    done = init(tmp_path, SCRIPT)
    assert done.exit_code == 2 and "--force" in done.stderr and target.read_text() == "mine"
    assert init(tmp_path, SCRIPT, "--force").exit_code == 0
    assert "settings" in target.read_text()
    other = tmp_path / "other.py"
    assert init(tmp_path, SCRIPT, "--out", str(other)).exit_code == 0 and other.exists()


@pytest.mark.parametrize("text", ["print 'hello'", "\x00", "def f(:\n"])
def test_what_is_no_python_3_is_one_clear_error(tmp_path, text):
    done = init(tmp_path, text)
    assert done.exit_code == 2 and "error: expected a Python 3 script" in done.stderr
