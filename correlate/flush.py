"""Bringing a batch of alerts into the store, so that any number of workers may do so at once.

Entity records are claimed first and components written after, so that a crash at any point leaves
work that redelivery completes, and no orphan. `docs/correlation.md` states the invariants.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

from correlate.claims import Claim, claims_of, clipped, nodes_near, plan_sessions, plan_ties
from correlate.closing import Shared, cleared
from correlate.observation import Observation
from correlate.policy import Policy
from correlate.ports import Conflict, CorrelationStore, member_id
from correlate.release import release
from correlate.rounds import View, settle_all
from correlate.sessions import EntityRecord
from correlate.snapshot import Snapshot, read_snapshot
from correlate.work import (
    MOST_TRIES,
    ExhaustedError,
    Outcome,
    Together,
    Work,
    at_once,
    wait_a_while,
)


async def flush(
    observations: Iterable[Observation],
    store: CorrelationStore,
    policy: Policy,
    now: Callable[[], int],
    *,
    together: Together = at_once,
    pause: Callable[[int], Awaitable[None]] = wait_a_while,
) -> Outcome:
    """Correlate a batch of alerts; one that occurs twice counts once.

    Raises ExhaustedError, or what the store raises: the batch must then be delivered again.
    """
    batch = clipped(observations, policy)
    outcome = Outcome(alerts=len(batch))
    if not batch:
        return outcome
    work = Work(store, policy, now, together, pause, outcome)
    claims = claims_of(batch, policy)
    for _ in range(MOST_TRIES):
        claimed = await _claim(work, claims)
        for entity in claimed.common:
            await release(work, entity, first=entity in claimed.newly_common)
            claimed.view.snapshot = Snapshot()
        if await settle_all(work, batch, claimed.view):
            return outcome
    raise ExhaustedError(f"incidents were closed {MOST_TRIES} times while a batch was under way")


@dataclass(slots=True)
class _Claimed:
    """What a claim left: how things stand, and the records with common ties to release.

    Those in `newly_common` became so by this claim.
    """

    view: View
    common: list[str]
    newly_common: set[str]


async def _claim(work: Work, claims: Mapping[str, Claim]) -> _Claimed:
    """Merge a batch into its entity records; what another worker moved is read and redone."""
    known = await work.store.read_entities(claims)
    newly_common: set[str] = set()
    sure: frozenset[str] | None = None
    for _ in range(MOST_TRIES):
        before = dict(known)
        snapshot = await _nodes_near(work, claims, known)
        if snapshot is None:
            known = await work.store.read_entities(claims)
            continue
        planned = plan_sessions(claims, known, snapshot, work.policy, work.now())
        written = await _write(work, planned, known)
        if written.keys() == planned.keys():
            planned |= (ties := plan_ties(claims, known, work.policy, work.now()))
            written |= await _write(work, ties, known)
        newly_common |= {name for name in written if _common(written[name], before.get(name))}
        sure = frozenset(written) if sure is None else frozenset()
        if written.keys() == planned.keys():
            common = [name for name, record in known.items() if _common(record, None)]
            return _Claimed(View(known, snapshot, sure), sorted(common), newly_common)
        work.outcome.conflicts += 1
        known |= await work.store.read_entities(planned.keys() - written.keys())
    raise ExhaustedError(f"{MOST_TRIES} conflicts in a row on claiming {len(claims)} entities")


async def _write(
    work: Work, planned: Mapping[str, EntityRecord], known: dict[str, EntityRecord]
) -> dict[str, EntityRecord]:
    """Write records, and note in `known` those that were written."""
    written = await work.store.write_entities(planned.values()) if planned else {}
    known |= written
    return written


def _common(record: EntityRecord, before: EntityRecord | None) -> bool:
    """Whether a record has a tie to release that it had not before."""
    if not any(tie.releasing for tie in record.ties):
        return False
    return before is None or not any(tie.releasing for tie in before.ties)


async def _nodes_near(
    work: Work, claims: Mapping[str, Claim], known: Mapping[str, EntityRecord]
) -> Snapshot | None:
    """The nodes of the sessions that the claims meet, with the resources' members beside them.

    None where they moved meanwhile, and the records are to be read again.
    """
    nodes: set[str] = set()
    members: set[tuple[str, str]] = set()
    shared: list[Shared] = []
    for entity, claim in claims.items():
        record = known.get(entity)
        if claim.partition is not None and record is not None:
            near = nodes_near(claim, record, work.policy)
            nodes |= near
            name = member_id(claim.partition)
            members |= {(node, name) for node in near}
            if len(near) > 1:
                shared += [(name, each) for each in record.sessions if len(each.nodes) > 1]
    try:
        snapshot = await read_snapshot(work.store, nodes, members)
    except Conflict:
        return None
    return snapshot if await cleared(work, snapshot, shared) else None
