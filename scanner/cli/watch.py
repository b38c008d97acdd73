"""`scanner watch`: the daemon."""

import logging
import os
import signal
import sys
from types import FrameType

import click
import structlog

from scanner.cli.common import config_option, needed_settings


@click.command("watch")
@click.option("--log-format", type=click.Choice(["text", "json"]), default=None, help="[default: text on a terminal]")
@config_option
@click.pass_context
def command(ctx: click.Context, log_format: str | None) -> None:
    """Guard the studio's drop folder until stopped (Ctrl-C or SIGTERM).

    A drop that has been still for `quiet_seconds` is taken, examined and judged, and moved to cleared/, flagged/, held/
    or quarantine/. Whatever is under way when the daemon stops or dies goes on at the next start.
    """
    settings = needed_settings(ctx)
    set_up_log(as_json=log_format == "json" or (log_format is None and not sys.stderr.isatty()))
    from scanner.daemon import Daemon
    from scanner.studio import Studio

    with Studio.open(settings) as studio:
        daemon = Daemon(studio)

        def stop(_: int, __: FrameType | None) -> None:
            daemon.stop()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        daemon.run()
    # What is still under way goes on at the next start from its last finished step; nobody waits for it here.
    logging.shutdown()
    os._exit(0)


def set_up_log(*, as_json: bool) -> None:
    """One line an event on stderr: JSON for machines, aligned text for people."""
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.ExtraAdder(),
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                _printable,
            ],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    log = logging.getLogger("scanner")
    log.handlers = [handler]
    log.propagate = False
    log.setLevel(logging.INFO)


def _printable(_: object, __: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    """File names are hostile text: no control character or escape code of theirs reaches a terminal or a log."""
    from scanner.report.plain import shown

    return {key: shown(value) if isinstance(value, str) else value for key, value in event.items()}
