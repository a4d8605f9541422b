"""How a key ties: whether unrelated resources name it, and how many do so now."""

from collections.abc import Collection, Iterator

from correlate.baseline.content import Content
from correlate.baseline.counts import Counts
from correlate.baseline.hours import HOURS, between
from correlate.baseline.keys import id_of
from correlate.model.cell import Cell, Mention
from correlate.policy import Policy
from shared.entities import key_kind


class Commonness:
    """The keys of a snapshot. Days not beside that of a moment are *far*, the others *near*."""

    def __init__(self, content: Content, counts: Counts, policy: Policy) -> None:
        self._content = content
        self._counts = counts
        self._kinds = policy.kinds
        self._weights: dict[tuple[str, int], float] = {}
        self._near_and_far: dict[tuple[str, int], tuple[int, float]] = {}

    def weight(self, mention: Mention, hour: int) -> float:
        """How well a key ties at an hour: 1 where no unrelated resource names it, 0 if common.

        Unrelated is a resource that names it on a far day: many at once are a movement, if their
        alerts are rare.
        """
        name = (mention.key, hour // HOURS)
        found = self._weights.get(name)
        if found is None:
            rules = self._kinds.get(key_kind(mention.key))
            most = 0 if rules is None else rules.most_resources
            found = 0.0
            if most:
                found = max(0.0, 1 - self._unrelated(id_of(mention.key), name[1], most) / most)
            self._weights[name] = found
        return found

    def near(self, key: str, hour: int) -> int:
        """How many resources name a key, by its id, near an hour."""
        return self._counted(key, hour // HOURS)[0]

    def far(self, key: str, hour: int) -> float:
        """How often an hour a key is named, by its id, on far days."""
        return self._counted(key, hour // HOURS)[1]

    def named(self, mention: Mention, first: int, last: int) -> Iterator[str]:
        """The resources that a mention's key was named with in hours, both included."""
        days = self._content.keys.get(id_of(mention.key), {})
        for day in range(first // HOURS, last // HOURS + 1):
            hours = between(day, first, last)
            for entity, bits in days.get(day, {}).items():
                if bits & hours:
                    yield entity

    def sharing(self, cell: Cell) -> Collection[str]:
        """Other resources that share an uncommon key with a cell near its hour."""
        found: set[str] = set()
        for mention in cell.mentions:
            if self.weight(mention, cell.hour) > 0:
                found.update(self._named_near(id_of(mention.key), cell.hour // HOURS))
        found.discard(cell.resource)
        return found

    def _unrelated(self, key: str, today: int, most: int) -> int:
        found: set[str] = set()
        for day in self._far_days(key, today):
            found.update(self._content.keys[key][day])
            if len(found) >= most:
                break
        return len(found)

    def _far_days(self, key: str, today: int) -> Iterator[int]:
        first, last = self._content.first, self._content.last
        for day in self._content.keys.get(key, ()):
            if first <= day <= last and abs(day - today) > 1:
                yield day

    def _counted(self, key: str, today: int) -> tuple[int, float]:
        found = self._near_and_far.get((key, today))
        if found is None:
            near = len(set(self._named_near(key, today)))
            far = sum(len(self._content.keys[key][day]) for day in self._far_days(key, today))
            start, end = self._counts.start, self._counts.start + self._counts.hours
            days = (today - 1, today, today + 1)
            hours = self._counts.hours - HOURS * sum(start <= day * HOURS < end for day in days)
            found = self._near_and_far[key, today] = (near, (far + 1) / max(hours, 1))
        return found

    def _named_near(self, key: str, today: int) -> Iterator[str]:
        days = self._content.keys.get(key, {})
        for day in (today - 1, today, today + 1):
            yield from days.get(day, ())
