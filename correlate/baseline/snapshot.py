"""A snapshot: what the 28 days before an hour say of how rare an alert is, and what ties by chance.

It never changes. What is asked of it often is worked out when it is made, the rest when asked.
"""

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from math import exp, sqrt
from typing import Final

from correlate.baseline.content import WINDOW_DAYS, Content, Detection
from correlate.baseline.events import (
    SCALES,
    Event,
    Histogram,
    half_days,
    meetings,
    spread_of,
)
from correlate.baseline.hours import HOURS, hours_of
from correlate.baseline.pairs import Pair, pair_of
from correlate.baseline.rarity import STRETCH, level, rarity_of
from correlate.model.cell import Cell, Mention
from correlate.policy import Policy
from shared.entities import key_id, key_kind
from shared.severity import Severity

HABIT_DAYS: Final = 3
"""A habit is what was seen on so many earlier days at least."""
NEAR: Final = 24
"""Hours around a moment in which a key's resources may be one movement."""


class Snapshot:
    """See the module. `hours` is T, the hours of history; `resources` is N."""

    def __init__(self, content: Content, policy: Policy) -> None:
        self.policy = policy
        self._content = content
        self._threshold = policy.chance.threshold
        self._detections = _within(content)
        self._last = content.hour
        seen = _hours_seen(self._detections.values())
        self.start = min(seen, default=content.hour)
        self.hours = max(min(content.hour, max(seen, default=content.hour)) + 1 - self.start, 1)
        self._entities = {entity for each in self._detections.values() for entity in each.entities}
        self.resources = max(len(self._entities), 1)
        self._cells = {
            name: {
                entity: sum(bits.bit_count() for bits in days.values())
                for entity, days in each.entities.items()
            }
            for name, each in self._detections.items()
        }
        self._total = {name: sum(cells.values()) for name, cells in self._cells.items()}
        self._by_hour: dict[str, dict[int, list[str]]] = {}
        self._weights: dict[tuple[str, str, int], float] = {}
        self._pairs: dict[tuple[str, str, int], Pair] = {}
        self._rarities: dict[tuple[str, int, str], float] = {}
        self._outbreaks: dict[tuple[str, int], tuple[str, ...]] = {}
        self._events, self._meetings = self._tables()

    # How rare one alert is.

    def rarity(self, cell: Cell) -> float:
        """s of a cell: minus the logarithm of the chance to see its detection there in 12 hours."""
        name = cell.id
        found = self._rarities.get(name)
        if found is None:
            found = self._rarities[name] = rarity_of(self._rate(cell))
        return found

    def links(self, cell: Cell) -> bool:
        """Whether a cell is rare enough to link, or is named by a pattern of its own."""
        return self.rarity(cell) >= self._threshold or any(
            pattern.names(cell.signal.detection, cell.title) for pattern in self.policy.by_itself
        )

    def seen_on(self, detection: str) -> int:
        """On how many resources a detection fired."""
        return len(self._cells.get(detection, ()))

    def _rate(self, cell: Cell) -> float:
        name = cell.signal.detection
        related = self._related(cell)
        return max(
            self._fleet(name, cell.signal.severity, cell.resource, cell.hour, related),
            self._habit(name, cell.resource, cell.hour),
            self._spread(name, cell.resource, cell.hour, related),
        )

    def _fleet(
        self, name: str, severity: Severity, entity: str, hour: int, related: Collection[str]
    ) -> float:
        """Hours with the detection on other resources, over all their hours, with the prior."""
        cells = self._total.get(name, 0) - self._cells.get(name, {}).get(entity, 0)
        if related and cells:
            near = self._near(name, hour)
            cells -= sum(count for other, count in near.items() if other in related)
        prior = self.policy.priors
        others = (self.resources - 1) * self.hours
        return (cells + prior.cells(severity)) / (others + prior.weight_hours)

    def _habit(self, name: str, entity: str, hour: int) -> float:
        """Earlier hours with it on the resource itself, if on enough days; 0 otherwise."""
        known = self._detections.get(name)
        days = {} if known is None else known.entities.get(entity, {})
        before = hour - STRETCH
        earlier = [
            sum(each < before for each in hours_of(day, bits))
            for day, bits in days.items()
            if day * HOURS < before
        ]
        if sum(map(bool, earlier)) < HABIT_DAYS:
            return 0.0
        return sum(earlier) / max(hour - self.start, HOURS)

    def _spread(self, name: str, entity: str, hour: int, related: Collection[str]) -> float:
        """The share of unrelated resources with it within twelve hours, over a day."""
        near = self._near(name, hour)
        found = len(near) - (entity in near)
        if related:
            found -= sum(1 for other in near if other in related)
        return max(found, 0) / max(self.resources - 1, 1) / HOURS

    def _near(self, name: str, hour: int) -> dict[str, int]:
        """The resources on which a detection fired within twelve hours of an hour; in how many."""
        index = self._index(name)
        found: dict[str, int] = {}
        for each in range(hour - STRETCH, hour + STRETCH + 1):
            for entity in index.get(each, ()):
                found[entity] = found.get(entity, 0) + 1
        return found

    def _index(self, name: str) -> Mapping[int, list[str]]:
        """The resources of a detection by hour."""
        index = self._by_hour.get(name)
        if index is None:
            index = self._by_hour[name] = {}
            known = self._detections.get(name)
            for entity, days in () if known is None else known.entities.items():
                for day, bits in days.items():
                    for each in hours_of(day, bits):
                        index.setdefault(each, []).append(entity)
        return index

    def _related(self, cell: Cell) -> Collection[str]:
        """Resources that share an uncommon key with the cell within a day: maybe one movement."""
        found: set[str] = set()
        for mention in cell.mentions:
            if self.weight(mention, cell.hour) > 0:
                found.update(self._named_near(key_id(mention.key), cell.hour))
        found.discard(cell.resource)
        return found

    # Outbreaks.

    def outbreak(self, detection: str, hour: int) -> tuple[str, ...]:
        """The resources of an outbreak of a detection around an hour; empty where there is none.

        That is on so many resources within so many hours as the policy says, and on three times as
        many as on any day that ended a day before.
        """
        name = (detection, hour)
        found = self._outbreaks.get(name)
        if found is None:
            found = self._outbreaks[name] = self._outbreak(detection, hour)
        return found

    def _outbreak(self, detection: str, hour: int) -> tuple[str, ...]:
        rules = self.policy.wave
        known = self._detections.get(detection)
        if known is None or len(known.entities) < rules.resources:
            return ()
        index = self._index(detection)
        most = 0
        for first in range(hour - rules.hours + 1, hour + 1):
            hours = range(first, first + rules.hours)
            now = {entity for each in hours for entity in index.get(each, ())}
            most = max(most, len(now))
        if most < rules.resources or most < 3 * self._before(detection, hour - NEAR):
            return ()
        around = range(hour - rules.hours, hour + rules.hours + 1)
        return tuple(sorted({entity for each in around for entity in index.get(each, ())}))

    def _before(self, detection: str, hour: int) -> int:
        """On how many resources a detection fired on the fullest day before an hour."""
        by_day: dict[int, set[str]] = {}
        for each, entities in self._index(detection).items():
            if each < hour:
                by_day.setdefault(each // HOURS, set()).update(entities)
        return max(map(len, by_day.values()), default=0)

    def outbreaks(self, severity: Severity, hour: int) -> int:
        """How many detections so severe had an outbreak that ended a day before an hour."""
        most = self.policy.wave.resources
        return sum(
            each.staged
            and each.severity >= severity
            and len(each.entities) >= most
            and self._before(name, hour - NEAR) >= most
            for name, each in self._detections.items()
        )

    # How a key ties.

    def weight(self, mention: Mention, hour: int) -> float:
        """How well a key ties at an hour: 1 where no unrelated resource names it, 0 if common.

        Unrelated is a resource that names it more than a day away, or in an hour in which nothing
        rare happened there.
        """
        kind = key_kind(mention.key)
        name = (mention.key, kind, hour // HOURS)
        found = self._weights.get(name)
        if found is None:
            rules = self.policy.kinds.get(kind)
            unrelated = len(self._unrelated(key_id(mention.key), hour // HOURS * HOURS + 12))
            found = 0.0 if rules is None else max(0.0, 1 - unrelated / rules.most_resources)
            self._weights[name] = found
        return found

    def _unrelated(self, key: str, hour: int) -> set[str]:
        found: set[str] = set()
        low, high = hour - NEAR - STRETCH, hour + NEAR + STRETCH
        for day, resources in self._content.keys.get(key, {}).items():
            if not self._from <= day <= self._until:
                continue
            apart = (day + 1) * HOURS <= low or day * HOURS > high
            for entity, bits in resources.items():
                if entity not in found and (apart or self._ordinary(entity, day, bits)):
                    found.add(entity)
        return found

    def _ordinary(self, entity: str, day: int, bits: int) -> bool:
        """Whether nothing rare happened on a resource in some of the hours of a day."""
        rare = 0
        for name in self._of_entity.get(entity, ()):
            hours = self._detections[name].entities[entity].get(day, 0) & bits
            if hours and self._usual(name, entity, day) >= self._threshold:
                rare |= hours
        return bool(bits & ~rare)

    def _usual(self, name: str, entity: str, day: int) -> float:
        """The rarity of a detection on a resource, without what happens just now."""
        severity = self._detections[name].severity
        fleet = self._fleet(name, severity, entity, day * HOURS, ())
        return rarity_of(max(fleet, self._habit(name, entity, day * HOURS + STRETCH)))

    def _named_near(self, key: str, hour: int) -> Iterable[str]:
        days = self._content.keys.get(key, {})
        today = hour // HOURS
        for day in (today - 1, today, today + 1):
            yield from days.get(day, ())

    @cached_property
    def _of_entity(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name, each in self._detections.items():
            for entity in each.entities:
                found.setdefault(entity, []).append(name)
        return found

    @property
    def _from(self) -> int:
        return self._last // HOURS - WINDOW_DAYS

    @property
    def _until(self) -> int:
        return self._last // HOURS

    # How often chance makes as much.

    def _tables(self) -> tuple[dict[str, list[Event]], dict[tuple[str, int], tuple[float, ...]]]:
        events: dict[str, list[Event]] = {}
        for name, each in self._detections.items():
            if each.staged:
                self._collect(name, each, events)
        found: dict[tuple[str, int], tuple[float, ...]] = {}
        for entity, own in events.items():
            own.sort()
            by_day: dict[int, list[Event]] = {}
            for event in own:
                by_day.setdefault(event.hour // HOURS, []).append(event)
            for day, events_of_day in by_day.items():
                if len(events_of_day) > 1:
                    found[entity, day] = meetings(events_of_day)
        self._levels = Histogram(event.rarity for own in events.values() for event in own)
        self._met = tuple(
            Histogram(each[place] for each in found.values()) for place in range(len(SCALES))
        )
        return events, found

    def _collect(self, name: str, each: Detection, events: dict[str, list[Event]]) -> None:
        spread = spread_of(each, self._last)
        others = max(self.resources - 1, 1)
        for entity, days in each.entities.items():
            fleet = self._fleet(name, each.severity, entity, 0, ())
            before = active = 0
            today, today_cells = -1, 0
            for half, hour, count in half_days(days, self._last):
                if half // 2 != today:
                    before += today_cells
                    active += today >= 0
                    today, today_cells = half // 2, 0
                now = max(spread.get(half - 1, 0), spread[half], spread.get(half + 1, 0)) - 1
                rate = max(fleet, now / others / HOURS)
                if active >= HABIT_DAYS:
                    rate = max(rate, before / max(hour - self.start, HOURS))
                events.setdefault(entity, []).append(Event(hour, rarity_of(rate), name))
                today_cells += count

    def rate_above(self, at: int, own: Collection[str], first: int, span: float) -> float:
        """λ: how often an hour a resource has a staged event at a level of rarity or above.

        The larger of that of the resources other than `own`, and that of `own` before `first` (an
        hour since 1970), where they had such events on several days.
        """
        on_own = sum(
            level(event.rarity) >= at for entity in own for event in self._events.get(entity, ())
        )
        elsewhere = (self.resources - len(own)) * self.hours
        fleet = (self._levels.above(at) - on_own + 1) / (
            max(elsewhere, 0) + self.policy.priors.weight_hours
        )
        before = sum(self._own_events(entity, at, first) for entity in own)
        return max(fleet, before / (len(own) * max(HOURS, self.hours - span - HOURS)))

    def _own_events(self, entity: str, at: int, first: int) -> int:
        by_day: dict[int, int] = {}
        for event in self._events.get(entity, ()):
            if event.hour < first - STRETCH and level(event.rarity) >= at:
                day = event.hour // HOURS
                by_day[day] = by_day.get(day, 0) + 1
        if len(by_day) < HABIT_DAYS:
            return 0
        return sum(by_day.values()) - max(by_day.values()) + 1

    def burst(self, at: int, scale: int, own: Collection[str], rate: float) -> float:
        """g: how much oftener two such events meet within a scale than their rate would have it."""
        place = SCALES.index(scale)
        days = self.hours // HOURS + 1
        met = self._met[place].above(max(at, 1)) - sum(
            level(self._meetings[entity, day][place]) >= max(at, 1)
            for entity in own
            for day in range(self.start // HOURS, self.start // HOURS + days + 1)
            if (entity, day) in self._meetings
        )
        elsewhere = max(self.resources - len(own), 0) * self.hours / HOURS
        expected = elsewhere * (1 - exp(-HOURS * rate * (1 - exp(-rate * scale))))
        return max(1.0, (met + 2) / (expected + 2))

    def follows(self, then: str, first: str, scale: int, own: Collection[str]) -> float:
        """c: the chance that a detection follows another within a scale, beyond coincidence."""
        name = (then, first, scale)
        pair = self._pairs.get(name)
        if pair is None:
            nothing = Detection(Severity.Low, staged=True, entities={})
            pair = self._pairs[name] = pair_of(
                self._detections.get(first, nothing), self._detections.get(then, nothing), scale
            )
        of_first, of_then, both = pair.without(own)
        coincidence = of_first * of_then * scale / (self.resources * self.hours)
        return max(0.0, both - coincidence - sqrt(coincidence)) / (of_first + 1)


def _within(content: Content) -> dict[str, Detection]:
    """The detections, without days that lie before or after what a snapshot looks at."""
    first, last = content.hour // HOURS - WINDOW_DAYS, content.hour // HOURS
    found = {}
    for name, each in content.detections.items():
        entities = {}
        for entity, days in each.entities.items():
            if min(days) < first or max(days) > last:
                days = {day: bits for day, bits in days.items() if first <= day <= last}  # noqa: PLW2901
                if not days:
                    continue
            entities[entity] = days
        if entities:
            found[name] = Detection(each.severity, each.staged, entities)
    return found


def _hours_seen(detections: Iterable[Detection]) -> list[int]:
    """The first and the last hour with any alert; nothing where there is none."""
    days = {day: 0 for each in detections for own in each.entities.values() for day in own}
    if not days:
        return []
    first, last = min(days), max(days)
    ends = {first: 0, last: 0}
    for each in detections:
        for own in each.entities.values():
            for day in ends:
                ends[day] |= own.get(day, 0)
    return [*list(hours_of(first, ends[first]))[:1], *list(hours_of(last, ends[last]))[-1:]]
