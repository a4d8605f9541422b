"""The fence: one writer an organisation, whoever else still believes to be it.

A run raises the epoch by compare-and-swap; each batch then replaces `head` under the ETag that the
one before it left. So batches of an epoch form a chain, and that of a paused former writer is
refused whole. No clock decides anything, and no lease of the change feed is trusted.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from correlate.store.port import Head, HeadMovedError, LostReplyError, Port, Put

MOST_SENDS: Final = 4


class FencedError(Exception):
    """The right to write is lost, to another writer or with too many replies.

    What was read is worth nothing. The last batch was done whole or not at all.
    """


class Fence:
    """The right to write, held by its last `head`."""

    def __init__(self, store: Port) -> None:
        self._store = store
        self._head: Head | None = None
        self._batches = 0

    @property
    def held(self) -> bool:
        """Whether an epoch was taken and not lost since."""
        return self._head is not None

    @property
    def epoch(self) -> int:
        """The epoch, 0 where none is held."""
        return 0 if self._head is None else self._head.epoch

    async def take(self) -> None:
        """Raise the epoch. What was sent and not answered is no matter: it is raised again.

        Raises FencedError where others raise it again and again.
        """
        self._head = None
        self._batches = 0
        for _ in range(MOST_SENDS):
            known = await self._store.read_head()
            try:
                head = Head(1, "") if known is None else Head(known.epoch + 1, "", known.etag)
                self._head = await self._store.write_head(head)
            except (HeadMovedError, LostReplyError):
                continue
            return
        raise FencedError

    def drop(self) -> None:
        """Give the right up: the next run takes it anew."""
        self._head = None

    async def write(self, puts: Sequence[Put]) -> dict[str, str] | None:
        """Write one batch; the new ETags of its incidents, None where its reply was lost.

        Raises FencedError when another epoch writes, MovedError when people changed an incident.
        """
        if self._head is None:
            raise FencedError
        self._batches += 1
        head = replace(self._head, batch=f"{self._head.epoch}.{self._batches}")
        lost = False
        for _ in range(MOST_SENDS):
            try:
                self._head, etags = await self._store.commit(head, puts)
            except LostReplyError:
                lost = True
            except HeadMovedError:
                if not lost:
                    break
                if await self._was_done(head):
                    return None
            else:
                return etags
        self._head = None
        raise FencedError

    async def _was_done(self, sent: Head) -> bool:
        """Whether the batch whose reply was lost is the last one that was done."""
        known = await self._store.read_head()
        if known is None or (known.epoch, known.batch) != (sent.epoch, sent.batch):
            return False
        self._head = known
        return True
