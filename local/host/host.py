"""The Functions host: one app, one process, one event loop."""

import asyncio
import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import aiohttp

from local.host.errors import FunctionFault
from local.host.functions import IndexedFunction
from local.host.hostjson import HostJson, read_host_json
from local.host.http.keys import HostKeys
from local.host.http.server import HttpServer
from local.host.http.site import Site, route_table
from local.host.indexing import index_app, load_app
from local.host.invocation import Invoker
from local.host.listeners import ListenerFactory, PersistentListener
from local.host.queues.storage import StorageQueues
from local.host.settings import AppSettings, read_settings

log = logging.getLogger("Host")

VERSION = "4.0.0-local"


@dataclass(frozen=True, slots=True)
class HostOptions:
    """Where the app is, where state is kept, and how HTTP is served.

    `timers` is a folder that the hosts of one app share, see `local.host.timers.shared_folder`.
    """

    app: Path
    data: Path
    timers: Path
    port: int = 7071
    auth: bool = False
    grace_seconds: float = 10.0


class Host:
    """Loads an app and runs its functions until it is stopped."""

    def __init__(
        self,
        options: HostOptions,
        host_json: HostJson,
        settings: AppSettings,
        on_timeout: Callable[[], None],
    ) -> None:
        """Load and index the app; `on_timeout` is called when a function ran too long.

        Raises:
            HostError: the app cannot be loaded, or the port is taken.

        """
        self._options = options
        self._settings = settings
        self._host_json = host_json
        self._started = time.monotonic()
        self._state = "Initializing"
        index = index_app(load_app(options.app))
        self.faults: list[FunctionFault] = list(index.faults)
        self.functions = tuple(
            function for function in index.functions if not settings.is_disabled(function.name)
        )
        self._queues = StorageQueues(settings, host_json.extensions.queues.message_encoding)
        self._invoker = Invoker(self._queues, host_json.timeout_seconds, on_timeout)
        self._listeners: list[PersistentListener] = []
        self._factory: ListenerFactory | None = None
        self._server = HttpServer(self._site(), options.port)

    @property
    def address(self) -> str:
        """Where HTTP is served."""
        return f"http://127.0.0.1:{self._server.port}"

    async def start(self) -> None:
        """Start the listeners, then HTTP: once `/admin/host/ping` answers, all of it runs."""
        # Seeds nothing secret: it spreads polls and retries.
        random = Random()  # noqa: S311 - no cryptography
        self._factory = ListenerFactory(
            self._settings,
            self._host_json,
            self._invoker,
            self._queues,
            aiohttp.ClientSession(),
            random,
            self._options.timers,
        )
        for function in self.functions:
            self._add_listener(self._factory, function, random)
        self._log_faults()
        await asyncio.gather(*(listener.start() for listener in self._listeners))
        self._state = "Running"
        await self._server.start()

    async def stop(self, grace_seconds: float | None = None) -> None:
        """Take nothing new, let invocations end within the grace time, release the leases."""
        self._state = "Stopping"
        grace = self._options.grace_seconds if grace_seconds is None else grace_seconds
        stops = [listener.stop(grace) for listener in self._listeners]
        await asyncio.gather(self._server.stop(), *stops)
        if self._factory is not None:
            await self._factory.close()
            await self._factory.session.close()
        await self._queues.close()
        self._invoker.threads.shutdown(wait=False, cancel_futures=True)

    def _add_listener(
        self, factory: ListenerFactory, function: IndexedFunction, random: Random
    ) -> None:
        try:
            listener = factory.make(function)
        except FunctionFault as fault:
            self.faults.append(fault)
        else:
            if listener is not None:
                self._listeners.append(PersistentListener(function.name, listener, random))

    def _log_faults(self) -> None:
        for fault in self.faults:
            log.error("%s", fault)
        faulty = {fault.function for fault in self.faults}
        for function in self.functions:
            if function.name not in faulty:
                log.info("%s: %s", function.name, function.trigger.type)

    def _site(self) -> Site:
        routes, faults = route_table(self.functions, self._host_json.extensions.http.route_prefix)
        self.faults += faults
        return Site(
            routes=routes,
            functions=self.functions,
            invoker=self._invoker,
            keys=self._open_keys() if self._options.auth else None,
            status=self._status,
            home_page=self._settings.values.get("AzureWebJobsDisableHomepage", "").lower()
            != "true",
        )

    def _open_keys(self) -> HostKeys:
        path = self._options.data / "keys.json"
        keys, made = HostKeys.open(path, (function.name for function in self.functions))
        if made:
            log.info("Keys are enforced. Master key: %s  Host key: %s", keys.master, keys.host)
        log.info("Keys are kept in %s", path)
        return keys

    def _status(self) -> Mapping[str, Any]:
        return {
            "id": f"local-{os.getpid()}",
            "state": self._state,
            "version": VERSION,
            "processUptime": round((time.monotonic() - self._started) * 1000),
            "errors": [str(fault) for fault in self.faults],
        }


def prepare(app: Path) -> tuple[HostJson, AppSettings]:
    """Read the app's settings, give them to the app as environment variables, read host.json.

    Raises:
        SettingsError: one of them is wrong.

    """
    settings = read_settings(app, os.environ)
    os.environ.update(settings.values)
    return read_host_json(app, settings.values), settings
