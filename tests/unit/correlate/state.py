"""What a store holds at the end, in the terms of the oracle; and whether that is sound."""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable
from itertools import pairwise

from correlate.assessment import assess
from correlate.decisions import Link, joins, link_of
from correlate.evidence_document import evidence_document
from correlate.observation import Observation
from correlate.policy import Policy
from correlate.ports import Redirect, Root
from correlate.sessions import session_at
from correlate.ties import parts_by_hand
from local.backtest.memory import MemoryStore
from shared.times import HOUR
from tests.unit.correlate.oracle import ByHand, Expected, components_of


def end_of(store: MemoryStore, node: str) -> str:
    """The node at the end of the path of redirects."""
    seen = set()
    while isinstance(record := store.nodes.get(node), Redirect):
        assert node not in seen, f"redirects lead in a circle at {node}"
        seen.add(node)
        node = record.parent
    return node


def ends_of(store: MemoryStore, alert: Observation) -> set[str]:
    """Where the session of an alert leads."""
    record = store.entities[alert.subject.entity]
    held = [each for each in record.sessions if each.start <= alert.start <= each.end]
    assert len(held) == 1, f"{alert.alert_id} is in {len(held)} sessions"
    return {end_of(store, node) for node in held[0].nodes}


def partition_of_store(store: MemoryStore, alerts: Iterable[Observation]) -> dict[str, set[str]]:
    """The alerts' ids by the one node that each leads to."""
    found: dict[str, set[str]] = defaultdict(set)
    for alert in alerts:
        (end,) = ends_of(store, alert)
        found[end].add(alert.alert_id)
    return found


def assert_as_expected(store: MemoryStore, alerts: Iterable[Observation], policy: Policy) -> None:
    """The store holds what the oracle says, and nothing besides."""
    unique = {alert.alert_id: alert for alert in alerts}
    found = partition_of_store(store, unique.values())
    by_hand = decided_in(store)
    expected = {each.alerts: each for each in components_of(unique.values(), policy, by_hand)}
    assert set(map(frozenset, found.values())) == expected.keys()
    for node, names in found.items():
        _assert_root(store, node, expected[frozenset(names)], unique, policy)
    _assert_links(store)
    assert_sound(store, found)


def decided_in(store: MemoryStore) -> ByHand:
    """What people's decisions came to, as the records tell."""
    found = ByHand()
    for record in store.entities.values():
        for tie in record.ties:
            if record.decision is not None:
                found.links += [list(part) for part in parts_by_hand(tie)]
            for resource, decision in tie.apart:
                found.cuts.append((record.key, (tie.start, tie.end), resource, decision))
    return found


def _assert_root(
    store: MemoryStore,
    node: str,
    expected: Expected,
    alerts: dict[str, Observation],
    policy: Policy,
) -> None:
    root = store.nodes.get(node)
    if root is None:
        assert expected.alerts == {node}, f"{node} has no record and is not alone"
        return
    assert isinstance(root, Root)
    assert evidence_document(root.evidence) == evidence_document(expected.evidence)
    verdict = assess(expected.evidence, policy)
    assert root.period == verdict.period
    assert root.confidence == verdict.confidence
    assert root.visible or verdict.confidence is None
    period = root.period or (-(2**60), 2**60)
    counts = Counter(
        alerts[name].subject.entity
        for name in expected.alerts
        if period[0] <= alerts[name].start <= period[1]
    )
    members = {member.subject.entity: member for member in store.members[node].values()}
    assert {name: _joined(each.intervals) for name, each in members.items()} == {
        name: _joined(intervals) for name, intervals in expected.sessions.items()
    }
    assert {name: each.alerts for name, each in members.items()} == {
        name: counts[name] for name in members
    }
    assert root.alerts == sum(counts.values())
    assert root.resources == len(members)
    assert root.involved == sum(each.alerts > 0 for each in members.values())


def _assert_links(store: MemoryStore) -> None:
    """Each root tells of the joins by hand that hold it together, and of no others."""
    expected: dict[str, set[Link]] = defaultdict(set)
    for record in store.entities.values():
        for tie in record.ties if record.decision is not None else ():
            for members in parts_by_hand(tie):
                if record.decision and joins(record.decision, members):
                    resource, instant = members[0]
                    held = session_at(store.entities[resource], instant)
                    assert held is not None
                    expected[end_of(store, held.nodes[0])].add(link_of(record.decision))
    assert {root.id: set(root.links) for root in store.roots() if root.links} == expected


def _joined(intervals: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(intervals):
        if joined and start <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def assert_sound(
    store: MemoryStore, found: Iterable[str], *, closed_once: Container[str] = ()
) -> None:
    """No orphan, nothing half done, nothing left beside what was absorbed.

    What people closed while it was taking in another stays as they saw it, until it is touched.
    """
    roots = {node for node, record in store.nodes.items() if isinstance(record, Root)}
    assert roots <= set(found), f"orphans: {roots - set(found)}"
    for root in store.roots():
        assert root.splitting is None
        assert root.id in closed_once or all(
            end_of(store, each.node) == root.id for each in root.absorbing
        )
    for node, record in store.nodes.items():
        if isinstance(record, Redirect):
            assert not store.members.get(node), f"members left beside the redirect {node}"
    for entity in store.entities.values():
        assert not any(tie.releasing for tie in entity.ties)
        assert entity.decision is None or not any(tie.pending for tie in entity.ties)
        bounds = [(session.start, session.end) for session in entity.sessions]
        assert all(one[1] < other[0] for one, other in pairwise(bounds)), "sessions overlap"
        assert all(start % HOUR == 0 and end % HOUR == HOUR - 1 for start, end in bounds)
