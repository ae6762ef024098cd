"""The notebook among the examples: its cells run, and the advisor accepts it unmodified."""

import json

import pytest

from tests.capture.test_scripts import loaded

pytestmark = pytest.mark.usefixtures("warm")
NAME = "digits_notebook.ipynb"


def test_its_cells_run_and_the_last_one_has_advice(examples, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    cells = [cell for cell in json.loads((examples / NAME).read_text())["cells"] if cell["cell_type"] == "code"]
    space: dict = {"__name__": "__main__"}
    for cell in cells:
        text = "".join(cell["source"])
        short = 'name="digits_notebook", budget=0.4, select=["LR"], workers=1, progress=False'
        exec(compile(text.replace('name="digits_notebook"', short), NAME, "exec"), space)
    said = capsys.readouterr().out
    assert "epoch 14: validation loss 0." in said
    assert space["report"].status == "advice"
    assert "lr " in said
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in cells)


def test_it_is_taken_as_it_is(examples, tmp_path):
    path = tmp_path / NAME
    path.write_text((examples / NAME).read_text())
    task = loaded(path)
    said = "\n".join(task.facts.inferred)
    assert "first loss: " in said and "validation: the loader val_loader" in said
    assert (task.current.batch_size, task.current.epochs, task.facts.val_size) == (64, 15, 397)
    assert task.current.optimizer == {"name": "SGD", "lr": 0.01, "momentum": 0.9}
