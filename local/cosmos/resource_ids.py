"""Resource ids (`_rid`): bytes of the owner's id followed by the resource's own, in base64.

A database has 4 bytes, a container 8, an item 16, as in the service, so that the SDK tells
links by id from links by name. An item's own bytes are little-endian: clients that resume an
ORDER BY put items of equal keys in the order of these numbers.
"""

from __future__ import annotations

import base64
from typing import Final

CONTAINER_BIT: Final = 1 << 31
ITEM_RID_CHARACTERS: Final = 24


def encode(raw: bytes) -> str:
    """Base64 with `-` for `/`, so that the id can stand in a path."""
    return base64.b64encode(raw, b"+-").decode()


def database_rid(number: int) -> bytes:
    """The 4 bytes of a database."""
    return number.to_bytes(4, "big")


def container_rid(database: bytes, number: int) -> bytes:
    """The 8 bytes of a container; its high bit tells it from a user."""
    return database + (number | CONTAINER_BIT).to_bytes(4, "big")


def child_rid(owner: bytes, number: int, size: int = 8) -> bytes:
    """The bytes of a user, permission or offer below its owner."""
    return owner + number.to_bytes(size, "big")


def item_rid(container: bytes, number: int) -> bytes:
    """The 16 bytes of an item."""
    return container + number.to_bytes(8, "little")


def item_number(container: bytes, text: str) -> int | None:
    """The number of the item of this container whose `_rid` the text is, or None."""
    if len(text) != ITEM_RID_CHARACTERS or not text.endswith("=="):
        return None
    try:
        raw = base64.b64decode(text, b"+-", validate=True)
    except ValueError:
        return None
    return int.from_bytes(raw[8:], "little") if raw[:8] == container else None
