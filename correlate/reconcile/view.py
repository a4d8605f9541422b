"""The view: all that the computation of one component reads. It is pure from here on."""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Final

from correlate.baseline.snapshot import Snapshot
from correlate.model.cell import Interval
from correlate.model.coverage import Coverage, Span
from correlate.model.decision import Decision
from correlate.model.incident import Incident, Redirect
from correlate.policy import Policy
from correlate.reconcile.hand import Block
from correlate.reconcile.ledger import Ledger
from shared.times import DAY

MOST_HOPS: Final = 1_000


@dataclass(frozen=True, slots=True)
class View:
    """A component: its resources' activity and coverage, the incidents, what people decided.

    `involved` are the open incidents that are to be computed; all others on the resources stand as
    they are. `recounted` are the spans of these others that news touched. What ends before
    `frozen` begins to expire.
    """

    organisation: str
    now: int
    frozen: int
    ledger: Ledger
    coverage: Mapping[str, Coverage]
    nodes: Mapping[str, Incident | Redirect]
    involved: Set[str]
    blocks: Sequence[Block]
    decisions: Mapping[str, Decision]
    policy: Policy
    snapshots: Callable[[int], Snapshot]
    recounted: Set[tuple[str, Interval]] = field(default_factory=frozenset)

    def resolve(self, incident: str) -> str:
        """The incident that an id leads to; itself where nothing is known of it."""
        for _ in range(MOST_HOPS):
            node = self.nodes.get(incident)
            if not isinstance(node, Redirect):
                return incident
            incident = node.parent
        raise ValueError(f"redirects from {incident} lead in a circle")

    def incident(self, name: str) -> Incident | None:
        """The incident that an id leads to."""
        node = self.nodes.get(self.resolve(name))
        return node if isinstance(node, Incident) else None

    def spans(self, entity: str) -> Sequence[Span]:
        """What of a resource is covered."""
        coverage = self.coverage.get(entity)
        return () if coverage is None else coverage.spans

    def standing(self, entity: str) -> list[Span]:
        """The spans of a resource that are not computed here: sealed, frozen, or of others."""
        return [
            span for span in self.spans(entity) if self.resolve(span.incident) not in self.involved
        ]

    def open_spans(self) -> Iterator[tuple[str, str, Span]]:
        """Incident, resource and span of all that is computed."""
        for entity in sorted(self.coverage):
            for span in self.spans(entity):
                name = self.resolve(span.incident)
                if name in self.involved:
                    yield name, entity, span

    def snapshot(self, end: int) -> Snapshot:
        """What an episode that ends at an instant is judged by."""
        return self.snapshots(judged_at(end, self.now))


def judged_at(end: int, now: int) -> int:
    """As of when an episode is judged: a week after its end, or now where that is earlier."""
    return min(now, end + 7 * DAY)
