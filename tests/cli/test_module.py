"""`advisor diagnose -m package.module`: as `python -m` runs it, relative imports and its own arguments included."""

import pytest
from click.testing import CliRunner

from advisor.cli.main import main
from tests.capture.scripts import DATA

pytestmark = pytest.mark.usefixtures("warm")
TRAIN = (
    "from .net import make\nfrom data_of_mine import loader\n"
    + DATA
    + """
import argparse

def run():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, required=True)
    net = make()
    opt = torch.optim.SGD(net.parameters(), lr=parser.parse_args().lr)
    for epoch in range(5):
        for a, b in loader(x, y):
            opt.zero_grad()
            nn.functional.cross_entropy(net(a), b).backward()
            opt.step()

if __name__ == "__main__":
    run()
"""
)
LOADER = """
from torch.utils.data import DataLoader, TensorDataset

def loader(x, y):
    return DataLoader(TensorDataset(x, y), batch_size=25)
"""


def test_a_module_of_a_package(tmp_path, monkeypatch):
    package = tmp_path / "pack" / "age"
    package.mkdir(parents=True)
    for folder in (package, package.parent):
        (folder / "__init__.py").touch()
    (package / "train.py").write_text(TRAIN)
    (package / "net.py").write_text("from torch import nn\n\ndef make():\n    return nn.Linear(64, 10)\n")
    (tmp_path / "data_of_mine.py").write_text(LOADER)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["init", "-m", "pack.age.train", "--out", "task.py", "--", "--lr", "0.3"])
    assert done.exit_code == 0, done.output
    text = (tmp_path / "task.py").read_text()
    for line in ('"lr": 0.3,', '"epochs": 5,', '"batch_size": 25,', "'pack/age/train.py', ('--lr', '0.3')"):
        assert line in text


@pytest.mark.parametrize("command", ["diagnose", "init"])
def test_a_module_that_is_not_there_is_one_error(tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, [command, "-m", "no.such"])
    assert done.exit_code == 2
    assert "expected the module no.such below this folder" in done.stderr and "change to the folder" in done.stderr
