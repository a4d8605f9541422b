"""Runs the application on a port until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sqlite3
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .app import ABORT, App
from .service import Service
from .store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

log = logging.getLogger(__name__)

BACKLOG: Final = 2048
KEEP_ALIVE_SECONDS: Final = 120
HOUSEKEEPING_SECONDS: Final = 1.0
PURGE_ROWS: Final = 500
STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Settings:
    """How to run the emulator.

    Attributes:
        data: folder of the SQLite file, or `:memory:`.
        partitions: physical ranges of each new container, at least.
        throughput: request units a second that may be spent; None is without limit.
        lag: how far (seconds) a read without a session token may be behind.
        certificate, key: PEM files that turn TLS on.
    """

    host: str = "127.0.0.1"
    port: int = 8081
    data: str = ":memory:"
    partitions: int = 1
    throughput: float | None = None
    lag: float = 0.0
    certificate: Path | None = None
    key: Path | None = None


class PortTakenError(Exception):
    """The port cannot be had; the message says what to do."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket (port 0: any free one).

    Raises:
        PortTakenError: another process has the port, or the host cannot be bound.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        raise PortTakenError(
            f"Cannot listen on {host}:{port} ({error.strerror}): stop what uses it, or choose "
            "another with --port."
        ) from error
    sock.listen(BACKLOG)
    sock.set_inheritable(True)
    return sock


class Protocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol, which also lets the application reset a connection."""

    def on_message_begin(self) -> None:
        """Start a request's scope."""
        super().on_message_begin()
        self.scope["state"][ABORT] = self.transport.abort


class Emulator(uvicorn.Server):
    """A uvicorn server that owns the store and says when it is ready."""

    def __init__(self, settings: Settings, on_ready: Callable[[str], None]) -> None:
        self._settings = settings
        self._on_ready = on_ready
        self.store = Store(settings.data, time.time, settings.lag)
        self.service = Service(self.store, settings.partitions, settings.throughput)
        super().__init__(_config(settings, App(self.service)))

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start serving, then announce the address."""
        await super().startup(sockets)
        scheme = "https" if self._settings.certificate else "http"
        address = sockets[0].getsockname() if sockets else ("", 0)
        self._on_ready(f"{scheme}://{self._settings.host}:{address[1]}")

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGINT and SIGTERM, and count that as a normal end."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in STOP_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def main_loop(self) -> None:
        """Serve until told to stop, and keep house meanwhile."""
        housekeeping = asyncio.create_task(self._keep_house())
        try:
            await super().main_loop()
        finally:
            housekeeping.cancel()

    async def _keep_house(self) -> None:
        """Now and then purge expired items and shorten the write-ahead log."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(HOUSEKEEPING_SECONDS)
            try:
                self.store.purge(PURGE_ROWS)
                await loop.run_in_executor(None, self.store.checkpoint)
            except sqlite3.Error:
                log.exception("Housekeeping failed; it tries again in a moment.")


def serve(settings: Settings, on_ready: Callable[[str], None]) -> None:
    """Run until SIGINT or SIGTERM; `on_ready` gets the address once requests are answered.

    Raises:
        PortTakenError: the port cannot be had.
        DataInUseError: another emulator uses the data folder.
    """
    sock = listen(settings.host, settings.port)
    try:
        emulator = Emulator(settings, on_ready)
        try:
            emulator.run(sockets=[sock])
        finally:
            emulator.store.close()
    finally:
        sock.close()


def _config(settings: Settings, app: App) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="uvloop",
        http=Protocol,
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=2,
        backlog=BACKLOG,
        ssl_certfile=settings.certificate,
        ssl_keyfile=settings.key,
    )
