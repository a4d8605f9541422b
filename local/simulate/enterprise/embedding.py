"""Attacks amid the noise: each on machines of the enterprise, at some time of the period."""

from collections import Counter
from collections.abc import Iterable, Iterator
from random import Random
from typing import Final

from local.simulate.cast import Cast, Rule
from local.simulate.enterprise.catalogue import Catalogue
from local.simulate.enterprise.population import Population
from local.simulate.enterprise.shape import Shape
from local.simulate.play import JITTER_MINUTES, Labelled, late, performed
from local.simulate.scenarios import Scenario
from shared.times import MINUTE

_MACHINES: Final = frozenset({"lap", "srv", "web", "db", "build", "node", "archive"})


class Members(Cast):
    """A cast of the enterprise's own machines and people; none plays in two attacks.

    Who is drawn beside a laptop is its owner. Raises ValueError when there are not enough.
    """

    def __init__(
        self, chance: Random, population: Population, catalogue: Catalogue, taken: set[str]
    ) -> None:
        super().__init__(chance)
        self._population = population
        self._catalogue = catalogue
        self._taken = taken
        self._owners: list[str] = []
        self._laptops: list[str] = []
        self._by_name = {each.name: each for each in population.all.things}

    def host(self, kind: str) -> str:
        """A machine that has not been attacked; of the last person, if it is a laptop."""
        if kind not in _MACHINES:
            return super().host(kind)
        if kind == "lap" and self._laptops:
            return self._laptops.pop(0)
        name = self._free(kind)
        if kind == "lap":
            self._owners.append(self._by_name[name].owner)
        return name

    def person(self) -> str:
        """The owner of a laptop."""
        if self._owners:
            return self._owners.pop(0)
        name = self._free("lap")
        self._laptops.append(name)
        return self._by_name[name].owner

    def address_of(self, host: str) -> str:
        """A machine's own address."""
        found = self._by_name.get(host)
        return super().address_of(host) if found is None else found.address

    def gateway(self) -> str:
        """The address behind which the enterprise goes out."""
        return self._population.shared.gateway

    def usual(self, tactic: str) -> Rule:
        """One of the rarer half of the enterprise's detections, other than before."""
        things = self._catalogue.ordinary.things
        rarer = things[len(things) // 2 :]
        named = [each for each in rarer if each.tactic == tactic and each.name not in self._given]
        if not named:
            raise ValueError(f"detections: none of the rarer ones states {tactic}: ask for more")
        rule = self._chance.choice(named)
        self._given.add(rule.name)
        return Rule(rule.name, rule.title, rule.severity)

    def _free(self, kind: str) -> str:
        free = [
            each.name
            for each in self._population.all.things
            if each.kind == kind and each.name not in self._taken
        ]
        if not free:
            raise ValueError(f"resources: there are no more {kind} for attacks: ask for more")
        name = self._chance.choice(free)
        self._taken.add(name)
        return name


def embedded(
    shape: Shape, population: Population, catalogue: Catalogue, attacks: Iterable[Scenario]
) -> Iterator[Labelled]:
    """The alerts of attacks, one after the other; the second of a name is `NAME-2`.

    Raises ValueError when one does not fit into the period or the population.
    """
    taken: set[str] = set()
    counts: Counter[str] = Counter()
    for scenario in attacks:
        counts[scenario.name] += 1
        number = counts[scenario.name]
        name = scenario.name if number == 1 else f"{scenario.name}-{number}"
        chance = Random(f"{shape.seed}/attack/{name}")  # noqa: S311 - sample data, no secret
        steps = scenario.steps(Members(chance, population, catalogue, taken))
        minutes = max(step.minute for step in steps) + JITTER_MINUTES
        free = shape.end - shape.start - int(minutes * MINUTE)
        if free <= 0:
            raise ValueError(f"days: {name} takes {minutes / 60:.0f} hours: ask for more")
        yield from performed(
            late(steps, name, chance),
            start=shape.start + chance.randrange(free),
            chance=chance,
        )
