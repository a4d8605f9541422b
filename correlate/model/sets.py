"""Disjoint sets over numbers, for linking: the smallest number of a set stands for it."""


class Sets:
    """`count` numbers from 0, each a set of its own until joined."""

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))

    def find(self, item: int) -> int:
        """The smallest number in an item's set."""
        root = item
        while self._parent[root] != root:
            root = self._parent[root]
        while self._parent[item] != root:
            self._parent[item], item = root, self._parent[item]
        return root

    def join(self, one: int, other: int) -> None:
        """Make one set of the sets of two items."""
        first, second = self.find(one), self.find(other)
        self._parent[max(first, second)] = min(first, second)

    def groups(self) -> list[list[int]]:
        """The sets, each in order, by their smallest number."""
        found: dict[int, list[int]] = {}
        for item in range(len(self._parent)):
            found.setdefault(self.find(item), []).append(item)
        return list(found.values())
