"""News: what correlation is told, one document each, delivered by the change feed of `news`."""

from collections.abc import Mapping
from typing import Any, Final

from azure.cosmos import exceptions
from azure.cosmos.aio import ContainerProxy

from shared.store.client import retrying

PERSON: Final = "person"
"""People changed the state of an incident."""
DECISION: Final = "decision"
"""People decided what belongs together."""


async def post_news(
    container: ContainerProxy, organisation: str, kind: str, body: Mapping[str, Any], news_id: str
) -> None:
    """Add a piece of news; one with the same id, which tells the same, is left as it is."""
    document = {
        "id": news_id,
        "type": "news",
        "organisation": organisation,
        "kind": kind,
        **body,
    }
    try:
        await retrying(lambda: container.create_item(dict(document), no_response=True))
    except exceptions.CosmosResourceExistsError:
        return
