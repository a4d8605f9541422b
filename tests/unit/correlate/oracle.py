"""A plain batch oracle: the partition of alerts that correlation must reach, all at once.

It shares nothing with the engine but the policy's numbers and the observation: every pair of
neighbours in time is looked at, and a union-find over alerts does the rest.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from correlate.observation import Observation
from correlate.policy import Policy
from shared.times import HOUR

Span = tuple[int, int, int]
"""Start and end on a grid, and the number of the alert."""


def partition(alerts: Sequence[Observation], policy: Policy) -> set[frozenset[str]]:
    """The components of alerts, by alert id."""
    groups = _Groups(len(alerts))
    resource = policy.kinds["resource"]
    by_resource: dict[str, list[Span]] = defaultdict(list)
    for number, alert in enumerate(alerts):
        grid = max(resource.grid // HOUR, 1) * HOUR
        by_resource[alert.subject.key].append(_span(alert, number, grid, policy))
    for spans in by_resource.values():
        for session in _sessions(spans, resource.gap):
            groups.join(session)
    by_key: dict[str, list[Span]] = defaultdict(list)
    for number, alert in enumerate(alerts):
        for key in {alert.subject.key, *alert.keys}:
            kind = policy.kinds.get(key.partition(":")[0])
            if kind is not None and not key.startswith("resource:"):
                by_key[key].append(_span(alert, number, kind.grid, policy))
    for key, spans in by_key.items():
        kind = policy.kinds[key.partition(":")[0]]
        for session in _sessions(spans, kind.gap):
            if len({alerts[number].subject.key for number in session}) <= kind.most_resources:
                groups.join(session)
    return groups.sets([alert.alert_id for alert in alerts])


def _span(alert: Observation, number: int, grid: int, policy: Policy) -> Span:
    end = min(alert.end, alert.start + policy.longest_alert_hours * HOUR)
    return alert.start - alert.start % grid, end - end % grid + grid - 1, number


def _sessions(spans: Iterable[Span], gap: int) -> Iterable[list[int]]:
    session: list[int] = []
    last = 0
    for start, end, number in sorted(spans):
        if session and start - last > gap:
            yield session
            session, last = [], end
        session.append(number)
        last = max(last, end) if len(session) > 1 else end
    yield session


class _Groups:
    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def join(self, numbers: Sequence[int]) -> None:
        for number in numbers[1:]:
            self._parent[self._root(number)] = self._root(numbers[0])

    def _root(self, number: int) -> int:
        while self._parent[number] != number:
            number = self._parent[number]
        return number

    def sets(self, names: Sequence[str]) -> set[frozenset[str]]:
        found: dict[int, set[str]] = defaultdict(set)
        for number, name in enumerate(names):
            found[self._root(number)].add(name)
        return {frozenset(each) for each in found.values()}
