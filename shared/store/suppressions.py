"""The `suppressions` container as ingest needs it: the active rules, and what each one did."""

from collections.abc import Callable, Mapping
from typing import Final

from azure.cosmos import exceptions
from pydantic import ValidationError

from shared.store.client import Database, retrying
from shared.store.definitions import RULES
from shared.store.queries import Conditions, rows
from shared.suppression import Rule
from shared.times import SECOND

FRESH_FOR: Final = 15 * SECOND
"""How long rules that were read are used before they are read again, in milliseconds."""
_FIELDS: Final = frozenset({"id", "reason", "author", "conditions", "expiresUtc"})


class Suppressions:
    """Reads rules, kept for a short time, and counts what they did. `now` is the clock."""

    def __init__(self, database: Database, now: Callable[[], int]) -> None:
        self._container = database.container(RULES)
        self._now = now
        self._rules: tuple[Rule, ...] = ()
        self._read_at: int | None = None

    async def active(self) -> tuple[Rule, ...]:
        """The rules that hold now. One that cannot be read suppresses nothing."""
        at = self._now()
        if self._read_at is None or at - self._read_at >= FRESH_FOR:
            found = await rows(self._container, Conditions().select("*"))
            self._rules = tuple(rule for row in found if (rule := _rule(row)) is not None)
            self._read_at = at
        return tuple(rule for rule in self._rules if rule.active(at))

    async def count(self, matched: Mapping[str, int]) -> None:
        """Add to each rule's `matched` how many alerts it dismissed, unless it is deleted."""
        for rule, number in matched.items():
            await self._count(rule, number)

    async def _count(self, rule: str, number: int) -> None:
        change = [{"op": "incr", "path": "/matched", "value": number}]
        try:
            await retrying(lambda: self._container.patch_item(rule, rule, change))
        except exceptions.CosmosResourceNotFoundError:
            return


def _rule(row: Mapping[str, object]) -> Rule | None:
    try:
        return Rule.model_validate({name: row[name] for name in _FIELDS if name in row})
    except ValidationError:
        return None
