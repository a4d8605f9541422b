"""Process one partition for as long as its lease is ours: read, invoke, checkpoint, renew."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from local.host.backoff import Backoff
from local.host.change_feed.feed import Feed, FeedPage, FeedUnavailableError, describe
from local.host.change_feed.leases import (
    Lease,
    LeaseLostError,
    LeaseManager,
    StoreUnavailableError,
)
from local.host.invocation import Pause
from local.host.stopping import StopSignal

log = logging.getLogger("Host.CosmosDB")

_FIRST_RETRY = timedelta(milliseconds=100)

#: Runs the function with a JSON array of documents; the pause ends early when it is time to stop.
#: Returns whether the batch is done with: False = it stopped between two attempts.
Execute = Callable[[str, Pause], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class FeedOptions:
    """How a trigger reads. `since` None = from the beginning."""

    poll_delay: timedelta
    renew_interval: timedelta
    acquire_interval: timedelta
    expiration_interval: timedelta
    max_items: int
    since: datetime | None


class PartitionProcessor:
    """Holds one lease."""

    def __init__(
        self,
        lease: Lease,
        manager: LeaseManager,
        feed: Feed,
        options: FeedOptions,
        execute: Execute,
        random: Random,
    ) -> None:
        """Prepare; the lease has been acquired."""
        self.lease = lease
        self.stop = StopSignal()
        self._manager = manager
        self._feed = feed
        self._options = options
        self._execute = execute
        self._continuation = lease.continuation
        self._backoff = Backoff(_FIRST_RETRY, max(_FIRST_RETRY, options.poll_delay), random)

    @property
    def continuation(self) -> str | None:
        """How far the feed has been read."""
        return self._continuation

    async def run(self) -> None:
        """Process until `stop` is set or the lease is lost.

        Raises:
            RangeGoneError: the partition was split.
            FeedError: the feed cannot be read.
            LeaseLostError: another host has the lease.

        """
        renewal = asyncio.create_task(self._renew())
        try:
            await self._process()
        finally:
            self.stop.set()
            await renewal

    async def _process(self) -> None:
        while not self.stop.is_set:
            try:
                page = await self._feed.read(
                    self.lease.token,
                    self._continuation,
                    self._options.since,
                    self._options.max_items,
                )
            except FeedUnavailableError as error:
                delay = self._backoff.next_delay(succeeded=False).total_seconds()
                log.debug("Lease %s: %s", self.lease.token, describe(error))
                await self.stop.pause(max(delay, error.retry_after))
                continue
            self._backoff.next_delay(succeeded=True)
            if page.documents and not await self._dispatch(page):
                return
            self._continuation = page.continuation
            if not page.documents:
                await self.stop.pause(self._options.poll_delay.total_seconds())

    async def _read(self) -> FeedPage:
        options = self._options
        return await self._feed.read(
            self.lease.token, self._continuation, options.since, options.max_items
        )

    async def _dispatch(self, page: FeedPage) -> bool:
        """Invoke the function and checkpoint; False = it stopped in between, so neither counts."""
        if not await self._execute(page.documents, self.stop.pause):
            return False
        if page.continuation is not None:
            self.lease = await self._manager.checkpoint(self.lease, page.continuation)
        return True

    async def _renew(self) -> None:
        """Renew now and then; stop the processing when the lease turns out to be lost."""
        interval = self._options.renew_interval.total_seconds()
        pause = interval / 2
        while await self.stop.pause(pause):
            pause = interval
            try:
                await self._manager.renew(self.lease)
            except LeaseLostError as error:
                log.info("Lease %s was lost: %s", self.lease.token, error)
                self.stop.set()
            except StoreUnavailableError as error:
                log.warning("Lease %s was not renewed: %s", self.lease.token, describe(error))
