"""What people decided about what belongs together, on its way from the API to correlation.

A decision is asked for as a piece of news, which the change feed delivers, again and again, until
it is carried out. Correlation keeps it, with what came of it, beside the incidents.
"""

from collections.abc import Mapping
from typing import Any, Final

from azure.cosmos import exceptions

from shared.store.client import Database
from shared.store.definitions import INCIDENTS, NEWS
from shared.store.news import DECISION, post_news
from shared.store.queries import Document

ASKED: Final = "asked"
DONE: Final = "done"
REFUSED: Final = "refused"
STATES: Final = (ASKED, DONE, REFUSED)
_PENDING: Final = "pending"
"""What correlation has taken down and not carried out yet: to whoever asked, it is just asked."""


class Decisions:
    """Keeps the decisions of organisations. `database` is not closed here."""

    def __init__(self, database: Database, organisations: tuple[str, ...]) -> None:
        self._news = database.container(NEWS)
        self._incidents = database.container(INCIDENTS)
        self._organisations = organisations

    async def find(self, name: str) -> Document | None:
        """The decision with that name: as it was carried out or refused, else as it was asked."""
        for own in self._organisations:
            if (found := await self._find(own, name)) is not None:
                return found
        return None

    async def ask(self, own: str, name: str, decision: Mapping[str, Any]) -> Document:
        """Ask an organisation's correlation for a decision; one asked before stays as it is."""
        asked = {**decision, "name": name}
        await post_news(self._news, own, DECISION, {"decision": asked}, _news_id(name))
        return await self._find(own, name) or {**asked, "state": ASKED}

    async def _find(self, own: str, name: str) -> Document | None:
        asked = await self._read_news(own, name)
        try:
            kept = await self._incidents.read_item(f"d-{name}", own)
        except exceptions.CosmosResourceNotFoundError:
            return {**asked, "state": ASKED} if asked else None
        state = ASKED if kept["state"] == _PENDING else kept["state"]
        return {**(asked or {}), **kept, "state": state}

    async def _read_news(self, own: str, name: str) -> Document | None:
        try:
            news = await self._news.read_item(_news_id(name), own)
        except exceptions.CosmosResourceNotFoundError:
            return None
        decision: Document = news["decision"]
        return decision


def _news_id(name: str) -> str:
    return f"decision-{name}"
