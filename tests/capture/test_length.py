"""How often the loops around a step run, read from their text with the values that they have."""

import ast
import sys
from pathlib import Path

import pytest
import torch
from torch.optim import lr_scheduler

from advisor.capture import length
from advisor.capture.events import Place, Rate, Seen
from advisor.capture.found import Read
from advisor.capture.length import Rounds as Loops
from advisor.capture.length import of_one_training, rounds_around
from advisor.capture.rounds import MARK, Rounds, marked
from advisor.capture.settings import read
from advisor.capture.stepping import Stepping
from advisor.capture.uncarried import Uncarried


def counts(tmp_path: Path, text: str) -> list[int | None]:
    """Rounds of the loops around the first call of ``step()``, the innermost first."""
    path = tmp_path / "script.py"
    path.write_text(text)
    found: list[int | None] = []

    def step() -> None:
        if not found:
            frame = sys._getframe(1)
            place = Place(frame, frame.f_lineno, dict(frame.f_locals), str(path))
            found.extend(rounds.count for rounds in rounds_around([place], place, None))

    exec(compile(text, str(path), "exec"), {"step": step})
    return found


@pytest.mark.parametrize(
    ("loops", "expected"),
    [
        ("for epoch in range(0, 11):\n if epoch > 0:\n  for _ in range(4): step()", [4, 10]),
        ("for epoch in range(12):\n if epoch % 3 == 0: pass\n else:\n  step()", [8]),
        ("begin = 2\nfor epoch in range(12):\n if begin <= epoch and epoch < 7:\n  step()", [5]),
        ("for x, learns in [(1, True), (2, False)]:\n for _ in range(3):\n  if learns:\n   step()", [3, 1]),
        ("for epoch in range(12):\n if epoch >= 5: print()\n step()", [12]),
        ("late = 0\nfor epoch in range(12):\n late += 1\n if epoch > late - 3:\n  step()", [12]),
    ],
)
def test_rounds_in_which_no_step_is_made_do_not_count(tmp_path, loops, expected):
    assert counts(tmp_path, loops) == expected


@pytest.mark.parametrize(
    ("loop", "expected"),
    [
        ("for _ in bar: pass", True),
        ("for _ in tqdm(range(3)): pass", True),
        ("while step < 5: step += 1", True),
        ("for batch in loader: pass", False),
        ("while True: next(batches)", False),
    ],
)
def test_a_loop_over_numbers_is_told_from_one_over_a_loader(loop, expected):
    class Bar:
        iterable = range(1000)

    space = {"bar": Bar(), "loader": [1, 2], "step": 0}
    assert length.counts(ast.parse(loop).body[0], space) is expected


OF_FOLDS = """
for fold in range(5):
    model, optimizer = make(), make()
    for epoch in range(7):
        for phase, learns in [("data", True), ("held", False)]:
            for batch in range(3):
                if learns:
                    step.backward()
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (OF_FOLDS, [3, 1, 7]),
        (OF_FOLDS.replace("model, optimizer = make(), make()", "optimizer = make()"), [3, 1, 7, 5]),
    ],
    ids=["folds", "optimizer made anew for the same model"],
)
def test_loops_that_make_the_model_anew_are_other_trainings(tmp_path, text, expected):
    path = tmp_path / "script.py"
    path.write_text(text)
    rounds, things, found = Rounds(), [], []

    def make() -> object:
        things.append(object())
        rounds.made(things[-1])
        return things[-1]

    class Step:
        def backward(self) -> None:
            if not found:
                frame = sys._getframe(1)
                rounds.closed = True
                place = Place(frame, frame.f_lineno, dict(frame.f_globals), str(path))
                around = rounds_around([place], place, None)
                found.extend(of_one_training(around, lambda f, line: rounds.makes(f, line, *things)))

    space = {"make": make, "step": Step(), "__builtins__": {**vars(__import__("builtins")), MARK: rounds.began}}
    if "model" not in text:
        make()
    exec(compile(marked(text), str(path), "exec"), space)
    assert [each.count for each in found] == expected


def test_a_scheduler_that_had_not_stepped_yet_is_taken_by_epoch_and_said(tmp_path):
    path = tmp_path / "script.py"
    path.write_text("later.step()\n")
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    seen = Seen(optimizer=optimizer, rates=[Rate(1, 0.1)] * 3, groups=[dict(optimizer.param_groups[0])])
    seen.schedulers = [lr_scheduler.StepLR(optimizer, 4, 0.5)]
    for name, schedule in (
        ("later", {"name": "StepLR", "step_size": 4, "gamma": 0.5, "interval": "epoch"}),
        ("x", None),
    ):
        seen.places = [Place(sys._getframe(), 1, {name: seen.schedulers[0]}, str(path))]
        found = read(seen, None, [], own_loop=False, shortened=False)
        assert found.values.get("schedule") == schedule
        assert "StepLR had not stepped in the 3 steps that were seen" in found.notes[0]


def of_a_loader(passes: list[int], loops: list[Loops]) -> Read:
    """What is read of a script that ended after passes of so many steps over a loader of ten batches."""
    optimizer = sgd()
    seen = Seen(optimizer=optimizer, groups=[dict(optimizer.param_groups[0])], ended=True)
    seen.rates = [Rate(number, 0.1) for number, steps in enumerate(passes) for _ in range(steps)]
    return read(seen, [0] * 10, loops, own_loop=True, shortened=False)


def sgd(weight: torch.nn.Parameter | None = None, lr: float = 0.1) -> torch.optim.Optimizer:
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1)) if weight is None else weight], lr=lr)


@pytest.mark.parametrize(
    ("passes", "outer", "values"),
    [
        ([4] * 8, 8, {"steps": 32}),
        ([10] * 7, 1000, {"epochs": 1000}),
        ([10, 10, 5], 1000, {"steps": 25}),
        ([10] * 8, 8, {"epochs": 8}),
        ([10, 10, 5], None, {"steps": 25}),
    ],
    ids=["passes cut off", "early stopping", "a limit of steps", "whole", "an endless loop with a limit of steps"],
)
def test_how_a_script_ends_tells_its_length(passes, outer, values):
    node = ast.parse("for _ in x: pass").body[0]
    found = of_a_loader(passes, [Loops(node, 10, sys._getframe()), Loops(node, outer, sys._getframe())])
    assert {key: found.values[key] for key in ("steps", "epochs") if key in found.values} == values
    assert ("may stop before its 1000 epochs" in " ".join(found.notes)) is (values == {"epochs": 1000})


def test_a_while_loop_that_counts_the_steps_of_a_loop_inside(tmp_path):
    text = "done = 0\nwhile done < 5000:\n    for batch in [1, 2, 3]:\n        step()\n        done += 1\n"
    path = tmp_path / "script.py"
    path.write_text(text)
    found: list[Loops] = []

    def step() -> None:
        if not found:
            frame = sys._getframe(1)
            found.extend(
                rounds_around([place := Place(frame, frame.f_lineno, dict(frame.f_locals), str(path))], place, None)
            )

    exec(compile(text, str(path), "exec"), {"step": step})
    assert of_a_loader([10] * 3, found).values["steps"] == 5000


def test_a_scheduler_that_is_given_broken_epochs_counts_epochs():
    optimizer = sgd()
    seen = Seen(optimizer=optimizer, rates=[Rate(1, 0.1)] * 3, groups=[dict(optimizer.param_groups[0])])
    seen.schedulers, seen.scheduled = [lr_scheduler.CosineAnnealingWarmRestarts(optimizer, 5)], [1, 2, 3]
    for given, interval in ((None, "step"), (0.2, "epoch")):
        seen.scheduled_to = given
        schedule = read(seen, None, [], own_loop=False, shortened=False).values["schedule"]
        assert (schedule["T_0"], schedule["interval"]) == (5, interval)


def test_an_optimizer_made_anew_for_the_same_weights_is_no_second_training():
    seen, uncarried = Seen(), Uncarried()
    steps, weight = Stepping(seen, uncarried), torch.nn.Parameter(torch.zeros(1))
    for optimizer in (sgd(weight), sgd(weight, 0.05)):
        steps.check(optimizer, (), {})
        steps.note(optimizer, 1, computed=False)
    assert [rate.lr for rate in seen.rates] == [0.1, 0.05] and seen.second == ""
    assert any("makes its optimizer anew" in sentence for sentence in uncarried._said)
    other = sgd(weight)
    steps.check(other, (), {})
    steps.note(other, 1, computed=False)
    assert len(seen.rates) == 2 and seen.second == "SGD"
