"""`scanner watch`: the daemon."""

import logging
import os
import signal
import socket
import sys
import threading
from types import FrameType

import click

from scanner import logs
from scanner.cli.common import config_option, needed_settings


@click.command("watch")
@click.option("--log-format", type=click.Choice(["text", "json"]), default=None, help="[default: text on a terminal]")
@click.option("--server", metavar="NAME", help="This server's name among those that share the studio. [default: host]")
@config_option
@click.pass_context
def command(ctx: click.Context, log_format: str | None, server: str | None) -> None:
    """Guard the studio's drop folder until stopped (Ctrl-C or SIGTERM).

    A drop that has been still for `quiet_seconds` is taken, examined and judged, and moved to cleared/, flagged/, held/
    or quarantine/. Whatever is under way when the daemon stops or dies goes on at the next start, or, where several
    servers share the studio's PostgreSQL database, on another server within `server.lease_seconds`.
    """
    settings = needed_settings(ctx)
    if server is not None:
        settings = settings.as_server(server)
    as_json = log_format == "json" or (log_format is None and not sys.stderr.isatty())
    logs.set_up(as_json=as_json, server=settings.server.name or socket.gethostname())
    from scanner.daemon import Daemon, GivenUp
    from scanner.serving import serve
    from scanner.studio import Studio

    anew = False
    with Studio.open(settings) as studio:
        daemon = Daemon(studio)

        def stop(_: int, __: FrameType | None) -> None:
            # Not here: whatever lock it needs, the thread that the signal came to may hold.
            threading.Thread(target=daemon.stop, daemon=True).start()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        try:
            with serve(studio, daemon.health, settings.serving.listen):
                daemon.run()
        except GivenUp:
            anew = True
    if anew:
        logging.shutdown()
        os.execv(sys.executable, [sys.executable, "-m", "scanner", *sys.argv[1:]])
    # What is still under way goes on at the next start from its last finished step; nobody waits for it here.
    logging.shutdown()
    os._exit(0)
