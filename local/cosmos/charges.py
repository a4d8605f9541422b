"""Estimates of request units, by the documented rules of thumb.

A point read of 1 KB costs 1 RU and of 100 KB 10; an item without an index costs 5 RU to write at
1 KB and 50 at 100 KB. Each index term costs on top: one for every value under an indexed path and
every composite index. Replacing writes the new item and its new terms and removes the old ones, so
it costs about twice a create; a patch does the same in the service. A query costs a base charge,
and more for each document that it loads and each byte it returns. Sources: "Request Units in Azure
Cosmos DB", "Optimize request cost" and "Find the request unit charge" in the product's
documentation. What an index term costs is not documented: 0.1 RU is a guess. The real charge
depends on indexing and hardware: use these figures to compare, never to budget.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections import Counter

    from .indexing import Term

KIB: Final = 1024
READ_BASE: Final = 1.0
READ_PER_KIB: Final = 0.1
WRITE_BASE: Final = 5.0
WRITE_PER_KIB: Final = 0.45
WRITE_PER_TERM: Final = 0.1
QUERY_BASE: Final = 2.3
QUERY_PER_READ: Final = 0.06
QUERY_PER_TERM: Final = 0.01
QUERY_PER_KIB: Final = 0.15
METADATA: Final = 1.0


def read_charge(size: int) -> float:
    """A point read of a document of `size` bytes."""
    return READ_BASE + READ_PER_KIB * max(0.0, size / KIB - 1)


def write_charge(size: int, terms: int) -> float:
    """A create or a delete of a document of `size` bytes with so many index terms."""
    return WRITE_BASE + WRITE_PER_KIB * max(0.0, size / KIB - 1) + WRITE_PER_TERM * terms


def replace_charge(
    old_size: int, new_size: int, old_terms: Counter[Term], new_terms: Counter[Term]
) -> float:
    """A replace, a patch or an upsert of what exists: of the terms, those that change count."""
    changed = (old_terms - new_terms).total() + (new_terms - old_terms).total()
    return write_charge(old_size, 0) + write_charge(new_size, changed)


def query_charge(loaded: int, terms: int, bytes_returned: int) -> float:
    """A query page that loaded so many documents, after matching so many index terms."""
    work = QUERY_PER_READ * loaded + QUERY_PER_TERM * terms
    return QUERY_BASE + work + QUERY_PER_KIB * bytes_returned / KIB


def feed_charge(bytes_returned: int) -> float:
    """A page of a change feed or of a feed of items."""
    return READ_BASE + READ_PER_KIB * bytes_returned / KIB
