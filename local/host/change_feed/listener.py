"""The Cosmos DB trigger of one function: set up the leases, take a share, process each of them."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import Protocol

from local.host.change_feed.balancing import select_leases
from local.host.change_feed.feed import Feed, FeedError, RangeGoneError, describe
from local.host.change_feed.leases import (
    Lease,
    LeaseLostError,
    LeaseManager,
    LeaseStore,
    StoreUnavailableError,
)
from local.host.change_feed.partition import Execute, FeedOptions, PartitionProcessor
from local.host.stopping import StopSignal, finish

log = logging.getLogger("Host.CosmosDB")

_LOCK_SECONDS = 30
_LOCK_WAIT_SECONDS = 1.0


class OpenStore(Protocol):
    """Opens the lease container; creates it when the trigger says so."""

    async def __call__(self, database_rid: str, container_rid: str) -> LeaseStore:
        """Return the leases of the container with these resource ids.

        Raises:
            HostError: the lease container does not exist.

        """


class ChangeFeedListener:
    """Watches one container for one function."""

    def __init__(
        self,
        feed: Feed,
        open_store: OpenStore,
        options: FeedOptions,
        execute: Execute,
        owner: str,
        now: Callable[[], datetime],
        random: Random,
    ) -> None:
        """Prepare; nothing is read yet. `owner` must be new for each listener."""
        self._feed = feed
        self._open_store = open_store
        self._options = options
        self._execute = execute
        self._owner = owner
        self._now = now
        self._random = random
        self._stop = StopSignal()
        self._processors: dict[str, PartitionProcessor] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._balancing: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Create the leases that are missing and begin to take a share of them.

        Raises:
            FeedError: the container cannot be read.
            HostError: the lease container does not exist.
            StoreUnavailableError: the lease container cannot be reached for now.

        """
        store = await self._open_store(*await self._feed.identify())
        manager = LeaseManager(store, self._owner, self._now)
        await self._initialize(store)
        self._balancing = asyncio.create_task(self._balance(manager))

    async def stop(self, grace_seconds: float) -> None:
        """Let running invocations end, abandon the late ones, release the leases."""
        self._stop.set()
        if self._balancing is not None:
            await finish([self._balancing], grace_seconds)
        for processor in self._processors.values():
            processor.stop.set()
        await finish(self._tasks, grace_seconds)

    async def _initialize(self, store: LeaseStore) -> None:
        while not await store.is_initialized():
            if not await store.lock(_LOCK_SECONDS):
                log.debug("Another host is creating the leases")
                await self._stop.pause(_LOCK_WAIT_SECONDS)
                continue
            try:
                await self._create_leases(store)
                await store.mark_initialized()
            finally:
                await store.unlock()

    async def _create_leases(self, store: LeaseStore) -> None:
        ranges = await self._feed.ranges()
        existing = {lease.token for lease in await store.all()}
        for partition in ranges:
            if partition.id not in existing:
                lease_id = store.lease_id(partition.id)
                await store.create(Lease(lease_id, partition.id, bounds=partition.bounds))

    async def _balance(self, manager: LeaseManager) -> None:
        interval = self._options.acquire_interval.total_seconds()
        pause = 0.0
        while await self._stop.pause(pause):
            pause = interval
            try:
                leases = await manager.store.all()
            except StoreUnavailableError as error:
                log.warning("The leases cannot be read: %s", describe(error))
                continue
            expiration = self._options.expiration_interval
            for lease in select_leases(leases, self._owner, self._now(), expiration):
                if lease.token not in self._processors:
                    await self._take(manager, lease)

    async def _take(self, manager: LeaseManager, lease: Lease) -> None:
        try:
            acquired = await manager.acquire(lease)
        except (LeaseLostError, StoreUnavailableError) as error:
            log.debug("Lease %s was not acquired: %s", lease.token, describe(error))
            return
        log.debug("Acquired lease %s", lease.token)
        processor = PartitionProcessor(
            acquired, manager, self._feed, self._options, self._execute, self._random
        )
        self._processors[lease.token] = processor
        task = asyncio.create_task(self._hold(manager, processor))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _hold(self, manager: LeaseManager, processor: PartitionProcessor) -> None:
        token = processor.lease.token
        try:
            await processor.run()
        except RangeGoneError:
            await self._replace_with_children(manager, processor)
        except (FeedError, LeaseLostError, StoreUnavailableError) as error:
            log.warning("Lease %s: %s", token, describe(error))
        finally:
            del self._processors[token]
            await self._release(manager, processor.lease)

    async def _release(self, manager: LeaseManager, lease: Lease) -> None:
        try:
            await manager.release(lease)
        except (LeaseLostError, StoreUnavailableError) as error:
            log.debug("Lease %s was not released: %s", lease.token, describe(error))
        else:
            log.debug("Released lease %s", lease.token)

    async def _replace_with_children(
        self, manager: LeaseManager, processor: PartitionProcessor
    ) -> None:
        """After a split, others go on from where the partition ended."""
        parent = processor.lease
        children = [part for part in await self._feed.ranges() if parent.token in part.parents]
        for part in children:
            child = Lease(
                manager.store.lease_id(part.id),
                part.id,
                continuation=processor.continuation,
                bounds=part.bounds,
            )
            await manager.store.create(child)
        if children:
            await manager.store.delete(parent)
