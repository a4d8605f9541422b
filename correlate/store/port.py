"""The port: what correlation asks of a store, for one organisation.

All that the reconciler owns lies in one logical partition, and each batch that it writes begins
with a conditional write of `head`. So a batch is all or nothing, and only the newest epoch writes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeAlias

from correlate.model.activity import Activity, KeyDay
from correlate.model.cell import Interval, Point
from correlate.model.coverage import Coverage
from correlate.model.decision import Decision
from correlate.model.incident import Incident, Note, Redirect
from correlate.model.news import News, Seed
from correlate.model.observation import Counter, Observation
from shared.alert import digest
from shared.severity import Severity


class StoreError(Exception):
    """The store did not do what it was asked."""


class HeadMovedError(StoreError):
    """Another epoch, or a batch of one's own that was done: `head` is not as it was read."""


class MovedError(StoreError):
    """A document that people also write is not as it was read; nothing was written."""


class RefusedWriteError(StoreError):
    """The store does not take a batch, however often it is sent; nothing was written."""


class LostReplyError(StoreError):
    """No answer came: it may have been done."""


@dataclass(frozen=True, slots=True)
class Head:
    """The fence of an organisation: whose turn it is, and the last batch that was written."""

    epoch: int
    batch: str
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class BaselineDay:
    """On which resources a detection fired on one day: a bit for each hour, by entity id."""

    detection: str
    day: int
    severity: Severity
    staged: bool
    resources: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class KeyShard:
    """The keys of one day whose ids begin with two hex digits: which resources named each."""

    day: int
    shard: str
    keys: Mapping[str, KeyDay]


@dataclass(frozen=True, slots=True)
class Aside:
    """A resource's day whose computation failed three times; it is tried again hourly.

    Without a resource: news came so late that a sweep must begin at this day; see `renewal`.
    """

    seed: Seed
    reason: str
    done: bool = False


Record: TypeAlias = (
    Activity | KeyShard | BaselineDay | Coverage | Incident | Redirect | Decision | Note | Aside
)


class Put(NamedTuple):
    """A record to write. `expires`: when it goes, in milliseconds since 1970; None for never.

    `match` is the ETag that the stored one must have, empty where none may exist; None: any.
    """

    record: Record
    expires: int | None = None
    match: str | None = None


class Place(NamedTuple):
    """Where an alert is, and of which signal."""

    point: Point
    sid: str


class Port(Protocol):
    """The documents and the alerts of one organisation.

    Every method raises StoreError, or what the store's client raises, when it cannot answer.
    """

    organisation: str

    async def read_head(self) -> Head | None:
        """The fence; None before the first epoch."""
        ...

    async def write_head(self, head: Head) -> Head:
        """Write the fence on the ETag that it carries; raises HeadMovedError."""
        ...

    async def read(self, ids: Iterable[str]) -> dict[str, Record]:
        """The records that exist, by document id."""
        ...

    async def read_covering(self, incidents: Iterable[str]) -> list[Coverage]:
        """The coverage of each resource that names one of the incidents."""
        ...

    async def read_baseline(self, first: int, last: int) -> list[BaselineDay | KeyShard]:
        """What the baseline is made of, of the days from `first` to `last`, both included."""
        ...

    async def read_decisions(self) -> list[Decision]:
        """All decisions, in the order of their numbers."""
        ...

    async def read_open(self) -> list[Incident]:
        """Incidents that are visible and not closed, in the order of their ids."""
        ...

    async def read_asides(self) -> list[Aside]:
        """What was set aside and is not done."""
        ...

    async def read_seeds(self, since: int, after: str, most: int) -> list[Seed]:
        """Resources' days from a day on, in the order of (entity, day), after an entity."""
        ...

    async def commit(self, head: Head, puts: Sequence[Put]) -> tuple[Head, dict[str, str]]:
        """Write records in one batch that begins with `head`; gives it and incidents' ETags by id.

        Raises HeadMovedError, MovedError, RefusedWriteError, or LostReplyError where it may have
        been done.
        """
        ...

    async def read_day(self, entity: str, day: int) -> tuple[list[Observation], list[Counter]]:
        """All alerts of a resource that start on a day and take part, and its counters of it."""
        ...

    async def read_versions(self, alerts: Iterable[str]) -> dict[str, str]:
        """The source's version of alerts as they are stored, by public id; of those that exist."""
        ...

    async def read_places(self, entity: str, first: int, last: int) -> list[Place]:
        """The places of a resource's alerts that take part and start in [first, last], in order."""
        ...

    async def find_places(self, alerts: Iterable[str]) -> dict[str, tuple[str, Place]]:
        """The resource's id and the place of alerts, by public id; of those that take part."""
        ...

    async def lengthen(self, entity: str, interval: Interval, before: int, until: int) -> int:
        """Let the alerts of an interval that expire before an instant live until another.

        Gives how many these were.
        """
        ...

    async def post(self, news: Sequence[News]) -> None:
        """Add news; what is there already stays."""
        ...


def activity_id(entity: str, day: int) -> str:
    """The document id of a resource's activity."""
    return f"a-{entity}-{day}"


def shard_id(day: int, shard: str) -> str:
    """The document id of a shard of the keys of a day."""
    return f"k-{day}-{shard}"


def baseline_id(detection: str, day: int) -> str:
    """The document id of what a detection did on a day."""
    return f"b-{digest(detection)[:24]}-{day}"


def coverage_id(entity: str) -> str:
    """The document id of a resource's coverage."""
    return f"c-{entity}"


def record_id(record: Record) -> str:  # noqa: PLR0911 - one for each type
    """The document id of a record."""
    match record:
        case Activity():
            return activity_id(*record.id)
        case KeyShard():
            return shard_id(record.day, record.shard)
        case BaselineDay():
            return baseline_id(record.detection, record.day)
        case Coverage():
            return coverage_id(record.entity)
        case Decision():
            return f"d-{record.id}"
        case Aside():
            return f"x-{record.seed.entity}-{record.seed.day}"
        case _:
            return record.id
