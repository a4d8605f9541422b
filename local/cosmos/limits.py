"""The service's limits, and the checks of names and sizes.

Source: "Azure Cosmos DB service quotas" in the product's documentation.
"""

from __future__ import annotations

from typing import Any, Final

from .errors import bad_request, too_large

ITEM_BYTES: Final = 2 * 1024 * 1024
BATCH_BYTES: Final = 2 * 1024 * 1024
BATCH_OPERATIONS: Final = 100
PATCH_OPERATIONS: Final = 10
ID_CHARACTERS: Final = 255
ITEM_ID_BYTES: Final = 1023
PARTITION_KEY_BYTES: Final = 2048
FORBIDDEN_IN_IDS: Final = frozenset("/\\?#")


def check_resource_id(value: Any) -> str:
    """A database's or container's id.

    Raises:
        CosmosError: 400 when it is empty, too long, or has a forbidden character.
    """
    name = _check_characters(value)
    if len(name) > ID_CHARACTERS:
        raise bad_request(
            "The input name is invalid. Ensure to provide a unique non-empty string less than "
            f"'{ID_CHARACTERS}' characters."
        )
    if name.endswith((" ", "\n")):
        raise bad_request("The id must not end with white space.")
    return name


def check_item_id(value: Any) -> str:
    """An item's id.

    Raises:
        CosmosError: 400 when it is missing, empty, too long, or has a forbidden character.
    """
    name = _check_characters(value)
    if len(name.encode("utf-8", "surrogatepass")) > ITEM_ID_BYTES:
        raise bad_request(f"The id is over {ITEM_ID_BYTES} bytes.")
    return name


def _check_characters(value: Any) -> str:
    if value is None:
        raise bad_request("The input content is invalid: the required property 'id' is missing.")
    if not isinstance(value, str) or not value:
        raise bad_request("The property 'id' must be a non-empty string.")
    found = FORBIDDEN_IN_IDS.intersection(value)
    if found:
        raise bad_request(f"The id {value!r} contains an illegal character: {sorted(found)}.")
    return value


def check_item_size(body: bytes) -> None:
    """Refuse an item over 2 MB.

    Raises:
        CosmosError: 413.
    """
    if len(body) > ITEM_BYTES:
        raise too_large(f"The item has {len(body)} bytes; the limit is {ITEM_BYTES}.")


def check_partition_key(key: str) -> None:
    """Refuse a partition key (canonical text) over 2 KB.

    Raises:
        CosmosError: 400.
    """
    if len(key) * 3 > PARTITION_KEY_BYTES and len(key.encode()) > PARTITION_KEY_BYTES:
        raise bad_request(f"The partition key is over {PARTITION_KEY_BYTES} bytes.")


def check_ttl(document: dict[str, Any]) -> None:
    """Refuse a `ttl` that is neither -1 nor a positive integer.

    Raises:
        CosmosError: 400.
    """
    if "ttl" not in document:
        return
    ttl = document["ttl"]
    if isinstance(ttl, bool) or not isinstance(ttl, int) or ttl == 0 or ttl < -1:
        raise bad_request(
            f"The input ttl '{ttl}' is invalid: it must be a nonzero positive integer or -1."
        )
