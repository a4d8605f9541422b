"""The `rejected` container: what could not be read, kept for people to see, mend and redrive."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from azure.core import MatchConditions
from azure.cosmos import exceptions

from shared.alert import ORGANISATION
from shared.rejection import (
    RejectedId,
    Rejection,
    accepted_document,
    redriven_document,
    refused_again,
    rejected_document,
)
from shared.store.client import Database, retrying
from shared.store.definitions import REJECTED
from shared.store.queries import Conditions, Document, Order, Position, rows

NEWEST_FIRST: Final = Order("atUtc")
COLUMNS: Final = (
    "c.id, c.day, c.atUtc, c.reason, c.message, c.errors, c.source, c.messageId, c.status,"
    " c.bodyBytes, c.bodyCut, c._etag"
)
_MOST_TRIES: Final = 8

Change: TypeAlias = Callable[[Document], Document]


@dataclass(frozen=True, slots=True)
class RejectedFilter:
    """Which rejections are wanted; an empty part lets all through. Times are as in documents."""

    reasons: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    start: str = ""
    end: str = ""


class RejectedStore:
    """Reads and writes what an organisation's own app refused. `database` is not closed here."""

    def __init__(self, database: Database, organisation: str = ORGANISATION) -> None:
        self._rejected = database.container(REJECTED)
        self._organisation = organisation

    async def add(self, rejections: Iterable[Rejection], *, at: int) -> None:
        """Keep rejections; those of a message that is delivered again are there already."""
        for rejection in rejections:
            document = rejected_document(rejection, at=at)
            await self._create({**document, "organisation": self._organisation})

    async def _create(self, document: Document) -> None:
        try:
            await retrying(lambda: self._rejected.create_item(document))
        except exceptions.CosmosResourceExistsError:
            return

    async def page(
        self, wanted: RejectedFilter, after: Position | None, most: int
    ) -> list[Document]:
        """At most `most` rejections without their bodies, newest first, after a position."""
        conditions = Conditions()
        conditions.compare("organisation", "=", self._organisation)
        conditions.among("reason", wanted.reasons)
        conditions.among("source", wanted.sources)
        conditions.among("status", wanted.statuses)
        if wanted.start:
            conditions.compare("atUtc", ">=", wanted.start)
        if wanted.end:
            conditions.compare("atUtc", "<", wanted.end)
        if after is not None:
            conditions.after(NEWEST_FIRST, after)
        query = conditions.select(COLUMNS, order=NEWEST_FIRST, most=most)
        return await rows(self._rejected, query, most=most)

    async def find(self, place: RejectedId) -> Document | None:
        """One rejection whole, or None."""
        try:
            found: dict[str, Any] = await self._rejected.read_item(place.id, place.day)
        except exceptions.CosmosResourceNotFoundError:
            return None
        return found if found.get("organisation") == self._organisation else None

    async def mark_redriven(self, place: RejectedId, *, at: int) -> Document | None:
        """Note that a rejection is on the queue again; None when there is no such rejection."""
        return await self._change(place, lambda document: redriven_document(document, at=at))

    async def mark_accepted(self, place: RejectedId, *, at: int) -> Document | None:
        """Note that a redrive was read; None when there is no such rejection."""
        return await self._change(place, lambda document: accepted_document(document, at=at))

    async def mark_refused_again(
        self, place: RejectedId, rejection: Rejection, *, at: int
    ) -> Document | None:
        """Note that a redrive was refused, and why; None when there is no such rejection."""
        return await self._change(place, lambda document: refused_again(document, rejection, at=at))

    async def _change(self, place: RejectedId, change: Change) -> Document | None:
        """Read, change and replace, again while another writer comes between."""
        for _ in range(_MOST_TRIES):
            document = await self.find(place)
            if document is None:
                return None
            changed = change(document)
            try:
                return await retrying(lambda: self._replace(changed))  # noqa: B023 - awaited here
            except exceptions.CosmosAccessConditionFailedError:
                continue
        raise RuntimeError(f"{_MOST_TRIES} conflicts in a row on rejection {place.day}/{place.id}")

    async def _replace(self, document: Document) -> Document:
        replaced: Document = await self._rejected.replace_item(
            document["id"],
            document,
            etag=document["_etag"],
            match_condition=MatchConditions.IfNotModified,
        )
        return replaced
