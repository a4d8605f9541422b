"""Estimates of request units, by the documented rules of thumb.

A point read of 1 KB costs 1 RU, a write of 1 KB about 5 RU, both growing with size; a query
costs a base charge, and more for what it reads and returns. Sources: "Request Units in Azure
Cosmos DB" and "Find the request unit charge" in the product's documentation. The real charge
depends on indexing and hardware: use these figures to compare, never to budget.
"""

from __future__ import annotations

from typing import Final

KIB: Final = 1024
READ_BASE: Final = 1.0
READ_PER_KIB: Final = 0.1
WRITE_BASE: Final = 5.0
WRITE_PER_KIB: Final = 1.2
QUERY_BASE: Final = 2.3
QUERY_PER_READ: Final = 0.06
QUERY_PER_KIB: Final = 0.15
METADATA: Final = 1.0


def read_charge(size: int) -> float:
    """A point read of a document of `size` bytes."""
    return READ_BASE + READ_PER_KIB * max(0.0, size / KIB - 1)


def write_charge(size: int) -> float:
    """A create, replace, upsert, patch or delete of a document of `size` bytes."""
    return WRITE_BASE + WRITE_PER_KIB * max(0.0, size / KIB - 1)


def query_charge(rows_read: int, bytes_returned: int) -> float:
    """A query page that read so many documents and returned so many bytes."""
    return QUERY_BASE + QUERY_PER_READ * rows_read + QUERY_PER_KIB * bytes_returned / KIB


def feed_charge(bytes_returned: int) -> float:
    """A page of a change feed or of a feed of items."""
    return READ_BASE + READ_PER_KIB * bytes_returned / KIB
