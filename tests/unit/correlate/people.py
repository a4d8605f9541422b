"""People at work beside the correlation: they close, open and label incidents, as the API does.

A change goes to the version of the incident that was seen, and touches people's fields only.
"""

from dataclasses import dataclass, field, replace
from random import Random

from correlate.ports import Root
from local.backtest.memory import MemoryStore
from tests.unit.correlate.schedule import Worker, look_away


@dataclass(slots=True)
class Deed:
    """A change that was made: to which incident, and what it covered then."""

    root: str
    status: str
    covered: dict[str, tuple[tuple[int, int], ...]]


@dataclass(slots=True)
class Team:
    """What people did, in order."""

    deeds: list[Deed] = field(default_factory=list)
    labels: dict[str, set[str]] = field(default_factory=dict)

    def person(self, store: MemoryStore, chance: Random, deeds: int) -> Worker:
        """Somebody who changes so many incidents, each some time after having looked at it."""

        async def work() -> None:
            for number in range(deeds):
                for _ in range(chance.randint(1, 12)):
                    await look_away()
                seen = [root for root in store.roots() if root.visible]
                if seen:
                    root = chance.choice(sorted(seen, key=_by_id))
                    await look_away()
                    self._change(store, root, chance, f"label-{id(self) % 7}-{number}")

        return Worker(work, again=False)

    def _change(self, store: MemoryStore, root: Root, chance: Random, label: str) -> None:
        if store.nodes.get(root.id) is not root:
            return
        status = chance.choice(("Active", "Resolved", "Dismissed", "Resolved"))
        people = {**root.people, "status": status}
        people["labels"] = sorted({*people.get("labels", ()), label})
        store.writes += 1
        store.nodes[root.id] = replace(root, people=people, etag=str(store.writes))
        store.history.setdefault(root.id, {})[f"h-{store.writes}"] = {"id": f"h-{store.writes}"}
        members = store.members[root.id].values()
        covered = {member.subject.entity: member.intervals for member in members}
        self.deeds.append(Deed(root.id, status, covered))
        self.labels.setdefault(root.id, set()).add(label)


def _by_id(root: Root) -> str:
    return root.id
