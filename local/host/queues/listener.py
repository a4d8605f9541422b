"""The queue trigger: poll, invoke, then delete, release or set aside each message.

The rules are those of the storage extension's `QueueListener` and `QueueProcessor`.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from local.host.backoff import Backoff
from local.host.hostjson import QueuesSection
from local.host.queues.messages import Message, Queue, decode_text
from local.host.stopping import StopSignal, finish

log = logging.getLogger("Host.Queues")

MINIMUM_POLLING_INTERVAL = timedelta(milliseconds=100)

#: Runs the function with a message and its body; returns whether it succeeded.
Execute = Callable[[Message, bytes], Awaitable[bool]]


@dataclass(slots=True)
class _Held:
    """A message in our hands; renewing it changes its pop receipt."""

    message: Message


class QueueListener:
    """Watches one queue for one function."""

    def __init__(
        self,
        queue: Queue,
        poison: Queue | None,
        settings: QueuesSection,
        execute: Execute,
        random: Random,
    ) -> None:
        """Prepare; nothing is received yet."""
        self._queue = queue
        self._poison = poison
        self._settings = settings
        self._execute = execute
        self._hidden_seconds = settings.receive_visibility.total_seconds()
        self._backoff = Backoff(MINIMUM_POLLING_INTERVAL, settings.max_polling_interval, random)
        self._stop = StopSignal()
        self._running: set[asyncio.Task[None]] = set()
        self._polling: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to poll."""
        self._polling = asyncio.create_task(self._poll())

    async def stop(self, grace_seconds: float) -> None:
        """Stop polling; wait for running messages, then release those that do not end in time."""
        self._stop.set()
        if self._polling is not None:
            await finish([self._polling], grace_seconds)
        await finish(self._running, grace_seconds)

    async def _poll(self) -> None:
        found_since_pause = False
        while not self._stop.is_set:
            messages = await self._queue.receive(self._settings.batch_size, self._hidden_seconds)
            for message in messages or ():
                task = asyncio.create_task(self._guard(message))
                self._running.add(task)
                task.add_done_callback(self._running.discard)
            if messages:
                found_since_pause = True
                await self._wait_for_room()
                continue
            delay = self._backoff.next_delay(succeeded=found_since_pause)
            found_since_pause = False
            await self._stop.pause(delay.total_seconds())

    async def _wait_for_room(self) -> None:
        while len(self._running) > self._settings.threshold and not self._stop.is_set:
            await self._stop.first_of(self._running)

    async def _guard(self, message: Message) -> None:
        """Process a message; a fault of the storage service leaves it to be received again."""
        try:
            await self._process(message)
        except Exception:
            log.exception("Message '%s' of '%s' was not settled", message.id, self._queue.name)

    async def _process(self, message: Message) -> None:
        body = decode_text(message.text, self._settings.message_encoding)
        if body is None:
            await self._set_aside(message, "its body is no valid base64")
            return
        if message.dequeue_count > self._settings.max_dequeue_count:
            await self._set_aside(message, self._too_often)
            return
        async with self._renewed(message) as held:
            try:
                succeeded = await self._execute(message, body)
            except asyncio.CancelledError:
                await self._queue.hide(held.message, 0)
                raise
        await self._settle(held.message, succeeded=succeeded)

    async def _settle(self, message: Message, *, succeeded: bool) -> None:
        if succeeded:
            await self._queue.delete(message)
        elif self._poison is None:
            log.error("Message '%s' failed and '%s' has no poison queue: it stays hidden",
                      message.id, self._queue.name)  # fmt: skip
        elif message.dequeue_count >= self._settings.max_dequeue_count:
            await self._set_aside(message, self._too_often)
        else:
            await self._queue.hide(message, self._settings.visibility_timeout.total_seconds())

    @property
    def _too_often(self) -> str:
        return f"it has reached MaxDequeueCount of {self._settings.max_dequeue_count}"

    async def _set_aside(self, message: Message, reason: str) -> None:
        if self._poison is None:
            return
        log.warning("Message '%s': %s. Moving it to '%s'.", message.id, reason, self._poison.name)
        await self._poison.put(message.text)
        await self._queue.delete(message)

    @asynccontextmanager
    async def _renewed(self, message: Message) -> AsyncIterator[_Held]:
        """Keep a message hidden for as long as the block runs."""
        held = _Held(message)
        renewal = asyncio.create_task(self._renew(held))
        try:
            yield held
        finally:
            renewal.cancel()
            await asyncio.wait([renewal])

    async def _renew(self, held: _Held) -> None:
        while True:
            await asyncio.sleep(self._hidden_seconds / 2)
            renewed = await self._queue.hide(held.message, self._hidden_seconds)
            if renewed is None:
                return
            held.message = renewed
