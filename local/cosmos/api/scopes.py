"""Which part of a container a feed or query request covers: one key, one range, or all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.cosmos.errors import PARTITION_KEY_RANGE_GONE, CosmosError
from local.cosmos.messages import END_EPK, PARTITION_KEY, RANGE_ID, START_EPK, Request
from local.cosmos.partition import MAX_EPK, PartitionScheme, PhysicalRange
from local.cosmos.store.feed import Scope

if TYPE_CHECKING:
    from local.cosmos.store.containers import Container


def request_scope(container: Container, request: Request) -> tuple[Scope, PhysicalRange] | None:
    """The scope that the headers name with its physical range; None for the whole container.

    Raises:
        CosmosError: 410 for a range id that does not exist, 400 for a malformed key.
    """
    key_text = request.header(PARTITION_KEY)
    if key_text is not None:
        return key_scope(container.scheme, container.scheme.key_of_header(key_text, prefix=True))
    range_id = request.header(RANGE_ID)
    if range_id is None:
        return None
    physical = container.scheme.range_by_id(range_id)
    if physical is None:
        raise CosmosError(
            410,
            f"The partition key range {range_id} does not exist.",
            substatus=PARTITION_KEY_RANGE_GONE,
        )
    return range_scope(request, physical), physical


def key_scope(scheme: PartitionScheme, key: str) -> tuple[Scope, PhysicalRange]:
    """The scope of a partition key, or of the first levels of a hierarchical one."""
    physical = scheme.range_of(scheme.epk(key))
    interval = scheme.prefix_interval(key)
    return (Scope(key) if interval is None else Scope(None, *interval)), physical


def range_scope(request: Request, physical: PhysicalRange) -> Scope:
    """A physical range, cut to the EPK interval that the headers may name."""
    low = max(physical.low, request.header(START_EPK) or "")
    high = min(physical.high, request.header(END_EPK) or MAX_EPK)
    return Scope(None, low, high)
