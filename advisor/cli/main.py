"""The command line: parse, call, print. Nothing heavy is imported before a command runs."""

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from advisor._version import __version__
from advisor.cli.options import COMPARE, DeclaredCommand, declared
from advisor.errors import EXIT_INTERRUPTED, EXIT_USAGE, AdvisorError

if TYPE_CHECKING:
    from advisor.app.options import Options
    from advisor.schema.base import Part
    from advisor.search.observer import Observer

_FORM = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Form on stdout.")
_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class _Group(click.Group):
    """Prints an AdvisorError as one message on stderr and exits with its code."""

    def invoke(self, ctx: click.Context) -> Any:
        from advisor.utils.signals import handled

        try:
            with handled():
                return super().invoke(ctx)
        except AdvisorError as error:
            _fail(error, bool(ctx.params.get("debug")))
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(EXIT_INTERRUPTED)


def _fail(error: AdvisorError, debug: bool) -> NoReturn:
    _say(error)
    if debug and error.details:
        click.echo(f"\n{error.details}", err=True)
    raise SystemExit(EXIT_USAGE)


def _say(error: AdvisorError) -> None:
    for head, text in (
        ("error: expected", error.expected),
        ("       found   ", error.found),
        ("       do      ", error.do),
    ):
        click.echo(f"{head} {' '.join(text.split())}", err=True)


@click.group(cls=_Group, context_settings=_CONTEXT)
@click.version_option(__version__, prog_name="advisor")
@click.option("--debug", is_flag=True, help="Show tracebacks of errors in your file.")
def main(debug: bool) -> None:
    """What should I set, why, and how sure are you? A tuning advisor for PyTorch.

    Exit codes: 0 advice written, 1 the task cannot be trained as it is, 2 wrong usage, 130 interrupted.
    """


@main.command(cls=DeclaredCommand, before="model_name")
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
@_FORM
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
        path, given["arguments"] = _module(module, path, given["arguments"])
    options = _resumed(ctx, resume, path) if resume else _options(path, given)
    observer = _observer(given["quiet"], given["plain"])
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
        for line in lines(report, config=config, page=str(folder.page), width=_width()):
            click.echo(line)
    if outcome.stopped_by is not None:
        _say(outcome.stopped_by)
    if outcome.exit_code == EXIT_INTERRUPTED:
        click.echo(f"resume with: {resume_command(outcome.folder.path)}", err=True)
    raise SystemExit(outcome.exit_code)


@main.command(cls=DeclaredCommand, before="quiet")
@click.argument("path", metavar="TRAIN.PY")
@click.argument("arguments", metavar="[-- ITS ARGUMENTS]", nargs=-1, type=click.UNPROCESSED)
@click.option("--quiet", is_flag=True, help="Print the result only.")
@_FORM
def plan(path: str, arguments: tuple[str, ...], quiet: bool, form: str, **given: Any) -> None:
    """Estimate the cost of `advisor diagnose` with the same options from a few timed steps. Writes nothing."""
    from advisor.app.options import Options
    from advisor.app.plan import lines
    from advisor.app.plan import plan as run

    observer = _observer(quiet, plain=False)
    try:
        report = run(Options(path=path, arguments=arguments, **given), observer)
    finally:
        observer.close()
    _result(form, report, lines(report))


def _module(name: str, path: str | None, arguments: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The file of a module below the current folder, and its arguments; the first argument is parsed as the file."""
    from advisor.errors import UsageError

    base = Path(*name.split("."))
    file = next((f for f in (base.with_suffix(".py"), base / "__main__.py") if f.is_file()), None)
    if file is None:
        raise UsageError(
            f"the module {name} below this folder",
            f"no {base.with_suffix('.py')}",
            "change to the folder that contains it",
        )
    return str(file), (*([path] if path is not None else []), *arguments)


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


_WITH_RESUME = {"path", "arguments", "resume", "quiet", "plain", "form"}


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


@main.command()
@click.argument("path", metavar="MODEL.PY")
@click.option(
    "--config",
    "config_path",
    required=True,
    type=click.Path(path_type=Path),
    help="The config.yaml to train with.",
)
@click.option(
    "--out",
    default=Path("runs"),
    show_default=True,
    type=click.Path(path_type=Path),
    help="Folder for checkpoints and logs.",
)
@click.option("--seed", default=0, show_default=True, help="Seed of weights and batch order.")
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda or mps.")
@click.option("--quiet", is_flag=True, help="Print the result only.")
@_FORM
def train(path: str, config_path: Path, out: Path, seed: int, device: str, quiet: bool, form: str) -> None:
    """Train MODEL.PY with a config.yaml: a checkpoint after each epoch, the best one kept by validation loss."""
    from advisor.config.config import load_config

    config = load_config(config_path)  # Reported before torch is loaded if unreadable.
    from advisor.app.train import train as run

    result = run(path, config, out, seed, device, None if quiet else lambda text: click.echo(text, err=True))
    _result(form, result.report, [result.line()])


@main.command()
@click.argument("script", metavar="[TRAIN.PY]", required=False)
@click.argument("arguments", metavar="[-- ITS ARGUMENTS]", nargs=-1, type=click.UNPROCESSED)
@click.option("-m", "module", metavar="MODULE", help="A module to run, as `python -m` does, instead of a file.")
@click.option("--out", type=click.Path(path_type=Path), help="File to write; by default advisor_task.py beside it.")
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
@click.option("--no-run", is_flag=True, help="Only read the script's source.")
@_FORM
def init(
    script: str | None,
    arguments: tuple[str, ...],
    module: str | None,
    out: Path | None,
    force: bool,
    no_run: bool,
    form: str,
) -> None:
    """Write what TRAIN.PY trains with to a task file for `advisor diagnose` that you can edit.

    TRAIN.PY is run in a sandbox for its first steps. If it cannot be run, or with --no-run, the constants in its
    source are written, and the rest is marked with `# FILL IN:`.
    """
    from advisor.cli.init import init as run
    from advisor.cli.init import lines
    from advisor.errors import UsageError

    if module is not None:
        script, arguments = _module(module, script, arguments)
    if script is None:
        raise UsageError("TRAIN.PY, or -m MODULE", "neither", "name the script that trains")
    report = run(Path(script), arguments, out, force, not no_run)
    _result(form, report, lines(report))


@main.command()
@click.argument("source", metavar="CONFIG", type=click.Path(path_type=Path, exists=True))
@click.option("--to", "target", type=click.Choice(["pytorch", "lightning", "huggingface", "yaml", "json"]),
              default="yaml", show_default=True, help="Form to write.")  # fmt: skip
@click.option("-o", "--out", type=click.Path(path_type=Path), help="File to write, instead of stdout.")
@click.option("--diff", is_flag=True, help="Show current and advised settings side by side instead.")
def export(source: Path, target: str, out: Path | None, diff: bool) -> None:
    """Write a CONFIG as code or arguments, or compare it with your current settings.

    CONFIG is a config.yaml or the folder of a run.
    """
    from advisor.export.command import difference
    from advisor.export.command import export as run

    if diff:
        click.echo("\n".join(difference(source)))
        return
    text = run(source, target, out)
    click.echo(str(out) if out else text, nl=bool(out))


@main.command()
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
@click.option("--open", "show", is_flag=True, help="Open it in the browser.")
@_FORM
def report(run: Path, show: bool, form: str) -> None:
    """Render report.html of a RUN folder again from its report.json; --format json prints that file."""
    from advisor.report.html import render
    from advisor.schema.files import read_report
    from advisor.utils.jsonio import write_atomic

    page = run / "report.html"
    found = read_report(run / "report.json")
    write_atomic(page, render(found))
    _result(form, found, [str(page)])
    if show:
        click.launch(page.resolve().as_uri())


@main.command()
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
@_FORM
def watch(run: Path, form: str) -> None:
    """Show the state of a run that calls `advisor.watch`: current and withdrawn findings, which checkpoint to keep.

    RUN is its output folder, or the watch.json in it.
    """
    from advisor.schema.files import read_watch
    from advisor.watching.words import status_lines

    found = read_watch(run)
    _result(form, found, status_lines(found))


@main.command(cls=DeclaredCommand, only=COMPARE, defaults={"budget": 2.0}, before="quiet")
@click.argument("path", metavar="MODEL.PY")
@click.option("--vary", required=True, metavar="NAME=V1,V2", help="An argument of your model, or a setting.")
@click.option("--seeds", default=5, show_default=True, help="Fresh seeds for each value.")
@click.option("--quiet", is_flag=True, help="Print the result only.")
@_FORM
def compare(path: str, vary: str, seeds: int, form: str, quiet: bool, **given: Any) -> None:
    """Compare values of one argument of your `model` (or of a setting), each with its own best learning rate.

    Kernel width, depth, dropout, activation: any keyword of `model`. Settings: optimizer, batch_size, momentum,
    weight_decay, schedule. The first value is the reference; differences must exceed the noise between seeds.
    """
    from advisor.app.compare import compare as run
    from advisor.app.compare import parse_vary
    from advisor.app.options import Options

    name, values = parse_vary(vary)
    observer = _observer(quiet, plain=False)
    try:
        options = Options(path=path, command=shlex.join(["advisor", *sys.argv[1:]]), **given)
        result = run(options, name, values, seeds, observer)
    finally:
        observer.close()
    _result(form, result.report, result.lines())


@main.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--select", multiple=True, metavar="CODE", help="Use only these rules (code or prefix, e.g. FT).")
@click.option("--ignore", multiple=True, metavar="CODE", help="Leave these rules out.")
@click.option("--html", "page", metavar="FILE", type=click.Path(path_type=Path), help="Write a report page as well.")
@_FORM
@click.option("--follow", is_flag=True, help="Read the logs repeatedly as they grow, and report changed verdicts.")
def read(
    paths: tuple[Path, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    page: Path | None,
    form: str,
    follow: bool,
) -> None:
    """Judge runs from their logs: what is wrong with each, and what comparing them supports.

    PATH is a file or a folder: TensorBoard event files, tables, JSON, JSON lines, MLflow folders, or plain text.
    """
    if follow:
        from advisor.app.read.follow import follow as run_follow

        raise SystemExit(run_follow(paths, select, ignore))
    from advisor.app.read.command import read as run

    raise SystemExit(run(paths, select, ignore, page, form))


@main.command()
@click.option("--family", metavar="PREFIX", help="Only codes with this prefix, e.g. LR.")
@_FORM
def rules(family: str | None, form: str) -> None:
    """List the rules: code, severity, confidence, input, title."""
    from advisor.rules.catalogue import as_dict, of_family, rule_book, table
    from advisor.utils.jsonio import dumps

    book = of_family(rule_book(), family)
    click.echo(dumps([as_dict(entry) for entry in book], indent=1) if form == "json" else "\n".join(table(book)))


@main.command()
@click.argument("code", metavar="CODE")
@_FORM
@click.option("--reports", default=Path("reports"), type=click.Path(path_type=Path), help="Folder of reports.")
def rule(code: str, form: str, reports: Path) -> None:
    """Print the manual of one rule, its sources, and where it was last detected."""
    from advisor.rules.catalogue import as_dict, fired_last, manual, rule_book, with_code
    from advisor.utils.jsonio import dumps

    found, fired = with_code(rule_book(), code), fired_last(code.upper(), reports)
    if form == "json":
        click.echo(dumps({"rules": [as_dict(found)], "fired_last": fired or None}, indent=1))
    else:
        click.echo("\n".join(manual(found, fired)))


@main.command()
@click.argument("folders", metavar="[FOLDER]...", nargs=-1, type=click.Path(path_type=Path))
def mcp(folders: tuple[Path, ...]) -> None:
    """Serve the advisor's tools to a coding agent over stdin and stdout (Model Context Protocol).

    All files must be below a FOLDER; the default is the current folder. Jobs are kept in the first.
    """
    from advisor.errors import UsageError

    try:
        from advisor.agents.server import serve
    except ImportError as error:
        raise UsageError("the package mcp", str(error), "pip install 'tuning-advisor[mcp]'") from error
    serve(list(folders) or [Path.cwd()])


def _result(form: str, report: "Part", lines: list[str]) -> None:
    """Prints a result in the requested form."""
    from advisor.schema.base import plain
    from advisor.utils.jsonio import dumps

    click.echo(dumps(plain(report), indent=1) if form == "json" else "\n".join(lines))


def _observer(quiet: bool, plain: bool) -> "Observer":
    from advisor.app.progress import Live, Plain
    from advisor.search.observer import Observer

    if quiet:
        return Observer()
    fancy = sys.stderr.isatty() and not plain and os.environ.get("TERM") != "dumb"
    return Live() if fancy else Plain()


def _width() -> int:
    import shutil

    return min(200, max(60, shutil.get_terminal_size((100, 24)).columns))
