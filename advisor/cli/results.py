"""Commands on results and logs: ``advisor export``, ``report``, ``watch``, ``read`` and ``carry``."""

from pathlib import Path

import click

from advisor.cli.output import FORM, print_result


@click.command()
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


@click.command()
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
@click.option("--open", "show", is_flag=True, help="Open it in the browser.")
@FORM
def report(run: Path, show: bool, form: str) -> None:
    """Render report.html of a RUN folder again from its report.json; --format json prints that file."""
    from advisor.report.html import render
    from advisor.schema.files import read_report
    from advisor.utils.jsonio import write_atomic

    page = run / "report.html"
    found = read_report(run / "report.json")
    write_atomic(page, render(found))
    print_result(form, found, [str(page)])
    if show:
        click.launch(page.resolve().as_uri())


@click.command()
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
@FORM
def watch(run: Path, form: str) -> None:
    """Show the state of a run that calls `advisor.watch`: current and withdrawn findings, which checkpoint to keep.

    RUN is its output folder, or the watch.json in it.
    """
    from advisor.schema.files import read_watch
    from advisor.watching.words import status_lines

    found = read_watch(run)
    print_result(form, found, status_lines(found))


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--select", multiple=True, metavar="CODE", help="Use only these rules (code or prefix, e.g. FT).")
@click.option("--ignore", multiple=True, metavar="CODE", help="Leave these rules out.")
@click.option("--html", "page", metavar="FILE", type=click.Path(path_type=Path), help="Write a report page as well.")
@FORM
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


@click.command()
@click.argument("table", metavar="TABLE.CSV", type=click.Path(path_type=Path))
@click.option(
    "--data",
    required=True,
    type=click.FloatRange(min=0.0, min_open=True),
    metavar="NUMBER",
    help="Examples or tokens that the large run trains on, in the unit of the table.",
)
@click.option(
    "--parameters",
    type=click.FloatRange(min=0.0, min_open=True),
    metavar="NUMBER",
    help="Its model size; by default the only one in the table.",
)
@click.option("--keep-batch", is_flag=True, help="Keep the batch size of the largest runs.")
@FORM
def carry(table: Path, data: float, parameters: float | None, keep_batch: bool, form: str) -> None:
    """Carry the best rate and batch size of small runs to a large one.

    TABLE.CSV has one finished run per row: lr, batch_size, tokens (or examples), optionally parameters, and loss.
    """
    from advisor.app.carry import carry_table, lines

    report = carry_table(table, data, parameters, keep_batch)
    print_result(form, report, lines(report))
