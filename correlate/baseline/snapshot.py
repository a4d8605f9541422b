"""A snapshot: what the 28 days before an hour say of how rare an alert is, and what ties by chance.

It never changes. What is asked of it often is worked out when it is made, the rest when asked.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from math import exp, log2, sqrt
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
from correlate.baseline.keys import id_of
from correlate.baseline.hours import HALF, HOURS, between, hours_of
from correlate.baseline.pairs import followed
from correlate.baseline.rarity import STEP, STRETCH, level, rarity_of, rate_of
from correlate.model.cell import Cell, Mention
from correlate.policy import Policy
from shared.entities import key_kind
from shared.severity import Severity

RELATED_FROM: Final = 3
"""Other resources with a detection now, from which it is asked which share a key with the cell."""
CLEARLY: Final = 2.0
"""So much above the threshold, a cell is rare whatever its spread is made of."""
HABIT_DAYS: Final = 3
"""A habit is what was seen on so many earlier days at least."""
TIDE_PRIOR: Final = 20.0
"""Events that are taken to have come evenly over the day, beside those seen."""
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
        self._clearly_rare = rate_of(self._threshold + CLEARLY)
        self._others = max(self.resources - 1, 1)
        priors = policy.priors
        self._exposure = (self.resources - 1) * self.hours + priors.weight_hours
        self._priors = {severity: priors.cells(severity) for severity in Severity}
        self._spreads = {
            name: spread_of(each, self._last) for name, each in self._detections.items()
        }
        self._halves: dict[tuple[str, int], tuple[Collection[str], ...]] = {}
        self._by_hour: dict[str, dict[int, list[str]]] = {}
        self._weights: dict[tuple[str, str, int], float] = {}
        self._pairs: dict[tuple[str, str, int], frozenset[str]] = {}
        self._rarities: dict[tuple[str, int, str], float] = {}
        self._crowding: dict[int, float] = {}
        self._key_counts: dict[tuple[str, int], tuple[int, float]] = {}
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
        """The largest of the fleet's rate, the resource's habit, and the spread now."""
        name, entity, hour = cell.signal.detection, cell.resource, cell.hour
        habit = self._habit(name, entity, hour)
        now = self._spread(name, hour // HALF, entity)
        away = self._away(name, entity)
        rate = max(habit, self._fleet(away, cell.signal.severity), now / self._others / HOURS)
        if now < RELATED_FROM or rate <= self._clearly_rare or rate == habit:
            return rate
        related = self._related(cell)
        if not related:
            return rate
        near = self._near(name, hour // HALF)
        now -= max(sum(entity in related for entity in half) for half in near)
        away -= sum(1 for half in near for entity in half if entity in related)
        fleet = self._fleet(max(away, 0), cell.signal.severity)
        return max(habit, fleet, max(now, 0) / self._others / HOURS)

    def _away(self, name: str, entity: str) -> int:
        """Hours with a detection on other resources."""
        return self._total.get(name, 0) - self._cells.get(name, {}).get(entity, 0)

    def _fleet(self, cells: float, severity: Severity) -> float:
        """So many hours on other resources, over all their hours, with the prior."""
        return (cells + self._priors[severity]) / self._exposure

    def _habit(self, name: str, entity: str, hour: int) -> float:
        """Earlier hours with it on the resource itself, if on enough days; 0 otherwise."""
        known = self._detections.get(name)
        days = None if known is None else known.entities.get(entity)
        if days is None or len(days) < HABIT_DAYS:
            return 0.0
        before = hour - STRETCH
        earlier = [
            (bits & between(day, day * HOURS, before - 1)).bit_count()
            for day, bits in days.items()
            if day * HOURS < before
        ]
        if sum(map(bool, earlier)) < HABIT_DAYS:
            return 0.0
        return sum(earlier) / max(hour - self.start, HOURS)

    def _spread(self, name: str, half: int, entity: str) -> int:
        """On how many other resources it fired in a half-day, or in one beside it."""
        counts = self._spreads.get(name)
        if counts is None:
            return 0
        now = max(counts.get(half - 1, 0), counts.get(half, 0), counts.get(half + 1, 0))
        return max(now - (entity in self._cells[name]), 0)

    def _near(self, name: str, half: int) -> tuple[Collection[str], ...]:
        """The resources on which a detection fired in a half-day, the one before, the one after."""
        found = self._halves.get((name, half))
        if found is None:
            index = self._index(name)
            found = self._halves[name, half] = tuple(
                {
                    entity
                    for hour in range(each * HALF, each * HALF + HALF)
                    for entity in index.get(hour, ())
                }
                for each in (half - 1, half, half + 1)
            )
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
                found.update(self._named_near(id_of(mention.key), cell.hour))
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

    def outbreaks(self, severity: Severity, width: int, but: Collection[int]) -> int:
        """On how many days, `but` some, a detection so severe broke out on so many resources."""
        found: set[int] = set()
        for name, each in self._detections.items():
            if each.staged and each.severity >= severity and len(each.entities) >= width:
                found.update(self._days_of_outbreak(name, width))
        return len(found.difference(but))

    def _days_of_outbreak(self, name: str, width: int) -> Iterable[int]:
        by_day: dict[int, set[str]] = {}
        for hour, entities in self._index(name).items():
            by_day.setdefault(hour // HOURS, set()).update(entities)
        fullest = before = 0
        for day, entities in sorted(by_day.items()):
            if len(entities) >= max(width, 3 * fullest):
                yield day
            fullest, before = max(fullest, before), len(entities)

    # How a key ties.

    def weight(self, mention: Mention, hour: int) -> float:
        """How well a key ties at an hour: 1 where no unrelated resource names it, 0 if common.

        Unrelated is a resource that names it on another day, not beside this one: many at once are
        a movement, if their alerts are rare; see `named_near`.
        """
        kind = key_kind(mention.key)
        name = (mention.key, kind, hour // HOURS)
        found = self._weights.get(name)
        if found is None:
            rules = self.policy.kinds.get(kind)
            found = 0.0
            if rules is not None:
                most = rules.most_resources
                unrelated = self._unrelated(id_of(mention.key), hour // HOURS, most)
                found = max(0.0, 1 - unrelated / most)
            self._weights[name] = found
        return found

    def _unrelated(self, key: str, today: int, most: int) -> int:
        found: set[str] = set()
        for day, resources in self._content.keys.get(key, {}).items():
            if self._from <= day <= self._until and abs(day - today) > 1:
                found.update(resources)
                if len(found) >= most:
                    break
        return len(found)

    def _named_near(self, key: str, hour: int) -> Iterable[str]:
        days = self._content.keys.get(key, {})
        today = hour // HOURS
        for day in (today - 1, today, today + 1):
            yield from days.get(day, ())

    @property
    def _from(self) -> int:
        return self._last // HOURS - WINDOW_DAYS

    @property
    def _until(self) -> int:
        return self._last // HOURS

    # How often chance makes as much.

    def _tables(self) -> tuple[dict[str, list[Event]], dict[str, list[tuple[float, ...]]]]:
        events: dict[str, list[Event]] = {}
        for name, each in self._detections.items():
            if each.staged:
                self._collect(name, each, events)
        found: dict[str, list[tuple[float, ...]]] = {}
        for entity, own in events.items():
            own.sort()
            by_day: dict[int, list[Event]] = {}
            for event in own:
                by_day.setdefault(event.hour // HOURS, []).append(event)
            for events_of_day in by_day.values():
                if len(events_of_day) > 1:
                    found.setdefault(entity, []).append(meetings(events_of_day))
        self._levels = Histogram(event.rarity for own in events.values() for event in own)
        self._met = tuple(
            Histogram(each[place] for own in found.values() for each in own) for place in range(len(SCALES))
        )
        return events, found

    def _collect(self, name: str, each: Detection, events: dict[str, list[Event]]) -> None:
        for entity, days in each.entities.items():
            fleet = self._fleet(self._away(name, entity), each.severity)
            before = active = 0
            today, today_cells = -1, 0
            for half, hour, count in half_days(days, self._last):
                if half // 2 != today:
                    before += today_cells
                    active += today >= 0
                    today, today_cells = half // 2, 0
                rate = max(fleet, self._spread(name, half, entity) / self._others / HOURS)
                if active >= HABIT_DAYS:
                    rate = max(rate, before / max(hour - self.start, HOURS))
                events.setdefault(entity, []).append(Event(hour, rarity_of(rate), name))
                today_cells += count

    def loudness(self, entity: str, hour: int) -> float:
        """How much louder than the mean a resource was before an hour, by its events there."""
        seen, mean = self.seen(entity, hour, hour)
        return (seen + self.evenness) / (mean + self.evenness)

    def seen(self, entity: str, first: int, last: int) -> tuple[float, float]:
        """Events of a resource, and those of a mean one in as long.

        They are all before the first hour, and from there to the last those that state no stage.
        From two days on, the fullest day is left out: an earlier attack makes no host loud.
        """
        all_hours, unstaged = self._hours_by_entity
        hours = all_hours.get(entity, ())
        count = bisect_left(hours, first)
        mean = bisect_left(self._all_hours, first) / self.resources
        days = (first - self.start) // HOURS
        if days >= 2:
            count -= max(Counter(each // HOURS for each in hours[:count]).values(), default=0)
            mean *= (days - 1) / days
        since = unstaged.get(entity, ())
        count += bisect_right(since, last) - bisect_left(since, first)
        everyone = self._unstaged_hours
        mean += (bisect_right(everyone, last) - bisect_left(everyone, first)) / self.resources
        return count, mean

    @cached_property
    def evenness(self) -> float:
        """α: how alike resources are in loudness, as a gamma distribution's shape; small if not."""
        counts = [len(hours) for hours in self._hours_by_entity[0].values()]
        mean = sum(counts) / self.resources
        square = sum(count * count for count in counts) / self.resources
        beyond = square - mean * mean - mean
        return min(max(mean * mean / beyond, 0.2), 10.0) if beyond > 0 else 10.0

    @cached_property
    def _hours_by_entity(self) -> tuple[Mapping[str, list[int]], Mapping[str, list[int]]]:
        """The hours of all events of each resource, and of those that state no stage; in order."""
        every: dict[str, list[int]] = {}
        unstaged: dict[str, list[int]] = {}
        for each in self._detections.values():
            for entity, days in each.entities.items():
                hours = [hour for _, hour, _ in half_days(days, self._last)]
                every.setdefault(entity, []).extend(hours)
                if not each.staged:
                    unstaged.setdefault(entity, []).extend(hours)
        for hours in (*every.values(), *unstaged.values()):
            hours.sort()
        return every, unstaged

    @cached_property
    def _all_hours(self) -> list[int]:
        return sorted(hour for hours in self._hours_by_entity[0].values() for hour in hours)

    @cached_property
    def _unstaged_hours(self) -> list[int]:
        return sorted(hour for hours in self._hours_by_entity[1].values() for hour in hours)

    def tide(self, first: int, last: int) -> float:
        """How much oftener than evenly events fall into these hours of the day, on other days."""
        today = (first // HOURS, last // HOURS)
        hours = {hour % HOURS for hour in range(first, min(last, first + HOURS - 1) + 1)}
        inside = outside = 0
        for hour, count in self._by_time.items():
            if hour // HOURS not in today:
                if hour % HOURS in hours:
                    inside += count
                else:
                    outside += count
        even = (inside + outside) * len(hours) / HOURS
        return max(1.0, (inside + TIDE_PRIOR) / (even + TIDE_PRIOR))

    @cached_property
    def _by_time(self) -> Counter[int]:
        """Staged events by the hour in which they begin."""
        return Counter(hour for events in self._events.values() for hour, _, _ in events)

    @cached_property
    def _tides(self) -> tuple[float, ...]:
        """How much oftener than evenly two events meet within each scale, as time goes."""
        counts = self._by_time
        total = sum(counts.values())
        found = []
        for scale in SCALES:
            met = sum(
                count * sum(counts[hour + each] for each in range(scale))
                for hour, count in sorted(counts.items())
            )
            even = total * total * scale / self.hours
            found.append(max(1.0, met / even) if even else 1.0)
        return tuple(found)

    @cached_property
    def _louds(self) -> list[tuple[float, int]]:
        """How loud resources were over all, in rough steps, and how many are so loud."""
        every = self._hours_by_entity[0]
        mean = sum(map(len, every.values())) / self.resources + self.evenness
        steps = Counter(
            round(2 * log2((len(hours) + self.evenness) / mean)) for hours in every.values()
        )
        return [(2 ** (step / 2), count) for step, count in sorted(steps.items())]

    def crowding(self, at: int) -> float:
        """How often an hour a resource has any event, staged or not, at a level or above."""
        found = self._crowding.get(at)
        if found is None:
            events = (self._levels.above(at) + 1) * self._all_by_staged
            found = self._crowding[at] = events / (
                self.resources * self.hours + self.policy.priors.weight_hours
            )
        return found

    @cached_property
    def _all_by_staged(self) -> float:
        staged = sum(self._total[name] for name, each in self._detections.items() if each.staged)
        return (sum(self._total.values()) + 1) / (staged + 1)

    def named_near(self, key: str, hour: int) -> int:
        """How many resources name a key, by its id, on the day of an hour or beside it."""
        return self._near_and_far(key, hour // HOURS)[0]

    def named_far(self, key: str, hour: int) -> float:
        """How often an hour a key is named, by its id, on the days not beside that of an hour."""
        return self._near_and_far(key, hour // HOURS)[1]

    def _near_and_far(self, key: str, today: int) -> tuple[int, float]:
        name = (key, today)
        found = self._key_counts.get(name)
        if found is None:
            days = self._content.keys.get(key, {})
            near = len(set(self._named_near(key, today * HOURS)))
            far = sum(
                len(days[day])
                for day in days
                if abs(day - today) > 1 and self._from <= day <= self._until
            )
            hours = self.hours - HOURS * sum(
                self.start <= day * HOURS < self.start + self.hours
                for day in (today - 1, today, today + 1)
            )
            found = self._key_counts[name] = (near, (far + 1) / max(hours, 1))
        return found

    def rate_above(self, at: int, own: Collection[str]) -> float:
        """λ: how often an hour a resource other than `own` has a staged event at a level or above."""
        least = at * STEP
        on_own = sum(
            event.rarity >= least for entity in own for event in self._events.get(entity, ())
        )
        elsewhere = (self.resources - len(own)) * self.hours
        return (self._levels.above(at) - on_own + 1) / (
            max(elsewhere, 0) + self.policy.priors.weight_hours
        )

    def met(self, at: int, scale: int, own: Collection[str]) -> int:
        """On how many resource-days, but those of `own`, two such events meet within a scale."""
        place, at = SCALES.index(scale), max(at, 1)
        least = at * STEP
        return self._met[place].above(at) - sum(
            each[place] >= least for entity in own for each in self._meetings.get(entity, ())
        )

    def burst(self, met: int, scale: int, rate: float) -> float:
        """g: how much oftener events meet within a scale than their rate would have it.

        What loud resources and the time of day explain is not counted.
        """
        tide = self._tides[SCALES.index(scale)]
        expected = 0.0
        for loud, count in self._louds:
            one = rate * loud
            expected += count * (1 - exp(-HOURS * one * (1 - exp(-one * tide * scale))))
        return max(1.0, (met + 2) / (expected * self.hours / HOURS + 2))

    def follows(self, then: str, first: str, scale: int, own: Collection[str]) -> float:
        """c: the chance that a detection follows another on a resource, beyond coincidence.

        From the resources other than `own`; two standard deviations are taken off, so that one
        campaign on a few machines is no usual pair.
        """
        name = (then, first, scale)
        both = self._pairs.get(name)
        if both is None:
            both = self._pairs[name] = followed(
                self._detections.get(first, NOTHING), self._detections.get(then, NOTHING), scale
            )
        ours = self._cells.get(first, {})
        of_first = len(ours) - sum(entity in ours for entity in own)
        met = len(both) - sum(entity in both for entity in own)
        if met < 3:
            return 0.0
        often = self._total[then] / len(self._cells[then])
        share = len(self._cells[then]) / self.resources
        coincidence = of_first * share * min(1.0, scale * often / self.hours)
        return max(0.0, met - coincidence - 2 * sqrt(met)) / (of_first + 1)


NOTHING: Final = Detection(Severity.Low, staged=True, entities={})


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
