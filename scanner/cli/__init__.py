"""The `scanner` command. Each command group is a file of its own, imported only when it is called.

Exit codes: 0 pass, 1 blocked, 2 could not scan, 3 usage or configuration, 4 needs review.
"""

import importlib
import os
import sys
import traceback
from types import TracebackType

import click

from scanner import __version__
from scanner.cli.common import config_option
from scanner.errors import ScannerError

_USAGE = 3
_BROKEN = 2
_INTERRUPTED = 130
_PIPE_CLOSED = 141

_COMMANDS = {
    "init": "scanner.cli.init",
    "demo": "scanner.cli.demo",
    "scan": "scanner.cli.scan",
    "watch": "scanner.cli.watch",
    "status": "scanner.cli.status",
    "provenance": "scanner.cli.provenance",
    "known-good": "scanner.cli.known_good",
    "approval": "scanner.cli.approval",
    "escalation": "scanner.cli.escalation",
    "papers": "scanner.cli.papers",
    "policy": "scanner.cli.policy",
    "quarantine": "scanner.cli.quarantine",
    "queue": "scanner.cli.queue",
    "recall": "scanner.cli.recall",
    "disclosure": "scanner.cli.disclosure",
    "receipt": "scanner.cli.receipt",
    "audit": "scanner.cli.audit",
    "report": "scanner.cli.report",
    "canary": "scanner.cli.canary",
    "telling": "scanner.cli.telling",
    "doctor": "scanner.cli.doctor",
}


class _Lazy(click.Group):
    """Imports a command's module when it is called, so that `scanner scan` starts without what `watch` needs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = _COMMANDS.get(cmd_name)
        if module is None:
            return None
        command: click.Command = importlib.import_module(module).command
        return command


@click.command(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="scanner")
@config_option
def cli() -> None:
    """Find unapproved AI material in film deliveries, before they air.

    \b
    Try it:              scanner demo
    One file or folder:  scanner scan DELIVERY
    Guard a folder:      scanner init STUDIO; scanner provenance add …; scanner watch

    Exit codes: 0 pass, 1 blocked, 2 could not scan, 3 usage or settings, 4 needs review.
    """


def _broken(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """A fault of our own ends as "could not scan": Python's exit code for it, 1, would say "blocked"."""
    traceback.print_exception(kind, error, trace)
    click.echo("scanner: a fault of its own. Nothing was released. Please report the lines above.", err=True)
    sys.stderr.flush()
    os._exit(_BROKEN)


def main() -> None:
    """Run the command line; the only place that turns errors into text and exit codes."""
    sys.excepthook = _broken
    if "scan" in sys.argv[1:]:
        # Decoders take longest to load: a process of their own begins with it before anything else happens here.
        from scanner.examine.pool import warm_up

        warm_up()
    try:
        code = cli.main(standalone_mode=False, prog_name="scanner")
    except click.exceptions.Exit as done:
        code = done.exit_code
    except click.ClickException as error:
        error.show()
        code = _USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        code = _INTERRUPTED
    except ScannerError as error:
        click.echo(f"scanner: {error}", err=True)
        code = error.exit_code
    except BrokenPipeError:
        # The reader of our pipe has gone (`| head`): that is its right, not an error. Keep Python from saying so.
        sys.stderr.close()
        code = _PIPE_CLOSED
    sys.exit(code if isinstance(code, int) else 0)
