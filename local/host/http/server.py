"""Serve the site with uvicorn, inside the host's own event loop."""

import asyncio
import contextlib
import socket
from collections.abc import Generator

import uvicorn

from local.host.errors import HostError
from local.host.http.site import Site


class _Server(uvicorn.Server):
    """Leaves signals to the host, which has more to stop than HTTP; tells when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen."""
        await super().startup(sockets)
        self.listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Capture none."""
        yield


class HttpServer:
    """Listens on the loopback address."""

    def __init__(self, site: Site, port: int) -> None:
        """Bind the port (0 = any free one), so that a taken one is known at once.

        Raises:
            HostError: the port is taken.

        """
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind(("127.0.0.1", port))
        except OSError as error:
            self._socket.close()
            raise HostError(
                f"port {port} cannot be used ({error.strerror}): choose another with --port"
            ) from error
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(
            site,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            ws="none",
            # Requests in flight are given this long when the host stops.
            timeout_graceful_shutdown=5,
        )
        self._server = _Server(config)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen, and return once connections are accepted."""
        self._task = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        await self._server.listening.wait()

    async def stop(self) -> None:
        """Finish the requests in flight and stop listening. Idempotent."""
        self._server.should_exit = True
        if self._task is not None:
            await self._task
        self._socket.close()
