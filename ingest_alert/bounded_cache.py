"""What was worked out before, kept for when it comes again, up to a number of entries."""

from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class BoundedCache(dict[K, V]):
    """A dictionary of at most `most` entries: it forgets all of them when it would grow beyond.

    That costs less at each look than telling which was used last, and a stream that names the same
    things over and over fills it again at once. The caller keeps the size of an entry in bounds.
    """

    __slots__ = ("_most",)

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def keep(self, key: K, value: V) -> None:
        """Remember a value."""
        if len(self) >= self._most:
            self.clear()
        self[key] = value
