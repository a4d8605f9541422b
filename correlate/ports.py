"""What the flush needs of a store, and the records it exchanges with it.

An implementation over Cosmos DB is in `correlate.records`; one in memory serves the backtest and
the tests. Every write is a compare-and-swap: it raises `Conflict` when the record moved since it
was read, and nothing is written then.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeAlias

from correlate.assessment import Verdict
from correlate.evidence import Evidence
from correlate.observation import Observation, Subject
from correlate.sessions import EntityRecord

CLOSED_STATUSES: Final = frozenset({"Resolved", "Dismissed"})


class Conflict(Exception):  # noqa: N818 - an expected outcome of a compare-and-swap, not an error
    """A record moved since it was read: read again and redo."""


Interval: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class MemberRecord:
    """One resource that a component covers, and in which intervals (milliseconds, inclusive).

    All alerts of the resource inside the intervals belong to the component; `alerts` counts those
    of them that fall into the component's period.
    """

    subject: Subject
    intervals: tuple[Interval, ...]
    alerts: int = 0
    etag: str | None = None

    @property
    def id(self) -> str:
        """The document id within the component's partition."""
        return member_id(self.subject.partition)


def member_id(partition: str) -> str:
    """The id of the member document of a resource, named by its alerts' partition."""
    return f"m-{partition}"


@dataclass(frozen=True, slots=True)
class Note:
    """One entry of a component's history that correlation writes."""

    id: str
    what: str
    before: str | None
    after: str | None
    comment: str


@dataclass(frozen=True, slots=True)
class Root:
    """A component: its evidence, and what people and time have made of it.

    `period` is when the attack happened, None for all the time that the evidence spans. `alerts`
    counts the alerts inside it, `involved` the resources that have any, `resources` all resources.
    `people` holds the fields that belong to people (status, owner, labels, triage), untouched by
    correlation. `absorbing` names components whose evidence is in and whose link is not confirmed.
    """

    id: str
    evidence: Evidence
    period: Interval | None = None
    alerts: int = 0
    resources: int = 0
    involved: int = 0
    created: int = 0
    people: Mapping[str, Any] = field(default_factory=dict)
    confidence: str | None = None
    visible: bool = False
    follows: str | None = None
    absorbed: tuple[str, ...] = ()
    absorbing: tuple[str, ...] = ()
    etag: str | None = None

    @property
    def closed(self) -> bool:
        """Whether people resolved or dismissed it."""
        return self.people.get("status") in CLOSED_STATUSES


@dataclass(frozen=True, slots=True)
class Redirect:
    """A component that was absorbed by another."""

    id: str
    parent: str


NodeRecord: TypeAlias = Root | Redirect


@dataclass(frozen=True, slots=True)
class Write:
    """One atomic write to a component's partition: its root and the members that changed.

    `carried` are documents of an absorbed component (its history), taken over as they are.
    """

    root: Root
    verdict: Verdict
    members: tuple[MemberRecord, ...]
    notes: tuple[Note, ...] = ()
    carried: tuple[Mapping[str, Any], ...] = ()
    at: int = 0


@dataclass(frozen=True, slots=True)
class Contents:
    """What lies beside a root in its partition."""

    members: tuple[MemberRecord, ...]
    carried: tuple[Mapping[str, Any], ...] = ()


class CorrelationStore(Protocol):
    """The store as the flush sees it."""

    async def read_entities(self, ids: Iterable[str]) -> dict[str, EntityRecord]:
        """The entity records that exist, by id."""

    async def write_entity(self, record: EntityRecord) -> EntityRecord:
        """Create (no ETag) or replace a record; returns it with its new ETag."""

    async def read_nodes(
        self, nodes: Iterable[str], members: Iterable[tuple[str, str]] = ()
    ) -> tuple[dict[str, NodeRecord], dict[tuple[str, str], MemberRecord]]:
        """The nodes that exist, by id, and the members that exist, by (node, member id)."""

    async def write_component(self, write: Write) -> Root:
        """Write root and members in one atomic step; returns the root with its new ETag."""

    async def read_contents(self, node: str) -> Contents:
        """Everything beside a root."""

    async def link(self, loser: Root | str, parent: str) -> None:
        """Make a root, or a node that does not exist yet, point to its parent."""

    async def clear(self, node: str, contents: Contents) -> None:
        """Remove what an absorbed component left in its partition."""

    async def read_alerts(self, alert_ids: Iterable[str]) -> dict[str, Observation]:
        """The observations of stored alerts, by public id; missing ones are left out."""

    async def count_alerts(
        self, wanted: Sequence[tuple[str, tuple[Interval, ...]]]
    ) -> tuple[int, ...]:
        """How many alerts start inside the intervals, for each (alerts' partition, intervals)."""
