"""Where the sessions of a component lead, while their roots are united one star at a time.

A root takes in others only through a session or a tie that it is itself an end of. So whoever finds
that a tie must not count, and writes to all of its ends, stops each union by it that is under way.
"""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Final, TypeAlias

from correlate.components import Component, SessionKey
from correlate.decisions import Decision
from correlate.observation import Observation
from correlate.policy import Policy
from correlate.ports import Absorbing, Root
from correlate.sessions import Interval, Session, holds, subject_grid, widen
from correlate.snapshot import Snapshot
from correlate.unions import Sets

MOST_ABSORBING: Final = 50
"""Components that one write takes in, so that the list of them stays short."""

Ends: TypeAlias = dict[SessionKey, set[str]]


@dataclass(frozen=True, slots=True)
class _Edge:
    """A session or a tie: what it is named by, and the sessions that it holds together.

    `decision` is that of people which joined them.
    """

    entity: str
    start: int
    sessions: tuple[SessionKey, ...]
    decision: Decision | None = None


class Uniting:
    """Sessions that belong to one component, and the roots that they still lead to."""

    def __init__(self, component: Component, ends: Ends, snapshot: Snapshot) -> None:
        self.sessions: dict[SessionKey, Session] = {
            key: session for key, session in component.sessions.items() if key in ends
        }
        self.waiting: dict[SessionKey, list[Observation]] = {
            key: seen for key, seen in component.observations.items() if key in ends
        }
        self.ends = ends
        self.roots: dict[str, Root] = {
            end.id: end
            for node in set().union(*ends.values())
            if isinstance(end := snapshot.root_of(node), Root)
        }
        self._edges = [_Edge(*key, (key,)) for key in self.sessions]
        self._edges += [
            _Edge(knot.entity, knot.tie.start, held, strand.decision)
            for knot in component.knots
            for strand in knot.strands
            if len(held := tuple(key for key in strand.sessions if key in ends)) > 1
            or (held and strand.decision)
        ]

    def winners(self) -> Iterator[str]:
        """For each set of roots that belong together: the one that takes in the others.

        It is the smallest root. A node without a record stands for its one alert; it gives way to
        any root, so that the many alerts that join a campaign rename nothing.
        """
        sets: Sets[str] = Sets(set().union(*self.ends.values()))
        for edge in self._edges:
            sets.unite(self._ends_of(edge))
        groups: dict[str, list[str]] = {}
        for end in set().union(*self.ends.values()):
            groups.setdefault(sets.find(end), []).append(end)
        for group in groups.values():
            yield min((end for end in group if end in self.roots), default=min(group))

    def star(self, winner: str) -> dict[str, Absorbing]:
        """The ends that share a session or a tie with the winner, at most `MOST_ABSORBING`."""
        found: dict[str, Absorbing] = {}
        for edge in self._edges:
            ends = self._ends_of(edge)
            if winner in ends:
                for end in sorted(ends - found.keys() - {winner}):
                    root = self.roots.get(end)
                    found[end] = Absorbing(
                        end, edge.entity, edge.start, root.remade if root is not None else 0
                    )
        return dict(sorted(found.items())[:MOST_ABSORBING])

    def take(self, ends: Iterable[str]) -> dict[SessionKey, list[Observation]]:
        """The alerts waiting in sessions that lead to these ends only; they wait no longer."""
        reached = set(ends)
        keys = [key for key in self.waiting if self.ends[key] <= reached]
        return {key: self.waiting.pop(key) for key in keys}

    def sessions_to(self, ends: Iterable[str]) -> list[Session]:
        """The sessions that lead to these ends only."""
        reached = set(ends)
        return [self.sessions[key] for key, end in self.ends.items() if end <= reached]

    def decisions_in(self, ends: Iterable[str]) -> list[Decision]:
        """The decisions of people that joined sessions which lead to these ends only."""
        reached = set(ends)
        return [
            edge.decision
            for edge in self._edges
            if edge.decision and (found := self._ends_of(edge)) and found <= reached
        ]

    def interval(self, key: SessionKey) -> Interval:
        """First and last instant of a session."""
        session = self.sessions[key]
        return session.start, session.end

    def interval_of(self, alert: Observation, policy: Policy) -> Interval:
        """The session that holds a stored alert; the alert's own stretch where none does."""
        for entity, start in self.sessions:
            key = (entity, start)
            if entity == alert.subject.entity and holds(self.sessions[key], alert.start):
                return self.interval(key)
        return widen(alert.start, alert.end, subject_grid(policy))

    def settle(self, root: Root, losers: Mapping[str, Absorbing]) -> None:
        """Note that the losers lead to the winner now."""
        for ends in self.ends.values():
            if not ends.isdisjoint(losers):
                ends.difference_update(losers)
                ends.add(root.id)
        for loser in losers:
            self.roots.pop(loser, None)
        self.roots[root.id] = root

    def forget(self, ends: Set[str]) -> None:
        """Leave out ends of which nothing is stored any more."""
        for held in self.ends.values():
            held.difference_update(ends)

    def _ends_of(self, edge: _Edge) -> set[str]:
        return set().union(*(self.ends[key] for key in edge.sessions))
