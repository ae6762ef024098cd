"""Commands on a script or task file: ``advisor init``, ``train`` and ``compare``."""

import shlex
import sys
from pathlib import Path
from typing import Any

import click

from advisor.cli.options import COMPARE, DeclaredCommand
from advisor.cli.output import FORM, observer_for, print_result
from advisor.cli.script import module_file


@click.command()
@click.argument("script", metavar="[TRAIN.PY]", required=False)
@click.argument("arguments", metavar="[-- ITS ARGUMENTS]", nargs=-1, type=click.UNPROCESSED)
@click.option("-m", "module", metavar="MODULE", help="A module to run, as `python -m` does, instead of a file.")
@click.option("--out", type=click.Path(path_type=Path), help="File to write; by default advisor_task.py beside it.")
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
@click.option("--no-run", is_flag=True, help="Only read the script's source.")
@FORM
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
        script, arguments = module_file(module, script, arguments)
    if script is None:
        raise UsageError("TRAIN.PY, or -m MODULE", "neither", "name the script that trains")
    report = run(Path(script), arguments, out, force, not no_run)
    print_result(form, report, lines(report))


@click.command()
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
@FORM
def train(path: str, config_path: Path, out: Path, seed: int, device: str, quiet: bool, form: str) -> None:
    """Train MODEL.PY with a config.yaml: a checkpoint after each epoch, the best one kept by validation loss."""
    from advisor.config.config import load_config

    config = load_config(config_path)  # Reported before torch is loaded if unreadable.
    from advisor.app.train import train as run

    result = run(path, config, out, seed, device, None if quiet else lambda text: click.echo(text, err=True))
    print_result(form, result.report, [result.line()])


@click.command(cls=DeclaredCommand, only=COMPARE, defaults={"budget": 2.0}, before="quiet")
@click.argument("path", metavar="MODEL.PY")
@click.option("--vary", required=True, metavar="NAME=V1,V2", help="An argument of your model, or a setting.")
@click.option("--seeds", default=5, show_default=True, help="Fresh seeds for each value.")
@click.option("--quiet", is_flag=True, help="Print the result only.")
@FORM
def compare(path: str, vary: str, seeds: int, form: str, quiet: bool, **given: Any) -> None:
    """Compare values of one argument of your `model` (or of a setting), each with its own best learning rate.

    Kernel width, depth, dropout, activation: any keyword of `model`. Settings: optimizer, batch_size, momentum,
    weight_decay, schedule. The first value is the reference; differences must exceed the noise between seeds.
    """
    from advisor.app.compare import compare as run
    from advisor.app.options import Options
    from advisor.app.vary import parse_vary

    name, values = parse_vary(vary)
    observer = observer_for(quiet, plain=False)
    try:
        options = Options(path=path, command=shlex.join(["advisor", *sys.argv[1:]]), **given)
        result = run(options, name, values, seeds, observer)
    finally:
        observer.close()
    print_result(form, result.report, result.lines())
