"""Which ORDER BY the indexing policy allows, as strictly as the service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.cosmos.errors import bad_request, not_implemented
from local.cosmos.indexing import composite_orders, is_indexed
from local.cosmos.sql.ast import Call, Query
from local.cosmos.sql.translate import Translator
from local.cosmos.unsupported import FUNCTIONS

if TYPE_CHECKING:
    from local.cosmos.sql.paths import Path
    from local.cosmos.store.containers import Container


def check_order(container: Container, query: Query, alias: str | None) -> None:
    """Refuse an ORDER BY that the service could not serve.

    Raises:
        CosmosError: 400 when a key is not a document path, is not indexed, or several keys have
            no composite index; 501 for ORDER BY RANK and vector functions.
    """
    if not query.order_by or alias is None:
        return
    if query.group_by:
        raise bad_request("ORDER BY is not supported together with GROUP BY.")
    translator = Translator(alias, {}, container.scheme)
    keys: list[tuple[Path, bool]] = []
    for item in query.order_by:
        path = translator.path(item.expr)
        if path is None:
            if isinstance(item.expr, Call) and item.expr.name in FUNCTIONS:
                raise not_implemented(f"{FUNCTIONS[item.expr.name]} (ORDER BY {item.expr.name})")
            raise bad_request(
                "Unsupported ORDER BY clause. ORDER BY item expression could not be mapped to a "
                "document path."
            )
        keys.append((path, item.descending))
    policy = container.resource.body["indexingPolicy"]
    if len(keys) > 1:
        _check_composite(policy, keys)
    elif not is_indexed(policy, keys[0][0]):
        raise bad_request(
            "The index path corresponding to the specified order-by item is excluded."
        )


def _check_composite(policy: dict[str, object], keys: list[tuple[Path, bool]]) -> None:
    reverse = [(path, not descending) for path, descending in keys]
    for order in composite_orders(policy):
        if list(order) in (keys, reverse):
            return
    raise bad_request(
        "The order by query does not have a corresponding composite index that it can be served "
        "from."
    )
