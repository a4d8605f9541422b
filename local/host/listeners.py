"""Make the listener of each function, and start it for as long as it takes."""

import asyncio
import json
import logging
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import aiohttp
from azure.cosmos.aio import CosmosClient
from azure.functions.meta import Datum

from local.host.backoff import Backoff
from local.host.bindings import CosmosTrigger, QueueOutput, QueueTrigger, TimerTrigger
from local.host.change_feed.cosmos_leases import CosmosLeaseStore, open_lease_container
from local.host.change_feed.feed import CosmosConnection, CosmosFeed
from local.host.change_feed.leases import LeaseStore
from local.host.change_feed.listener import ChangeFeedListener
from local.host.change_feed.partition import FeedOptions
from local.host.errors import FunctionFault, SettingsError
from local.host.functions import IndexedFunction
from local.host.hostjson import CosmosSection, HostJson
from local.host.invocation import Invoker, Pause, TriggerData
from local.host.queues.listener import QueueListener
from local.host.queues.messages import Message, poison_name, trigger_datum, trigger_metadata
from local.host.queues.storage import StorageQueues
from local.host.settings import AppSettings
from local.host.stopping import Listener, StopSignal
from local.host.timers.cron import parse_cron
from local.host.timers.listener import Firing, TimerListener
from local.host.timers.monitor import is_monitored
from local.host.timers.shared_folder import LockFile, StatusFile

log = logging.getLogger("Host")

_DEFAULT_PAGE = 100
#: The real host starts a failed listener again after 2 s to 2 min; a developer should not wait so
#: long for a container that the app creates when it is first used.
_START_RETRY = (timedelta(milliseconds=500), timedelta(seconds=2))


def utc_now() -> datetime:
    """Return the current time."""
    return datetime.now(UTC)


@dataclass(slots=True)
class ListenerFactory:
    """Makes listeners; holds the connections that they share.

    `timers` is the folder by which the hosts of one app agree on its timers.
    """

    settings: AppSettings
    host_json: HostJson
    invoker: Invoker
    queues: StorageQueues
    session: aiohttp.ClientSession
    random: Random
    timers: Path
    _clients: dict[str, CosmosClient] = field(default_factory=dict, init=False)

    def make(self, function: IndexedFunction) -> Listener | None:
        """Return the listener of a function; None when HTTP sets it off.

        Raises:
            FunctionFault: a setting that one of its bindings names is missing or wrong.

        """
        trigger = function.trigger
        self._check_outputs(function)
        try:
            match trigger:
                case QueueTrigger():
                    return self._queue(function, trigger)
                case CosmosTrigger():
                    return self._change_feed(function, trigger)
                case TimerTrigger():
                    return self._timer(function, trigger)
                case _:
                    return None
        except (SettingsError, ValueError) as error:
            raise FunctionFault(function.name, str(error), trigger.name) from error

    def _check_outputs(self, function: IndexedFunction) -> None:
        for parameter, output in function.outputs.items():
            if isinstance(output.binding, QueueOutput):
                try:
                    self.queues.queue(output.binding.connection, output.binding.queue_name)
                except (SettingsError, ValueError) as error:
                    raise FunctionFault(function.name, str(error), parameter) from error

    async def close(self) -> None:
        """Close the connections to Cosmos DB."""
        for client in self._clients.values():
            await client.close()

    def _queue(self, function: IndexedFunction, trigger: QueueTrigger) -> Listener:
        queue = self.queues.queue(trigger.connection, trigger.queue_name)
        poison = poison_name(queue.name)
        reason = f"New queue message detected on '{queue.name}'."

        async def execute(message: Message, body: bytes) -> bool:
            datum = trigger_datum(body, binary=trigger.data_type == "BINARY")
            details = (
                f"MessageId: {message.id}, DequeueCount: {message.dequeue_count}, "
                f"InsertedOn: {message.inserted.isoformat()}"
            )
            data = TriggerData(datum, trigger_metadata(message, datum), reason, details)
            return (await self.invoker.invoke(function, data)).succeeded

        return QueueListener(
            queue,
            self.queues.queue(trigger.connection, poison) if poison else None,
            self.host_json.extensions.queues,
            execute,
            self.random,
        )

    def _change_feed(self, function: IndexedFunction, trigger: CosmosTrigger) -> Listener:
        resolve = self.settings.resolve
        database, container = resolve(trigger.database_name), resolve(trigger.container_name)
        lease_database = resolve(trigger.lease_database_name or trigger.database_name)
        lease_container = resolve(trigger.lease_container_name)
        connection = CosmosConnection.parse(self.settings.connection(trigger.connection))
        leases = self.settings.connection(trigger.lease_connection or trigger.connection)
        prefix = f"{resolve(trigger.lease_container_prefix)}{connection.host}"

        async def open_store(database_rid: str, container_rid: str) -> LeaseStore:
            proxy = await open_lease_container(
                self._client(leases),
                lease_database,
                lease_container,
                create=trigger.create_lease_container_if_not_exists,
            )
            return CosmosLeaseStore(proxy, f"{prefix}_{database_rid}_{container_rid}")

        async def execute(documents: str, pause: Pause) -> bool:
            reason = f"New changes on container '{container}' at {utc_now().isoformat()}"
            data = TriggerData(Datum(documents, "json"), {}, reason)
            return await self.invoker.invoke_with_retries(function, data, pause) is not None

        return ChangeFeedListener(
            CosmosFeed(self.session, connection, database, container, utc_now),
            open_store,
            feed_options(trigger, self.host_json.extensions.cosmos_db, utc_now()),
            execute,
            str(uuid.uuid4()),
            utc_now,
            self.random,
        )

    def _timer(self, function: IndexedFunction, trigger: TimerTrigger) -> Listener:
        schedule = parse_cron(self.settings.resolve(trigger.schedule))
        kept = trigger.use_monitor and is_monitored(schedule)

        async def execute(firing: Firing, pause: Pause) -> None:
            await self.invoker.invoke_with_retries(function, timer_data(firing), pause)

        return TimerListener(
            schedule,
            execute,
            utc_now,
            LockFile(self.timers, function.name),
            StatusFile(self.timers, function.name) if kept else None,
            run_on_startup=trigger.run_on_startup,
        )

    def _client(self, connection: str) -> CosmosClient:
        if connection not in self._clients:
            self._clients[connection] = CosmosClient.from_connection_string(connection)
        return self._clients[connection]


def timer_data(firing: Firing) -> TriggerData:
    """Return what a timer's function is given, and why it runs."""
    status = firing.status.describe() if firing.status else None
    told = {
        "Schedule": {"AdjustForDST": True},
        "ScheduleStatus": status,
        "IsPastDue": firing.past_due,
    }
    details = ""
    if firing.past_due and firing.status:
        due = firing.status.next.isoformat()
        details = f"UnscheduledInvocationReason: IsPastDue, OriginalSchedule: {due}"
    elif firing.on_startup:
        details = "UnscheduledInvocationReason: RunOnStartup"
    reason = f"Timer fired at {utc_now().isoformat()}"
    return TriggerData(Datum(json.dumps(told), "json"), {}, reason, details)


def feed_options(trigger: CosmosTrigger, defaults: CosmosSection, now: datetime) -> FeedOptions:
    """Return how a trigger reads; the start counts only until a lease has a continuation.

    Raises:
        ValueError: it asks for two starts.

    """
    if trigger.start_from_beginning and trigger.start_from_time:
        raise ValueError("only one of start_from_beginning and start_from_time can be used")
    since = None if trigger.start_from_beginning else trigger.start_from_time or now
    return FeedOptions(
        poll_delay=_milliseconds(trigger.feed_poll_delay, defaults.feed_poll_delay),
        renew_interval=_milliseconds(trigger.lease_renew_interval, defaults.lease_renew_interval),
        acquire_interval=_milliseconds(
            trigger.lease_acquire_interval, defaults.lease_acquire_interval
        ),
        expiration_interval=_milliseconds(
            trigger.lease_expiration_interval, defaults.lease_expiration_interval
        ),
        max_items=trigger.max_items_per_invocation or _DEFAULT_PAGE,
        since=since,
    )


def _milliseconds(value: int | None, default: int) -> timedelta:
    return timedelta(milliseconds=default if value is None else value)


@dataclass(slots=True)
class PersistentListener:
    """Starts a listener, again and again until it succeeds, as the real host does."""

    function: str
    listener: Listener
    random: Random
    _stop: StopSignal = field(default_factory=StopSignal, init=False)
    _retrying: asyncio.Task[None] | None = field(default=None, init=False)
    _started: bool = field(default=False, init=False)
    _last_failure: str = field(default="", init=False)

    async def start(self) -> None:
        """Try once; go on trying in the background when that fails."""
        if not await self._try():
            self._retrying = asyncio.create_task(self._retry())

    async def stop(self, grace_seconds: float) -> None:
        """Stop the listener if it has been started."""
        self._stop.set()
        if self._retrying is not None:
            await asyncio.wait([self._retrying])
        if self._started:
            await self.listener.stop(grace_seconds)

    async def _retry(self) -> None:
        backoff = Backoff(*_START_RETRY, self.random)
        while await self._stop.pause(backoff.next_delay(succeeded=False).total_seconds()):
            if await self._try():
                log.info("The listener for function '%s' was started", self.function)
                return

    async def _try(self) -> bool:
        try:
            await self.listener.start()
        except Exception as error:  # noqa: BLE001 - whatever it is, the next attempt may succeed
            level = logging.DEBUG if str(error) == self._last_failure else logging.WARNING
            self._last_failure = str(error)
            log.log(
                level,
                "The listener for function '%s' was unable to start, and will try again: %s",
                self.function,
                error,
            )
            return False
        self._started = True
        return True
