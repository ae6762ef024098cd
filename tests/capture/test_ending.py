"""A script is not ended inside its own generators, which its loop body draws from later."""

import pytest

from advisor.capture.ending import Ending
from advisor.capture.events import Stop


def test_a_generator_of_the_script_is_left_alone(tmp_path):
    ending = Ending(600.0)
    path = tmp_path / "script.py"
    path.write_text("def endless():\n    while True:\n        end()\n        yield 1\n")
    space = {"end": lambda: ending.look(over=True)}
    exec(compile(path.read_text(), str(path), "exec"), space)
    batches = space["endless"]()
    assert next(batches) == 1
    assert not ending.stopped
    with pytest.raises(Stop):
        ending.look()
    assert ending.stopped
    assert next(batches) == 1


def test_a_generator_without_end_is_ended_in_time(monkeypatch):
    monkeypatch.setattr("advisor.capture.ending._PATIENCE", -1.0)
    with pytest.raises(Stop):
        Ending(600.0).look(over=True)
