"""Disjoint sets in memory."""

from collections.abc import Iterable
from typing import Any, Generic, Protocol, TypeVar


class _Ordered(Protocol):
    def __lt__(self, other: Any, /) -> bool: ...


T = TypeVar("T", bound=_Ordered)


class Sets(Generic[T]):
    """Disjoint sets of things that have an order; a set goes by its smallest member."""

    def __init__(self, things: Iterable[T] = ()) -> None:
        self._parents: dict[T, T] = {thing: thing for thing in things}

    def find(self, thing: T) -> T:
        """The smallest member of the thing's set; a thing that is new makes its own."""
        parents = self._parents
        root = parents.setdefault(thing, thing)
        while root != parents[root]:
            root = parents[root]
        while parents[thing] != root:
            parents[thing], thing = root, parents[thing]
        return root

    def unite(self, things: Iterable[T]) -> None:
        """Make one set of the sets of these things."""
        roots = {self.find(thing) for thing in things}
        if len(roots) > 1:
            least = min(roots)
            for root in roots:
                self._parents[root] = least
