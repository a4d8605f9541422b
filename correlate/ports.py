"""What the flush needs of a store, and the records it exchanges with it.

An implementation over Cosmos DB is in `correlate.records`; one in memory serves the backtest and
the tests. Every write is a compare-and-swap: it raises `Conflict` when the record moved since it
was read, and nothing is written then.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeAlias

from correlate.assessment import Verdict
from correlate.decisions import Decision, Link
from correlate.evidence import Evidence
from correlate.observation import Observation, Subject
from correlate.sessions import EntityRecord, Interval

CLOSED_STATUSES: Final = frozenset({"Resolved", "Dismissed"})


MOST_BESIDE: Final = 90
"""Documents beside the node in one atomic write: the service takes 100 operations a batch."""


class Conflict(Exception):  # noqa: N818 - an expected outcome of a compare-and-swap, not an error
    """A record moved since it was read: read again and redo."""


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
    """One entry of a component's history that correlation writes, for itself or for people."""

    id: str
    what: str
    before: str | None
    after: str | None
    comment: str
    by: str = "correlation"


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a root is made anew: in words, or a decision of people."""

    reason: str = ""
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class Splitting:
    """A regroup under way: why, and the nodes that its parts are to have once these are chosen.

    Nobody but the regroup writes to a root in this state; whoever meets it helps to finish.
    """

    cause: Cause
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Absorbing:
    """A component whose evidence a root has taken in, before it is linked to the root.

    `entity` and `start` name what says that they belong together: a session or a tie of a record.
    `remade` is the component's own, as it was taken in. `wide` says that more documents lie beside
    it than go with the link in one atomic step.
    """

    node: str
    entity: str
    start: int
    remade: int = 0
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Root:
    """A component: its evidence, and what people and time have made of it.

    `period` is when the attack happened, None for all the time that the evidence spans. `alerts`
    counts the alerts inside it, `involved` the resources that have any, `resources` all resources.
    `people` holds the fields that belong to people (status, owner, labels, triage), untouched by
    correlation. `absorbed` names incidents that people saw and that are in this one now.
    `absorbing` are components whose evidence is in and whose link may not have been written.
    `remade` grows whenever evidence may have left it, since it was made anew by a regroup. `links`
    are the joins by hand that hold it together.
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
    absorbing: tuple[Absorbing, ...] = ()
    splitting: Splitting | None = None
    remade: int = 0
    links: tuple[Link, ...] = ()
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
    etag: str | None = None


NodeRecord: TypeAlias = Root | Redirect


@dataclass(frozen=True, slots=True)
class Write:
    """One atomic write to a component's partition: its root and the members that changed.

    The root's ETag is that of the root, or of the redirect that it takes the place of. `carried`
    are documents of an absorbed component (its history), taken over as they are; `removed` are ids
    of members that go.
    """

    root: Root
    verdict: Verdict
    members: tuple[MemberRecord, ...] = ()
    notes: tuple[Note, ...] = ()
    carried: tuple[Mapping[str, Any], ...] = ()
    removed: tuple[str, ...] = ()
    at: int = 0


@dataclass(frozen=True, slots=True)
class Contents:
    """What lies beside a root, or a redirect, in its partition."""

    members: tuple[MemberRecord, ...] = ()
    carried: tuple[Mapping[str, Any], ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all these documents."""
        return (
            *(member.id for member in self.members),
            *(str(document["id"]) for document in self.carried),
        )


class CorrelationStore(Protocol):
    """The store as the flush sees it."""

    async def read_entities(self, ids: Iterable[str]) -> dict[str, EntityRecord]:
        """The entity records that exist, by id."""

    async def write_entities(self, records: Iterable[EntityRecord]) -> dict[str, EntityRecord]:
        """Create (no ETag) or replace each record that has not moved, each on its own.

        Returns those that were written, by id, with their new ETags; the others had moved.
        """

    async def read_nodes(
        self, nodes: Iterable[str], members: Iterable[tuple[str, str]] = ()
    ) -> tuple[dict[str, NodeRecord], dict[tuple[str, str], MemberRecord]]:
        """The nodes that exist, by id, and the members that exist, by (node, member id)."""

    async def write_component(self, write: Write) -> Root:
        """Write root and members in one atomic step; returns the root with its new ETag."""

    async def read_contents(self, node: str) -> Contents:
        """Everything beside a node."""

    async def link(
        self,
        loser: NodeRecord | str,
        parent: str,
        *,
        add: Sequence[MemberRecord] = (),
        drop: Sequence[str] = (),
    ) -> Redirect:
        """Make a node, or one that does not exist yet (its id), point to its parent.

        In the same atomic step, members are put beside it and documents beside it removed, at most
        `MOST_BESIDE` of both. Returns the redirect with its new ETag.
        """

    async def read_alerts(self, alert_ids: Iterable[str]) -> dict[str, Observation]:
        """The observations of stored alerts, by public id; missing ones are left out."""

    def alerts_within(
        self, partition: str, intervals: Sequence[Interval]
    ) -> AsyncIterator[Sequence[Observation]]:
        """A resource's stored alerts that start inside the intervals, page by page."""

    async def count_alerts(
        self, wanted: Sequence[tuple[str, tuple[Interval, ...]]]
    ) -> tuple[int, ...]:
        """How many alerts start inside the intervals, for each (alerts' partition, intervals)."""
