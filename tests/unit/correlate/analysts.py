"""Analysts at work beside the correlation: they join incidents and split resources off, by hand.

A decision that fails or whose worker dies is carried out again, as the feed delivers it again.
"""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from correlate.by_hand import Request, Result, carry_out
from correlate.decisions import Decision, decision_id
from correlate.policy import Policy
from correlate.ports import Root
from local.backtest.memory import MemoryStore
from tests.unit.correlate.making import NOW
from tests.unit.correlate.schedule import TurnStore, Worker, look_away, pause, take_turns


def merge(number: int, *incidents: str) -> Request:
    """The join of some incidents; a decision with a higher number is a later one."""
    return Request(_decision("merge", number), incidents[0], others=incidents[1:])


def split(number: int, incident: str, *resources: str) -> Request:
    """The splitting off of resources, by their entity ids."""
    return Request(_decision("split", number), incident, resources=resources)


def _decision(kind: Any, number: int) -> Decision:
    at = NOW + number
    return Decision(decision_id(at, f"{number}"), kind, "ann", at, "this and that", "they are one")


@dataclass(slots=True)
class Analysts:
    """What analysts decided, and what came of it."""

    requests: list[Request] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)

    def analyst(self, store: MemoryStore, policy: Policy, chance: Random, deeds: int) -> Worker:
        """Somebody who decides so many times, each some time after having looked."""
        turns, under_way, done = TurnStore(store), list[Request](), list[Result]()

        async def work() -> None:
            while len(done) < deeds:
                if not under_way:
                    request = await self._choose(store, chance)
                    if request is None:
                        done.append(Result(""))
                        continue
                    under_way.append(request)
                result = await carry_out(
                    under_way[0], turns, policy, lambda: NOW, together=take_turns, pause=pause
                )
                done.append(result)
                self.results.append(result)
                under_way.clear()

        return Worker(work)

    async def _choose(self, store: MemoryStore, chance: Random) -> Request | None:
        for _ in range(chance.randint(1, 15)):
            await look_away()
        roots = sorted(store.roots(), key=_by_id)
        if not roots:
            return None
        number = len(self.requests)
        if len(roots) > 1 and chance.random() < 0.5:
            some = chance.sample(roots, 2)
            request = merge(number, *(root.id for root in some))
        else:
            root = max(chance.sample(roots, min(2, len(roots))), key=lambda each: each.resources)
            held = sorted(each.subject.entity for each in store.members[root.id].values())
            most = max(len(held) - 1, 1)
            request = split(number, root.id, *chance.sample(held, chance.randint(1, most)))
        self.requests.append(request)
        return request


def _by_id(root: Root) -> str:
    return root.id
