"""Carrying out what people decide: joining incidents, and splitting resources off.

A decision is carried out by the same steps as what alerts tell: its record is written first, with a
tie that is pending; then ties are loosened and released, and the tie's members united. Each step
may be the last one: whoever carries the decision out again finds its record and goes on.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace

from correlate.decisions import (
    MOST_DECISIONS,
    Decision,
    decided_at,
    decision_entity,
    decision_key,
)
from correlate.parting import ends_of, part, sessions_meant
from correlate.policy import Policy
from correlate.ports import Conflict, CorrelationStore, Root
from correlate.regroup import help_regroup
from correlate.rounds import settle_tie
from correlate.sessions import EntityRecord, Member, Tie
from correlate.snapshot import read_snapshot
from correlate.work import (
    MOST_TRIES,
    ExhaustedError,
    Outcome,
    Together,
    Work,
    at_once,
    wait_a_while,
)
from shared.times import DAY

MOST_JOINED = 20
"""Resources of each incident that a join holds together, the earliest."""


@dataclass(frozen=True, slots=True)
class Request:
    """A decision and what it names: incidents to join with one, or entity ids of its resources."""

    decision: Decision
    incident: str
    others: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it: the incident that stands, components that left it, or why nothing was done.

    `split_off` names only those that are incidents.
    """

    incident: str
    split_off: tuple[str, ...] = ()
    refusal: str = ""


class RefusedError(Exception):
    """The decision does not fit any more: its message says why, as a sentence."""


async def carry_out(
    request: Request,
    store: CorrelationStore,
    policy: Policy,
    now: Callable[[], int],
    *,
    together: Together = at_once,
    pause: Callable[[int], Awaitable[None]] = wait_a_while,
) -> Result:
    """Carry a decision out; once that is done, doing it again changes nothing.

    Raises ExhaustedError, or what the store raises: the decision must then be delivered again.
    """
    work = Work(store, policy, now, together, pause, Outcome())
    try:
        record = await _recorded(work, request)
    except RefusedError as refusal:
        return Result(request.incident, refusal=str(refusal))
    members = [member for tie in record.ties for member in tie.members]
    if any(tie.pending for tie in record.ties):
        await _point(work, request.decision.id, {entity for entity, _ in members})
        if request.decision.kind == "split":
            await part(work, request.decision, members)
        await settle_tie(work, record.id)
    return await _result(work, request, members)


async def _recorded(work: Work, request: Request) -> EntityRecord:
    """The decision's record, made if there is none. Raises RefusedError."""
    entity = decision_entity(request.decision.id)
    for _ in range(MOST_TRIES):
        records = await work.store.read_entities({entity})
        if entity in records:
            return records[entity]
        if request.decision.kind == "merge":
            sides = await _joined(work, request)
            members = {member for side in sides for member in side}
        else:
            sides, members = (), await _leaving(work, request)
        decision = replace(request.decision, sides=sides)
        instants = [instant for _, instant in members]
        tie = Tie(min(instants), max(instants), tuple(sorted(members)), pending=True)
        key = decision_key(decision.id)
        await work.store.write_entities([EntityRecord(entity, key, ties=(tie,), decision=decision)])
    raise ExhaustedError(f"{MOST_TRIES} conflicts in a row on {request.decision.id}")


async def _joined(work: Work, request: Request) -> tuple[tuple[Member, ...], ...]:
    """The sessions of each incident to join."""
    roots = await _open_roots(work, (request.incident, *request.others))
    sides = [tuple((await _sessions_of(work, root))[:MOST_JOINED]) for root in roots]
    if not all(sides):
        raise RefusedError("Nothing of one of the incidents is kept any more.")
    return tuple(sides)


async def _leaving(work: Work, request: Request) -> set[Member]:
    """The sessions to be split off; some must stay."""
    (root,) = await _open_roots(work, (request.incident,))
    sessions = await _sessions_of(work, root)
    leaving = {member for member in sessions if member[0] in request.resources}
    if not leaving:
        raise RefusedError("None of the resources is in the incident any more.")
    if len(leaving) == len(sessions):
        raise RefusedError("Nothing of the incident would be left.")
    return leaving


async def _open_roots(work: Work, incidents: Iterable[str]) -> list[Root]:
    """The components that the incidents have become, each once. Raises RefusedError."""
    wanted = list(incidents)
    for _ in range(MOST_TRIES):
        try:
            snapshot = await read_snapshot(work.store, wanted)
            ends = [snapshot.root_of(incident) for incident in wanted]
        except Conflict:
            continue
        roots = {end.id: end for end in ends if isinstance(end, Root)}
        busy = [root for root in roots.values() if root.splitting is not None]
        for root in busy:
            await help_regroup(work, root)
        if busy:
            continue
        for incident, end in zip(wanted, ends, strict=True):
            if isinstance(end, str):
                raise RefusedError(f"The incident {incident} is not there any more.")
            if end.closed:
                raise RefusedError(f"The incident {end.id} was closed meanwhile.")
        return list(roots.values())
    raise ExhaustedError(f"{MOST_TRIES} conflicts in a row on reading {', '.join(wanted)}")


async def _sessions_of(work: Work, root: Root) -> list[Member]:
    """The open sessions that lead to a root, as members of a tie, the earliest first."""
    contents = await work.store.read_contents(root.id)
    records = await work.store.read_entities({member.subject.entity for member in contents.members})
    open_ones = {
        (entity, session.start): session.nodes
        for entity, record in records.items()
        for session in record.sessions
        if not session.sealed
    }
    snapshot = await read_snapshot(
        work.store, {node for nodes in open_ones.values() for node in nodes}
    )
    held = [
        member
        for member, nodes in open_ones.items()
        if any(snapshot.end_of(node) == root.id for node in nodes)
    ]
    return sorted(held, key=lambda member: (member[1], member[0]))


async def _point(work: Work, decision: str, resources: Iterable[str]) -> None:
    """Let the records of resources name the decision; they forget what is older than they keep."""
    await work.together(_point_one(work, decision, resource) for resource in sorted(resources))


async def _point_one(work: Work, decision: str, resource: str) -> None:
    horizon = work.now() - work.policy.retention_days * DAY
    for _ in range(MOST_TRIES):
        record = (await work.store.read_entities({resource})).get(resource)
        if record is None or decision in record.decisions:
            return
        kept = [each for each in record.decisions if decided_at(each) >= horizon]
        decisions = tuple(sorted((*kept, decision))[-MOST_DECISIONS:])
        if await work.store.write_entities([replace(record, decisions=decisions)]):
            return
    raise ExhaustedError(f"{MOST_TRIES} conflicts in a row on {resource}")


async def _result(work: Work, request: Request, members: Iterable[Member]) -> Result:
    """How things stand once the decision is carried out."""
    snapshot = await read_snapshot(work.store, (request.incident, *request.others))
    incident = snapshot.end_of(request.incident)
    closed = next((root.id for root in snapshot.roots() if root.closed), None)
    split_off: tuple[str, ...] = ()
    if request.decision.kind == "split":
        left = await ends_of(work, await sessions_meant(work, members))
        ends = {root.id for root in left.roots() if root.visible}
        split_off = tuple(sorted(ends - {incident}))
    if closed is not None and not split_off:
        return Result(incident, refusal=f"The incident {closed} was closed meanwhile.")
    return Result(incident, split_off)
