"""The `suppressions` container as people need it: rules to list, write and delete."""

from azure.core import MatchConditions
from azure.cosmos import exceptions

from shared.store.client import Database, retrying
from shared.store.definitions import RULES
from shared.store.documents import ConflictError, swap
from shared.store.queries import Conditions, Document, rows


class SuppressionRules:
    """Reads and writes rules. `database` is not closed here."""

    def __init__(self, database: Database) -> None:
        self._rules = database.container(RULES)

    async def every(self) -> list[Document]:
        """All rules by id; there are few."""
        found = await rows(self._rules, Conditions().select("*"))
        return sorted(found, key=lambda rule: str(rule["id"]))

    async def find(self, rule_id: str) -> Document | None:
        """One rule, or None."""
        try:
            return await self._rules.read_item(rule_id, rule_id)
        except exceptions.CosmosResourceNotFoundError:
            return None

    async def put(self, document: Document, etag: str | None) -> None:
        """Create a rule, or replace that version of it. Raises ConflictError when it is another."""
        await swap(self._rules, document, etag)

    async def delete(self, rule_id: str, etag: str) -> None:
        """Delete that version of a rule. Raises ConflictError when it is another."""

        async def remove() -> None:
            await self._rules.delete_item(
                rule_id, rule_id, etag=etag, match_condition=MatchConditions.IfNotModified
            )

        try:
            await retrying(remove)
        except (
            exceptions.CosmosAccessConditionFailedError,
            exceptions.CosmosResourceNotFoundError,
        ) as fault:
            raise ConflictError(rule_id) from fault
