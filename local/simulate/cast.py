"""Who plays: machines, people and addresses, drawn by the seed; all of them are made up."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from local.simulate.naming import RESOURCE_GROUP, SUBSCRIPTION

PEOPLE: Final = ("anna", "bela", "carl", "dora", "emil", "fadi", "gita", "hugo", "ines", "jana")
_IN_AZURE: Final = frozenset({"srv", "web", "db", "build"})
"""The kinds of machines that run in Azure."""
_TRIES: Final = 1_000
_GROUP: Final = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{RESOURCE_GROUP}/providers"


@dataclass(frozen=True, slots=True)
class Rule:
    """A detection that the tools know besides those of an attack."""

    name: str
    title: str
    severity: str


class Cast:
    """Draws names; the same seed gives the same ones, and no name twice."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._given: set[str] = set()
        self._addresses: dict[str, str] = {}

    def host(self, kind: str) -> str:
        """A machine: `web17`."""
        return self._new(lambda: f"{kind}{self._chance.randrange(1, 100_000)}")

    def person(self) -> str:
        """An account: `anna42`."""
        return self._new(
            lambda: f"{self._chance.choice(PEOPLE)}{self._chance.randrange(10, 1_000)}"
        )

    def outside(self) -> str:
        """An address on the internet, of the networks that RFC 5737 keeps for examples."""
        network = self._chance.choice(("203.0.113", "198.51.100", "192.0.2"))
        return self._new(lambda: f"{network}.{self._chance.randrange(1, 255)}")

    def inside(self) -> str:
        """An address of the company's own network."""
        return self._new(
            lambda: (
                f"10.{self._chance.randrange(256)}.{self._chance.randrange(256)}"
                f".{self._chance.randrange(1, 255)}"
            )
        )

    def address_of(self, host: str) -> str:
        """A machine's own address, the same whenever it is asked for."""
        if host not in self._addresses:
            self._addresses[host] = self.inside()
        return self._addresses[host]

    def gateway(self) -> str:
        """The address behind which many machines go out."""
        return self.inside()

    def usual(self, tactic: str) -> Rule:
        """A detection that fires now and then without an attack, and states the tactic."""
        return Rule(f"usual-{tactic}", f"Unusual {tactic.lower()}", "Medium")

    def sha256(self) -> str:
        """A file, by its hash."""
        return f"{self._chance.getrandbits(256):064x}"

    def _new(self, draw: Callable[[], str]) -> str:
        for _ in range(_TRIES):
            name = draw()
            if name not in self._given:
                self._given.add(name)
                return name
        raise ValueError("there are no more names of this kind: ask for less noise")


def machine(name: str) -> str:
    """The ARM id of a virtual machine."""
    return f"{_GROUP}/Microsoft.Compute/virtualMachines/{name}"


def azure_id(name: str) -> str:
    """The ARM id of a machine by its name; "" for one that is not in Azure."""
    return machine(name) if name.rstrip("0123456789") in _IN_AZURE else ""


def storage(name: str) -> str:
    """The ARM id of a storage account."""
    return f"{_GROUP}/Microsoft.Storage/storageAccounts/{name}"


def cluster(name: str) -> str:
    """The ARM id of a Kubernetes cluster."""
    return f"{_GROUP}/Microsoft.ContainerService/managedClusters/{name}"


def bucket(name: str) -> str:
    """The ARN of a bucket."""
    return f"arn:aws:s3:::{name}"
