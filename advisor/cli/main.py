"""The command line. Nothing heavy is imported before a command runs."""

from pathlib import Path

import click

from advisor._version import __version__
from advisor.cli.diagnose import diagnose, plan
from advisor.cli.group import ErrorsAsMessages
from advisor.cli.results import carry, export, read, report, watch
from advisor.cli.rules import rule, rules
from advisor.cli.tasks import compare, init, train

_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(cls=ErrorsAsMessages, context_settings=_CONTEXT)
@click.version_option(__version__, prog_name="advisor")
@click.option("--debug", is_flag=True, help="Show tracebacks of errors in your file.")
def main(debug: bool) -> None:
    """What should I set, why, and how sure are you? A tuning advisor for PyTorch.

    Exit codes: 0 advice written, 1 the task cannot be trained as it is, 2 wrong usage, 130 interrupted.
    """


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


for _command in (diagnose, plan, train, init, export, report, watch, compare, read, carry, rules, rule):
    main.add_command(_command)
