"""What a worker knows: everything that the reconciler owns may be kept while the fence is held.

It is dropped as a whole when the fence is lost or anything fails.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from correlate.baseline.baseline import Baseline
from correlate.model.activity import Activity, KeyDay, join_keys
from correlate.model.coverage import Coverage, Span
from correlate.model.decision import Decision
from correlate.model.incident import Incident, Redirect
from correlate.reconcile.hand import Block, blocks_of
from correlate.store.port import BaselineDay, KeyShard, Port, Record, activity_id, coverage_id

MOST_ACTIVITIES: Final = 20_000
MOST_COVERAGE: Final = 50_000
MOST_NODES: Final = 20_000
SHARD_DIGITS: Final = 2
MOST_FIRED: Final = 20_000
"""Resources of a detection's day that are stored: about a megabyte."""
MOST_NAMED: Final = 20_000
"""Resources that all keys of a shard name; where it is more, those of each key are narrowed."""
MOST_DAYS: Final = 10_000
"""Days from the first of the baseline to the last that there can be."""
MOST_OF_A_COMMON_KEY: Final = 100


@dataclass(slots=True)
class Known:
    """Records by what they are about; None: there is none."""

    baseline: Baseline = field(default_factory=Baseline)
    keys: dict[tuple[int, str], dict[str, KeyDay]] = field(default_factory=dict)
    """Days of keys by day and shard, then by key."""
    first_day: int | None = None
    activities: dict[tuple[str, int], Activity | None] = field(default_factory=dict)
    coverage: dict[str, Coverage | None] = field(default_factory=dict)
    nodes: dict[str, Incident | Redirect | None] = field(default_factory=dict)
    decisions: dict[str, Decision] = field(default_factory=dict)
    blocks: tuple[Block, ...] = ()
    _blocks: dict[str, list[Block]] = field(default_factory=dict)
    covering: dict[str, set[str]] = field(default_factory=dict)
    """Resources by the incident (or redirect) that their coverage names."""

    def trim(self) -> None:
        """Forget what can be read again, where there is much of it."""
        if len(self.activities) > MOST_ACTIVITIES:
            self.activities.clear()
        if len(self.coverage) > MOST_COVERAGE or len(self.nodes) > MOST_NODES:
            self.coverage.clear()
            self.covering.clear()
            self.nodes.clear()

    def take(self, record: Record) -> None:
        """Keep a record as it is stored now."""
        match record:
            case Activity():
                self.activities[record.id] = record
            case Coverage():
                old = self.coverage.get(record.entity)
                for name in () if old is None else old.incidents:
                    self.covering.get(name, set()).discard(record.entity)
                self.coverage[record.entity] = record
                for name in record.incidents:
                    self.covering.setdefault(name, set()).add(record.entity)
            case Incident() | Redirect():
                self.nodes[record.id] = record
            case Decision():
                self.decide(record)

    def decide(self, decision: Decision) -> None:
        """Keep a decision, and what stands after it."""
        self.decisions[decision.id] = decision
        self.refold()

    def refold(self) -> None:
        """Work out what stands after all decisions."""
        self.blocks = tuple(blocks_of(self.decisions.values()))
        self._blocks = {}
        for block in self.blocks:
            for entity in {held.piece.entity for held in block.held}:
                self._blocks.setdefault(entity, []).append(block)

    def blocks_of(self, entity: str) -> Sequence[Block]:
        """The blocks that hold something of a resource, in their order."""
        return self._blocks.get(entity, ())

    def take_baseline(self, records: Iterable[BaselineDay | KeyShard]) -> None:
        """Keep what the baseline is made of."""
        for record in records:
            if isinstance(record, KeyShard):
                for key_day in record.keys.values():
                    self.add_key(key_day)
                continue
            for entity, hours in record.resources.items():
                self.baseline.add(
                    record.detection, record.severity, record.staged, entity, record.day, hours
                )

    def add_key(self, key_day: KeyDay) -> bool:
        """Take in which resources a key was named with on a day; True if that is news."""
        kept = self.keys.setdefault((key_day.day, shard_of(key_day.key)), {})
        known = kept.get(key_day.key)
        joined = key_day if known is None else join_keys(known, key_day)
        if joined == known:
            return False
        kept[key_day.key] = joined
        self.baseline.add_key(key_day)
        return True

    def named(self, key: str, first: int, last: int) -> Iterator[tuple[str, int]]:
        """The resources' days on which a key was named, from a day to a day."""
        for day in range(first, last + 1):
            key_day = self.keys.get((day, shard_of(key)), {}).get(key)
            for entity in () if key_day is None else key_day.resources:
                yield entity, day

    def shard(self, day: int, shard: str) -> KeyShard:
        """The keys of a day whose ids begin so."""
        keys = self.keys.get((day, shard), {})
        if sum(len(each.resources) for each in keys.values()) > MOST_NAMED:
            keys = {key: _narrowed(each) for key, each in keys.items()}
        return KeyShard(day, shard, {key: keys[key] for key in sorted(keys)})

    def baseline_day(self, detection: str, day: int) -> BaselineDay:
        """What a detection did on a day."""
        severity, staged = self.baseline.description(detection)
        resources = self.baseline.on(detection, day)
        if len(resources) > MOST_FIRED:
            resources = {entity: resources[entity] for entity in sorted(resources)[:MOST_FIRED]}
        return BaselineDay(detection, day, severity, staged, resources)

    def forget_before(self, day: int) -> None:
        """Forget the baseline's days before one; they are read again where they are needed."""
        if self.first_day is None or self.first_day >= day:
            return
        self.baseline.forget_before(day)
        for name in [name for name in self.keys if name[0] < day]:
            del self.keys[name]
        self.first_day = day

    def resolve(self, name: str) -> str | None:
        """The incident that an id leads to; None where a node on the way is not known."""
        while True:
            if name not in self.nodes:
                return None
            node = self.nodes[name]
            if not isinstance(node, Redirect):
                return name
            name = node.parent

    def spans(self, entity: str) -> tuple[Span, ...]:
        """What of a resource is covered, as far as known."""
        coverage = self.coverage.get(entity)
        return () if coverage is None else coverage.spans

    def covered_by(self, name: str) -> list[str]:
        """The resources whose coverage names an incident or what it absorbed, as far as known."""
        node = self.nodes.get(name)
        names = [name, *(node.absorbed if isinstance(node, Incident) else ())]
        return sorted({entity for each in names for entity in self.covering.get(each, ())})

    def unknown_node(self, name: str) -> str | None:
        """The first id on the way from one to its incident that is not known."""
        while name in self.nodes:
            node = self.nodes[name]
            if not isinstance(node, Redirect):
                return None
            name = node.parent
        return name


class Reader:
    """Reads what is not known yet, as few requests as may be."""

    def __init__(self, store: Port, known: Known) -> None:
        self._store = store
        self._known = known

    async def read(
        self,
        *,
        days: Iterable[tuple[str, int]] = (),
        entities: Iterable[str] = (),
        nodes: Iterable[str] = (),
    ) -> None:
        """Know activities, coverage, incidents and redirects."""
        known = self._known
        wanted_days = sorted({day for day in days if day not in known.activities})
        wanted = sorted({entity for entity in entities if entity not in known.coverage})
        names = sorted({name for name in nodes if name not in known.nodes})
        ids = [
            *(activity_id(*day) for day in wanted_days),
            *(coverage_id(entity) for entity in wanted),
            *names,
        ]
        if not ids:
            return
        found = await self._store.read(ids)
        known.activities.update(dict.fromkeys(wanted_days))
        known.coverage.update(dict.fromkeys(wanted))
        known.nodes.update(dict.fromkeys(names))
        for record in found.values():
            known.take(record)

    async def read_baseline(self, first: int) -> None:
        """Know the baseline of a day and of all later ones."""
        known = self._known
        if known.first_day is None:
            known.take_baseline(await self._store.read_baseline(first, first + MOST_DAYS))
        elif first < known.first_day:
            known.take_baseline(await self._store.read_baseline(first, known.first_day - 1))
        else:
            return
        known.first_day = first

    async def read_nodes(self, names: Iterable[str]) -> None:
        """Know what ids lead to, through redirects."""
        while wanted := {name for each in names if (name := self._known.unknown_node(each))}:
            await self.read(nodes=wanted)

    async def read_covering(self, incidents: Mapping[str, int]) -> None:
        """Know all coverage of incidents, given how many resources each covers."""
        known = self._known
        lacking: list[str] = []
        for name, number in incidents.items():
            if len(known.covered_by(name)) < number:
                node = known.nodes.get(name)
                lacking += [name, *(node.absorbed if isinstance(node, Incident) else ())]
        if not lacking:
            return
        for coverage in await self._store.read_covering(sorted(lacking)):
            if coverage.entity not in known.coverage:
                known.take(coverage)


def _narrowed(key_day: KeyDay) -> KeyDay:
    """A key's day with so few resources that it is still known to be common."""
    kept = sorted(key_day.resources)[:MOST_OF_A_COMMON_KEY]
    return KeyDay(key_day.key, key_day.day, {each: key_day.resources[each] for each in kept})


def shard_of(key: str) -> str:
    """The shard that a key's id is in."""
    return key[:SHARD_DIGITS]
