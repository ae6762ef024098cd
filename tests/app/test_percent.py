"""The budget in per cent of a full run, and what a plan says it does not reach."""

import pytest
from click.testing import CliRunner

from advisor.app.options import Options, check_options
from advisor.app.plan import lines
from advisor.cli.main import main
from advisor.errors import UsageError
from advisor.schema.planning import PlanReport, PlanRound
from advisor.schema.settings import Settings


@pytest.mark.parametrize(("given", "expected"), [({"percent": 3.0}, 0.03), ({"budget": 0.5}, 0.5), ({}, 1.0)])
def test_budget_in_full_runs(given, expected):
    options = Options("model.py", **given)
    check_options(options)
    assert options.full_runs == pytest.approx(expected)


@pytest.mark.parametrize("given", [{"percent": 0.0}, {"percent": -3.0}, {"percent": 3.0, "budget": 0.5}])
def test_impossible_percentages_are_refused(given):
    with pytest.raises(UsageError, match=r"--percent|the budget once"):
        check_options(Options("model.py", **given))


def test_the_command_plans_with_it(tmp_path):
    file = tmp_path / "model.py"
    file.write_text(
        "import torch\n\n\ndef model():\n    return torch.nn.Linear(4, 1)\n\n\n"
        "x = torch.randn(4000, 4)\ntrain_data = (x, x.sum(1, keepdim=True))\n"
        "settings = {'lr': 0.1, 'batch_size': 20, 'epochs': 40}\n",
        encoding="utf-8",
    )
    words = ["plan", str(file), "--quiet", "--engine", "inline", "--least-seconds", "0", "--percent"]
    found = CliRunner().invoke(main, [*words, "7"])
    assert found.exit_code == 0, found.output
    assert "at most 0.07 full runs" in found.stdout
    assert "not reached: " in found.stdout or "no round fits" in found.stdout


def said(*fits):
    """Last line of a plan whose rounds fit or not, at a quarter of a full run of an hour each."""
    report = PlanReport(
        name="it",
        current=Settings(optimizer={"name": "SGD", "lr": 0.1}, schedule=None, batch_size=1, epochs=1),
        current_given=True,
        train_examples=10,
        val_examples=1,
        steps=5,
        step_seconds=1.0,
        full_run_seconds=3600.0,
        budget=0.03,
        seconds=108.0,
        rounds=tuple(
            PlanRound(name=f"r{i}", purpose="why?", probes=1, full_runs=0.25, fits=fit) for i, fit in enumerate(fits)
        ),
    )
    return lines(report)[-1]


def test_what_is_not_reached_is_named_with_its_cost():
    assert said(True, False, False) == (
        "  at this budget not reached: r1, r2; all of it takes about 0.5 full runs, 30 min more"
    )
    assert said(False, False).startswith("  at this budget no round fits; all of it takes about 0.5")
    assert said(True, True).startswith("  r1: 1 x")
