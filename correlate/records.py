"""The correlation store over Cosmos DB: records to documents and back."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, Final

from correlate.batch import read_batch
from correlate.decisions import Decision, Link
from correlate.evidence_document import evidence_document, evidence_from
from correlate.observation import Observation, Subject
from correlate.policy import Readings
from correlate.ports import (
    Absorbing,
    Cause,
    Conflict,
    Contents,
    MemberRecord,
    NodeRecord,
    Note,
    Redirect,
    Root,
    Splitting,
    Write,
)
from correlate.presentation import present
from correlate.sessions import EntityRecord, Interval, Session, Tie
from correlate.work import at_once
from shared.alert import split_alert_id
from shared.entities import key_id
from shared.store.client import Database
from shared.store.definitions import ALERTS, ENTITIES, INCIDENTS
from shared.store.documents import (
    Document,
    MovedError,
    SharedReads,
    query_partition,
    read_many,
    swap,
    swap_operation,
    write_together,
)
from shared.times import DAY, HOUR, format_time, parse_time

PEOPLES_FIELDS: Final = ("status", "assignedTo", "labels", "triage")
OBSERVED: Final = (
    "c.type, c.alertId, c.resourceKey, c.suppressedBy, c.resource, c.startTimeUtc, c.endTimeUtc,"
    " c.title, c.detection, c.tactics, c.severity, c.keys, c.entities, c.product, c.vendor,"
    " c.source, c.remediationSteps"
)
"""What correlation reads of a stored alert, without the source's own document."""
MOST_HOURS_READ: Final = 72
"""Up to so many hourly counters are read by their ids; for longer stretches a query sums them."""


class CosmosCorrelationStore:
    """`CorrelationStore` over the app's database.

    `readings` are what the policy's mappings make of stored alerts, as of those that are delivered.
    `retention_days` is how long what never became an incident is kept.
    """

    def __init__(self, database: Database, readings: Readings, *, retention_days: int) -> None:
        self._readings = readings
        self._alerts = database.container(ALERTS)
        self._of_alerts = SharedReads(self._alerts, "resourceKey")
        self._entities = database.container(ENTITIES)
        self._incidents = database.container(INCIDENTS)
        self._ttl = retention_days * DAY // 1_000

    async def read_entities(self, ids: Iterable[str]) -> dict[str, EntityRecord]:
        """The entity records that exist, by id."""
        found = await read_many(self._entities, ((entity, entity) for entity in ids))
        return {document["id"]: entity_from(document) for document in found}

    async def write_entities(self, records: Iterable[EntityRecord]) -> dict[str, EntityRecord]:
        """Create or replace each record whose ETag still holds; returns those written."""
        written = await at_once(self._write_entity(record) for record in records)
        return {record.id: record for record in written if record is not None}

    async def _write_entity(self, record: EntityRecord) -> EntityRecord | None:
        try:
            etag = await swap(self._entities, entity_document(record), record.etag)
        except MovedError:
            return None
        return replace(record, etag=etag)

    async def read_nodes(
        self, nodes: Iterable[str], members: Iterable[tuple[str, str]] = ()
    ) -> tuple[dict[str, NodeRecord], dict[tuple[str, str], MemberRecord]]:
        """The nodes and members that exist, in one request for each physical partition."""
        wanted = [*((node, node) for node in nodes), *((name, node) for node, name in members)]
        found: dict[str, NodeRecord] = {}
        beside: dict[tuple[str, str], MemberRecord] = {}
        for document in await read_many(self._incidents, wanted):
            if document["type"] == "member":
                beside[document["incidentId"], document["id"]] = member_from(document)
            else:
                found[document["id"]] = node_from(document)
        return found, beside

    async def write_component(self, write: Write) -> Root:
        """Write root and members in one transactional batch."""
        root = write.root
        operations = [
            swap_operation(self._root_document(write), root.etag),
            *(
                swap_operation(self._member_document(write, member), member.etag)
                for member in write.members
            ),
            *(("upsert", (note_document(root.id, note, write.at),)) for note in write.notes),
            *(("upsert", ({**each, "incidentId": root.id},)) for each in write.carried),
            *(("delete", (name,)) for name in write.removed),
        ]
        try:
            results = await write_together(self._incidents, root.id, operations)
        except MovedError as moved:
            raise Conflict(root.id) from moved
        etag = str(results[0]["eTag"])
        return root_from(self._root_document(write) | {"_etag": etag})

    def _root_document(self, write: Write) -> Document:
        root = write.root
        document = root_document(root, write.at)
        if not root.visible:
            return document | {"ttl": self._ttl}
        return document | present(root, write.verdict)

    def _member_document(self, write: Write, member: MemberRecord) -> Document:
        document = member_document(write.root.id, member)
        return document if write.root.visible else document | {"ttl": self._ttl}

    async def read_contents(self, node: str) -> Contents:
        """Everything beside a node."""
        rows = await query_partition(
            self._incidents, node, "SELECT * FROM c WHERE c.type IN ('member', 'history')"
        )
        members = tuple(member_from(row) for row in rows if row["type"] == "member")
        carried = tuple(_own(row) for row in rows if row["type"] == "history")
        return Contents(members, carried)

    async def link(
        self,
        loser: NodeRecord | str,
        parent: str,
        *,
        add: Sequence[MemberRecord] = (),
        drop: Sequence[str] = (),
    ) -> Redirect:
        """Make a node that has not moved, or one without a record, point to its parent."""
        name, etag = (loser, None) if isinstance(loser, str) else (loser.id, loser.etag)
        document: Document = {
            "id": name,
            "incidentId": name,
            "type": "redirect",
            "parent": parent,
        }
        if isinstance(loser, str) or (isinstance(loser, Root) and not loser.visible):
            document["ttl"] = self._ttl
        beside = [
            *(swap_operation(member_document(name, member), member.etag) for member in add),
            *(("delete", (each,)) for each in drop),
        ]
        try:
            if not beside:
                return Redirect(name, parent, await swap(self._incidents, document, etag))
            operations = [swap_operation(document, etag), *beside]
            results = await write_together(self._incidents, name, operations)
        except MovedError as moved:
            raise Conflict(name) from moved
        return Redirect(name, parent, str(results[0]["eTag"]))

    async def read_alerts(self, alert_ids: Iterable[str]) -> dict[str, Observation]:
        """The alerts that exist, by public id."""
        pairs = [split_alert_id(alert_id) for alert_id in alert_ids]
        found = await self._of_alerts.read((name, partition) for partition, name in pairs)
        return {each.alert_id: each for each in read_batch(found, self._readings)[0]}

    async def alerts_within(
        self, partition: str, intervals: Sequence[Interval]
    ) -> AsyncIterator[Sequence[Observation]]:
        """A resource's alerts that start inside the intervals, page by page."""
        for start, end in intervals:
            pages = self._alerts.query_items(
                f"SELECT {OBSERVED} FROM c"  # noqa: S608 - a constant
                " WHERE c.type = 'alert' AND c.startTimeUtc >= @start AND c.startTimeUtc <= @end",
                parameters=[
                    {"name": "@start", "value": format_time(start)},
                    {"name": "@end", "value": format_time(end)},
                ],
                partition_key=partition,
            ).by_page()
            async for page in pages:
                documents = [document async for document in page]
                yield read_batch(documents, self._readings)[0]

    async def count_alerts(
        self, wanted: Sequence[tuple[str, tuple[Interval, ...]]]
    ) -> tuple[int, ...]:
        """How many alerts start in the hours of the intervals, from the hourly counters."""
        hours = [hours_of(intervals) for _, intervals in wanted]
        read = {
            (f"n-{hour}", partition)
            for (partition, _), each in zip(wanted, hours, strict=True)
            if len(each) <= MOST_HOURS_READ
            for hour in each
        }
        counts = {
            (document["id"], document["resourceKey"]): int(document["n"])
            for document in await self._of_alerts.read(read)
        }
        return tuple(
            [
                sum(counts.get((f"n-{hour}", partition), 0) for hour in each)
                if len(each) <= MOST_HOURS_READ
                else await self._sum(partition, intervals)
                for (partition, intervals), each in zip(wanted, hours, strict=True)
            ]
        )

    async def _sum(self, partition: str, intervals: tuple[Interval, ...]) -> int:
        total = 0
        for start, end in intervals:
            rows = await query_partition(
                self._alerts,
                partition,
                "SELECT VALUE SUM(c.n) FROM c"
                " WHERE c.type = 'count' AND c.hour >= @first AND c.hour <= @last",
                first=start // HOUR,
                last=end // HOUR,
            )
            total += sum(int(row) for row in rows if row)
        return total


def hours_of(intervals: Iterable[Interval]) -> list[int]:
    """The hours since 1970 that the intervals touch."""
    return sorted(
        {hour for start, end in intervals for hour in range(start // HOUR, end // HOUR + 1)}
    )


def _own(document: Mapping[str, Any]) -> Document:
    """A document without the fields that the service adds to it."""
    return {name: value for name, value in document.items() if not name.startswith("_")}


def entity_document(record: EntityRecord) -> Document:
    """The document of an entity record."""
    return {
        "id": record.id,
        "key": record.key,
        "sessions": [
            {
                "start": format_time(session.start),
                "end": format_time(session.end),
                "nodes": list(session.nodes),
                **({"sealed": True} if session.sealed else {}),
                **({"follows": session.follows} if session.follows else {}),
            }
            for session in record.sessions
        ],
        "ties": [
            {
                "start": tie.start,
                "end": tie.end,
                "members": [list(member) for member in tie.members],
                **({"common": True} if tie.common else {}),
                **({"pending": True} if tie.pending else {}),
                **({"apart": [list(pair) for pair in tie.apart]} if tie.apart else {}),
                **({"loosened": True} if tie.loosened else {}),
            }
            for tie in record.ties
        ],
        **({"decisions": list(record.decisions)} if record.decisions else {}),
        **({"decision": asdict(record.decision)} if record.decision else {}),
    }


def entity_from(document: Mapping[str, Any]) -> EntityRecord:
    """The record in an entity document."""
    return EntityRecord(
        document["id"],
        document["key"],
        tuple(
            Session(
                parse_time(each["start"]),
                parse_time(each["end"]),
                tuple(each["nodes"]),
                each.get("sealed", False),
                each.get("follows"),
            )
            for each in document["sessions"]
        ),
        tuple(
            Tie(
                each["start"],
                each["end"],
                tuple((entity, instant) for entity, instant in each["members"]),
                each.get("common", False),
                each.get("pending", False),
                tuple((resource, decision) for resource, decision in each.get("apart", ())),
                each.get("loosened", False),
            )
            for each in document["ties"]
        ),
        document.get("_etag"),
        tuple(document.get("decisions", ())),
        _decision_from(document.get("decision")),
    )


def _decision_from(document: Mapping[str, Any] | None) -> Decision | None:
    if document is None:
        return None
    sides = tuple(tuple((each, at) for each, at in side) for side in document["sides"])
    return Decision(**{**document, "sides": sides})


def root_document(root: Root, at: int) -> Document:
    """What correlation and people know of a component, without what is shown of it."""
    return {
        "id": root.id,
        "incidentId": root.id,
        "type": "incident",
        "visible": root.visible,
        "verdict": root.confidence,
        "period": None if root.period is None else [format_time(at) for at in root.period],
        "alertCount": root.alerts,
        "resourceCount": root.involved,
        "coveredCount": root.resources,
        "createdUtc": format_time(root.created),
        "updatedUtc": format_time(at),
        "status": "Active",
        "labels": [],
        "triage": {},
        **root.people,
        **({"follows": root.follows} if root.follows else {}),
        "absorbed": list(root.absorbed),
        **_under_way(root),
        "evidence": evidence_document(root.evidence),
    }


def _under_way(root: Root) -> Document:
    """What workers need to know of a root; most have nothing of it."""
    found: Document = {}
    if root.absorbing:
        found["absorbing"] = [
            [each.node, each.entity, each.start, each.remade, *([True] if each.wide else [])]
            for each in root.absorbing
        ]
    if root.splitting is not None:
        cause = root.splitting.cause
        found["splitting"] = {
            "why": cause.reason,
            "parts": list(root.splitting.parts),
            **({"decision": asdict(cause.decision)} if cause.decision else {}),
        }
    if root.remade:
        found["remade"] = root.remade
    if root.links:
        found["links"] = [[each.decision, each.by, each.at] for each in root.links]
    return found


def root_from(document: Mapping[str, Any]) -> Root:
    """The root in an incident document."""
    return Root(
        id=document["id"],
        evidence=evidence_from(document["evidence"]),
        period=_period_from(document["period"]),
        alerts=document["alertCount"],
        resources=document["coveredCount"],
        involved=document["resourceCount"],
        created=parse_time(document["createdUtc"]),
        people={name: document[name] for name in PEOPLES_FIELDS if name in document},
        confidence=document["verdict"],
        visible=document["visible"],
        follows=document.get("follows"),
        absorbed=tuple(document["absorbed"]),
        absorbing=tuple(Absorbing(*each) for each in document.get("absorbing", ())),
        splitting=_splitting_from(document.get("splitting")),
        remade=document.get("remade", 0),
        links=tuple(Link(*each) for each in document.get("links", ())),
        etag=document.get("_etag"),
    )


def _splitting_from(document: Mapping[str, Any] | None) -> Splitting | None:
    if document is None:
        return None
    cause = Cause(document["why"], _decision_from(document.get("decision")))
    return Splitting(cause, tuple(document["parts"]))


def _period_from(texts: list[str] | None) -> Interval | None:
    return None if texts is None else (parse_time(texts[0]), parse_time(texts[1]))


def node_from(document: Mapping[str, Any]) -> NodeRecord:
    """The root or the redirect in a document of the `incidents` container."""
    if document["type"] == "redirect":
        return Redirect(document["id"], document["parent"], document.get("_etag"))
    return root_from(document)


def member_document(incident: str, member: MemberRecord) -> Document:
    """The document of one covered resource."""
    subject = member.subject
    return {
        "id": member.id,
        "incidentId": incident,
        "type": "member",
        "resource": {
            "key": subject.key,
            "id": subject.id,
            "name": subject.name,
            "type": subject.type,
        },
        "resourceKey": subject.partition,
        "intervals": [[format_time(start), format_time(end)] for start, end in member.intervals],
        "start": format_time(member.intervals[0][0]),
        "end": format_time(member.intervals[-1][1]),
        "alertCount": member.alerts,
    }


def member_from(document: Mapping[str, Any]) -> MemberRecord:
    """The record of one covered resource."""
    resource = document["resource"]
    subject = Subject(
        resource["key"],
        key_id(resource["key"]),
        document["resourceKey"],
        resource["id"],
        resource["name"],
        resource["type"],
    )
    intervals = tuple((parse_time(start), parse_time(end)) for start, end in document["intervals"])
    return MemberRecord(subject, intervals, document["alertCount"], document.get("_etag"))


def note_document(incident: str, note: Note, at: int) -> Document:
    """The history document of what correlation did, for itself or for people."""
    return {
        "id": note.id,
        "incidentId": incident,
        "type": "history",
        "atUtc": format_time(at),
        "by": note.by,
        "what": note.what,
        "from": note.before,
        "to": note.after,
        "comment": note.comment,
    }
