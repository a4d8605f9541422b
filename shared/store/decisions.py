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


class Decisions:
    """Keeps an organisation's decisions. `database` is not closed here."""

    def __init__(self, database: Database, organisation: str) -> None:
        self._news = database.container(NEWS)
        self._incidents = database.container(INCIDENTS)
        self._organisation = organisation

    async def find(self, name: str) -> Document | None:
        """The decision with that name: as it was carried out or refused, else as it was asked."""
        try:
            return await self._incidents.read_item(f"d-{name}", self._organisation)
        except exceptions.CosmosResourceNotFoundError:
            return await self._asked(name)

    async def ask(self, name: str, decision: Mapping[str, Any]) -> Document:
        """Ask for a decision; one that was asked before stays as it is."""
        asked = {**decision, "name": name}
        await post_news(
            self._news, self._organisation, DECISION, {"decision": asked}, _news_id(name)
        )
        return await self.find(name) or {**asked, "state": ASKED}

    async def _asked(self, name: str) -> Document | None:
        try:
            news = await self._news.read_item(_news_id(name), self._organisation)
        except exceptions.CosmosResourceNotFoundError:
            return None
        return {**news["decision"], "state": ASKED}


def _news_id(name: str) -> str:
    return f"decision-{name}"
