"""The command group: errors become one message and an exit code."""

from typing import Any, NoReturn

import click

from advisor.cli.output import say
from advisor.errors import EXIT_INTERRUPTED, EXIT_USAGE, AdvisorError


class ErrorsAsMessages(click.Group):
    """Prints an AdvisorError as one message on stderr and exits with its code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command under the signal handlers."""
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
    say(error)
    if debug and error.details:
        click.echo(f"\n{error.details}", err=True)
    raise SystemExit(EXIT_USAGE)
