"""The ids of keys, by which resources and the days of keys are known."""

from functools import lru_cache

from shared.entities import key_id


@lru_cache(maxsize=65_536)
def id_of(key: str) -> str:
    """The id of a key: that of a resource, if it is a resource's own."""
    return key_id(key)
