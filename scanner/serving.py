"""What monitors ask over HTTP: `/live`, `/ready` and `/metrics`. GET only, by plain HTTP, meant for this machine.

No request can hold the server up: a connection lives ten seconds, there are few at a time, and whatever must be asked
of folders or the database is asked elsewhere (`health.Asking`).
"""

import contextlib
import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from scanner import measures
from scanner.errors import SettingsError
from scanner.gauges import Gauges
from scanner.health import Fit, Health
from scanner.report.json_text import json_text
from scanner.studio import Studio

_log = logging.getLogger("scanner")
_CONNECTION_SECONDS = 10.0
_CONNECTIONS = 16
_POLL_SECONDS = 0.5


@contextmanager
def serve(studio: Studio, health: Health, listen: str) -> Iterator[int | None]:
    """In here, answer monitors at `host:port`; gives the port. Without an address, nobody is answered.

    Port 0: any that is free. Raises SettingsError when it cannot be listened there.
    """
    if not listen:
        yield None
        return
    metrics = CollectorRegistry()
    metrics.register(Gauges(studio.kept, studio.settings.folder("work")))
    metrics.register(measures.registry())
    server = _opened(listen, health, metrics)
    port = int(server.server_address[1])
    threading.Thread(target=server.serve_forever, args=(_POLL_SECONDS,), name="serving", daemon=True).start()
    _log.info("serving", extra={"address": listen, "port": port})
    try:
        yield port
    finally:
        server.shutdown()
        server.server_close()


def _opened(listen: str, health: Health, metrics: CollectorRegistry) -> "_Server":
    host, _, port = listen.rpartition(":")
    try:
        return _Server(host.strip("[]"), int(port), health, metrics)
    except (OSError, OverflowError) as error:
        msg = f"serving.listen: {listen} cannot be listened at: {error}. Name another address, or none."
        raise SettingsError(msg) from error


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, host: str, port: int, health: Health, metrics: CollectorRegistry) -> None:
        self.address_family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        self.health = health
        self.metrics = metrics
        self._connections: dict[Any, float] = {}
        self._changing = threading.Lock()
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        """Without asking the name service who we are, as the library does: it may take long."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def process_request(self, request: Any, client_address: Any) -> None:
        """One more connection, or none where there are too many."""
        with self._changing:
            if full := len(self._connections) >= _CONNECTIONS:
                _log.warning("too many connections", extra={"client": str(client_address[0])})
            else:
                self._connections[request] = time.monotonic()
        if full:
            self.shutdown_request(request)
        else:
            super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """The connection has ended."""
        with self._changing:
            self._connections.pop(request, None)
        super().shutdown_request(request)

    def service_actions(self) -> None:
        """Cut off whoever has been connected for too long, also one that sends a byte now and then."""
        with self._changing:
            late = [each for each, since in self._connections.items() if time.monotonic() - since > _CONNECTION_SECONDS]
        for request in late:
            with contextlib.suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """What went wrong with one connection is told, and is its own end only."""
        _log.warning("not answered", extra={"client": str(client_address[0])}, exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _CONNECTION_SECONDS
    server_version, sys_version = "scanner", ""

    def do_GET(self) -> None:
        """Answer one question."""
        match self.path.partition("?")[0]:
            case "/live":
                fit = self.server.health.live()
                self._answer_fit({"live": fit.ok, "told": fit.told}, ok=fit.ok)
            case "/ready":
                parts = self.server.health.ready()
                ok = all(fit.ok for fit in parts.values())
                self._answer_fit({"ready": ok, "checks": {name: _object(fit) for name, fit in parts.items()}}, ok=ok)
            case "/metrics":
                encode, kind = choose_encoder(self.headers.get("Accept", ""))
                self._answer(HTTPStatus.OK, kind, encode(self.server.metrics))
            case _:
                self._answer(HTTPStatus.NOT_FOUND, "text/plain; charset=utf-8", b"/live, /ready, /metrics\n")

    def _answer_fit(self, told: dict[str, Any], *, ok: bool) -> None:
        status = HTTPStatus.OK if ok else HTTPStatus.SERVICE_UNAVAILABLE
        self._answer(status, "application/json", f"{json_text(told)}\n".encode())

    def _answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        # Whoever asked may have gone.
        with contextlib.suppress(ConnectionError):
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """A monitor asks every few seconds: nothing to write down."""


def _object(fit: Fit) -> dict[str, Any]:
    return {"ok": fit.ok, "told": fit.told}
