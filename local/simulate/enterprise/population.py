"""What is in the enterprise: machines with their owners, storage, and what many of them share."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Final, Generic, TypeVar

from local.simulate.cast import PEOPLE, azure_id, storage
from local.simulate.enterprise.shape import Shape

_SHARES: Final = {
    "srv": 0.25, "web": 0.08, "db": 0.07, "build": 0.05, "node": 0.04, "archive": 0.02,
}  # fmt: skip
"""The share of each kind of resource; the rest are laptops."""
_RESOURCE_EXPONENT: Final = 0.8
_ADDRESS_EXPONENT: Final = 0.7
_OUTSIDE: Final = 4_000
"""How many addresses outside noise comes from."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Resource:
    """A machine, or a storage account; `azure` is its ARM id, `owner` who works on a laptop.

    Empty parts are what it has not: storage has no `address`, a server no `owner`.
    """

    name: str
    kind: str
    azure: str
    address: str
    owner: str


class Ranked(Generic[T]):
    """Things, the first of which are drawn by far the most: Zipf's law."""

    __slots__ = ("_sums", "things")

    def __init__(self, things: Iterable[T], exponent: float) -> None:
        self.things = tuple(things)
        self._sums = list(accumulate(rank**-exponent for rank in range(1, len(self.things) + 1)))

    def draw(self, chance: Random) -> T:
        """One of them."""
        return chance.choices(self.things, cum_weights=self._sums)[0]


@dataclass(frozen=True, slots=True)
class Shared:
    """What alerts of many machines name that have nothing to do with each other."""

    administrators: tuple[str, ...]
    services: tuple[str, ...]
    resolvers: tuple[str, ...]
    proxy: str
    gateway: str
    scanner: str
    tools: tuple[str, ...]
    """Programs that administrators bring along, by their hashes."""


@dataclass(frozen=True, slots=True)
class Population:
    """Everything that alerts can name. `machines` and `all` have the noisiest first."""

    shared: Shared
    all: Ranked[Resource]
    laptops: Ranked[Resource]
    servers: Ranked[Resource]
    outside: Ranked[str]


def populate(shape: Shape) -> Population:
    """The population of that size, drawn by the seed."""
    chance = Random(f"{shape.seed}/population")  # noqa: S311 - sample data, no secret
    found = [*_resources(shape.resources)]
    chance.shuffle(found)
    return Population(
        shared=_shared(chance),
        all=Ranked(found, _RESOURCE_EXPONENT),
        laptops=Ranked((each for each in found if each.kind == "lap"), _RESOURCE_EXPONENT),
        servers=Ranked((each for each in found if each.kind != "lap"), _RESOURCE_EXPONENT),
        outside=Ranked((_outside(number) for number in range(_OUTSIDE)), _ADDRESS_EXPONENT),
    )


def _resources(count: int) -> Iterable[Resource]:
    kinds = [kind for kind, share in _SHARES.items() for _ in range(max(1, int(share * count)))]
    kinds += ["lap"] * (count - len(kinds))
    for number, kind in enumerate(kinds, start=1):
        name = f"{kind}{number:05d}"
        if kind == "archive":
            yield Resource(name, kind, storage(name), "", "")
        else:
            owner = _person(number) if kind == "lap" else ""
            yield Resource(name, kind, azure_id(name), _inside(number), owner)


def _person(number: int) -> str:
    return f"{PEOPLE[number % len(PEOPLE)]}{10 + number // len(PEOPLE)}"


def _inside(number: int) -> str:
    return f"10.{20 + number // 50_000}.{number // 200 % 250}.{10 + number % 200}"


def _outside(number: int) -> str:
    """An address of the network that RFC 2544 keeps for measurements."""
    return f"198.{18 + number % 2}.{number // 200}.{1 + number % 200}"


def _shared(chance: Random) -> Shared:
    return Shared(
        administrators=("adm-nora", "adm-otto", "adm-paul", "adm-rosa"),
        services=("svc-backup", "svc-deploy", "svc-inventory"),
        resolvers=("10.0.0.53", "10.0.1.53"),
        proxy="10.0.0.80",
        gateway="203.0.113.1",
        scanner="10.0.9.9",
        tools=tuple(f"{chance.getrandbits(256):064x}" for _ in range(3)),
    )
