"""Commands on results and logs: ``advisor export``, ``report``, ``watch`` and ``read``."""

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
