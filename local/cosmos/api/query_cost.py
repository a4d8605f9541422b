"""What a query page loads, as the service would: by the indexes of the container's policy.

The index of a physical partition spans all its logical partitions. So where the partition key has
no index of its own, whatever matches the rest of the condition is loaded in all of them before the
key is looked at; and what has no index at all is loaded to be looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.cosmos.indexing import is_indexed
from local.cosmos.sql.translate import Condition, Translator
from local.cosmos.store.feed import Scope
from local.cosmos.store.rows import Selection

if TYPE_CHECKING:
    from local.cosmos.partition import PhysicalRange
    from local.cosmos.sql.paths import Path
    from local.cosmos.store.containers import Container

    from .pages import Execution, Page

ALL = Condition("1")


def documents_loaded(
    execution: Execution, scope: Scope, physical: PhysicalRange, page: Page
) -> int:
    """How many documents the service would load for a page that read `page.read`."""
    prepared, container = execution.prepared, execution.container
    query, alias = prepared.query, prepared.alias
    if alias is None:
        return page.read

    def indexed(path: Path) -> bool:
        return _is_indexed(container, path)

    key_indexed = all(map(indexed, container.scheme.paths))
    searched = scope
    if scope.key is not None and not key_indexed:
        searched = Scope(None, physical.low, physical.high)
    full = Translator(alias, execution.env, container.scheme)
    if searched is scope and (query.where is None or all(map(indexed, full.paths(query.where)))):
        return page.read
    served = Translator(alias, execution.env, container.scheme, indexed)
    by_index = served.condition(query.where) if query.where else ALL
    matched = execution.rows.count(container, Selection(by_index, searched))
    if page.complete:
        return matched
    condition = full.condition(query.where) if query.where else ALL
    total = execution.rows.count(container, Selection(condition, scope))
    return round(page.read * matched / max(total, 1))


def _is_indexed(container: Container, path: Path) -> bool:
    return is_indexed(container.resource.body["indexingPolicy"], path)
