"""``advisor diagnose`` and ``advisor plan``."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from advisor.cli.options import DeclaredCommand, declared
from advisor.cli.output import FORM, observer_for, print_result, say, width
from advisor.cli.script import module_file
from advisor.errors import EXIT_INTERRUPTED

if TYPE_CHECKING:
    from advisor.app.options import Options

_WITH_RESUME = {"path", "arguments", "resume", "quiet", "plain", "form"}


@click.command(cls=DeclaredCommand, before="model_name")
@click.argument("path", metavar="[TRAIN.PY]", required=False)
@click.argument("arguments", metavar="[-- ITS ARGUMENTS]", nargs=-1, type=click.UNPROCESSED)
@click.option("-m", "module", metavar="MODULE", help="A module to run, as `python -m` does, instead of a file.")
@click.option(
    "--resume",
    metavar="RUN",
    type=click.Path(path_type=Path),
    help="Resume an interrupted run, with its options.",
)
@click.option("--model", "model_name", metavar="NAME", help="Name of the model in the file.")
@click.option("--train", "train_name", metavar="NAME", help="Name of the training data.")
@click.option("--val", "val_name", metavar="NAME", help="Name of the validation data.")
@click.option("--loss", "loss_name", metavar="NAME", help="Name of the loss.")
@click.option("--optimizer", metavar="NAME", help="torch.optim class to tune, instead of the one in settings.")
@click.option("--lr", type=float, help="Current learning rate, instead of the one in settings.")
@click.option("--batch-size", type=int, help="Current batch size, instead of the one in settings.")
@click.option("--epochs", type=int, help="Length of a full run, instead of the one in settings.")
@click.option("--quiet", is_flag=True, help="Print the result only.")
@click.option("--plain", is_flag=True, help="Plain progress lines, also on a terminal.")
@FORM
@click.pass_context
def diagnose(ctx: click.Context, /, path: str | None, module: str | None, resume: Path | None, **given: Any) -> None:
    """Probe a training for about the cost of one run and say what to set.

    TRAIN.PY is an unmodified training script or notebook, which is run in a sandbox for its first steps to capture what
    it trains with. Or it is a file that defines `model` and `train_data`, and optionally `val_data`, `loss`,
    `metric`, `training_step`, `param_groups` and `settings`.
    """
    from advisor.app.diagnose import diagnose as run
    from advisor.app.resume import resume_command
    from advisor.report.summary import lines
    from advisor.schema.base import plain
    from advisor.utils.jsonio import dumps

    if module is not None:
        path, given["arguments"] = module_file(module, path, given["arguments"])
    options = _resumed(ctx, resume, path) if resume else _options(path, given)
    observer = observer_for(given["quiet"], given["plain"])
    try:
        outcome = run(options, observer)
    finally:
        observer.close()
    report = outcome.report
    if given["form"] == "json":
        click.echo(dumps(plain(report), indent=1))
    else:
        folder = outcome.folder
        config = str(folder.config) if folder.config.exists() else ""
        for line in lines(report, config=config, page=str(folder.page), width=width()):
            click.echo(line)
    if outcome.stopped_by is not None:
        say(outcome.stopped_by)
    if outcome.exit_code == EXIT_INTERRUPTED:
        click.echo(f"resume with: {resume_command(outcome.folder.path)}", err=True)
    raise SystemExit(outcome.exit_code)


@click.command(cls=DeclaredCommand, before="quiet")
@click.argument("path", metavar="TRAIN.PY")
@click.argument("arguments", metavar="[-- ITS ARGUMENTS]", nargs=-1, type=click.UNPROCESSED)
@click.option("--quiet", is_flag=True, help="Print the result only.")
@FORM
def plan(path: str, arguments: tuple[str, ...], quiet: bool, form: str, **given: Any) -> None:
    """Estimate the cost of `advisor diagnose` with the same options from a few timed steps. Writes nothing."""
    from advisor.app.options import Options
    from advisor.app.plan import lines
    from advisor.app.plan import plan as run

    observer = observer_for(quiet, plain=False)
    try:
        report = run(Options(path=path, arguments=arguments, **given), observer)
    finally:
        observer.close()
    print_result(form, report, lines(report))


def _options(path: str | None, given: dict[str, Any]) -> "Options":
    from advisor.app.options import Options
    from advisor.errors import UsageError

    if path is None:
        raise UsageError("TRAIN.PY, -m MODULE or --resume RUN", "none of them", "name the script that trains")
    names = {
        "model": given["model_name"],
        "train_data": given["train_name"],
        "val_data": given["val_name"],
        "loss": given["loss_name"],
    }
    return Options(
        path=path,
        names={role: name for role, name in names.items() if name},
        settings={key: given[key] for key in ("optimizer", "lr", "batch_size", "epochs") if given[key] is not None},
        **{name: given[name] for name in declared()},
        command=shlex.join(["advisor", *sys.argv[1:]]),
        arguments=given["arguments"],
    )


def _resumed(ctx: click.Context, run: Path, path: str | None) -> "Options":
    """The options of the resumed run; options that would change the run are rejected."""
    from dataclasses import replace

    from click.core import ParameterSource

    from advisor.app.resume import recorded, way_on
    from advisor.errors import UsageError

    extra = [
        param.opts[0]
        for param in ctx.command.params
        if param.name not in _WITH_RESUME
        and ctx.get_parameter_source(str(param.name)) not in (ParameterSource.DEFAULT, None)
    ]
    if extra:
        raise UsageError("--resume without options of a new run", ", ".join(extra), "leave them out, or leave --resume")
    options = recorded(run).options
    if options.from_objects and path is None:
        raise UsageError(
            "the run of a file, for --resume", f"{run}: of objects", f"call {way_on(options, run.resolve())}"
        )
    return options if path is None else replace(options, path=path)
