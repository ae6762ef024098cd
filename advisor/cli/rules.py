"""Commands on the rules: ``advisor rules`` and ``advisor rule``."""

from pathlib import Path

import click

from advisor.cli.output import FORM


@click.command()
@click.option("--family", metavar="PREFIX", help="Only codes with this prefix, e.g. LR.")
@FORM
def rules(family: str | None, form: str) -> None:
    """List the rules: code, severity, confidence, input, title."""
    from advisor.rules.catalogue import as_dict, of_family, rule_book, table
    from advisor.utils.jsonio import dumps

    book = of_family(rule_book(), family)
    click.echo(dumps([as_dict(entry) for entry in book], indent=1) if form == "json" else "\n".join(table(book)))


@click.command()
@click.argument("code", metavar="CODE")
@FORM
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
