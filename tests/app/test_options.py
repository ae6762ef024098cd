"""Options are declared once: command line, Python and resume agree."""

import inspect
from dataclasses import fields
from pathlib import Path

import click
import pytest

import advisor
from advisor.app.options import Options, check_options
from advisor.cli.main import main
from advisor.cli.options import COMPARE, declared
from advisor.errors import UsageError
from advisor.utils.codec import from_text, to_text


def test_python_takes_every_option_with_the_same_default() -> None:
    parameters = inspect.signature(advisor.diagnose).parameters
    given = {name: parameters[name].default for name in DECLARED if name in parameters}
    assert given == {
        field.name: str(field.default) if isinstance(field.default, Path) else field.default
        for field in fields(Options)
        if field.name in DECLARED
    }


DECLARED = declared()


@pytest.mark.parametrize(("command", "names"), [("diagnose", DECLARED), ("compare", COMPARE)])
def test_the_command_line_takes_every_option(command: str, names: tuple[str, ...]) -> None:
    made = main.commands[command]
    flags = {param.name: param for param in made.get_params(click.Context(made, help_option_names=["-h", "--help"]))}
    for field in fields(Options):
        if field.name in names and (command, field.name) != ("compare", "budget"):
            default = flags[field.name].default
            assert Path(str(default)) == field.default if field.name == "out" else field.default in (default, ())


def test_a_resumed_run_has_every_option() -> None:
    options = Options(
        "task.py",
        {"model": "Net"},
        {"lr": 0.1},
        engine="inline",
        out=Path("there"),
        select=("LR",),
        step_timeout=3.0,
        nproc=2,
    )
    assert from_text(Options, to_text(options)) == options


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (Options("a.py", engine="inline", workers=2), "one worker with --engine inline"),
        (Options("a.py", engine="inline", step_timeout=3.0), "worker processes, for time limits"),
        (Options("a.py", address="local"), "--address with --engine ray"),
        (Options("a.py", engine="inline", nproc=2), "one process for each training with --engine inline"),
    ],
)
def test_options_that_exclude_each_other_are_refused(options: Options, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        check_options(options)
