"""What every handler needs, in one object."""

from __future__ import annotations

from dataclasses import InitVar, dataclass, field
from typing import TYPE_CHECKING

from .budget import Budget
from .faults import Faults
from .meter import Meter

if TYPE_CHECKING:
    from .store import Store


@dataclass(slots=True)
class Service:
    """The emulator behind its HTTP surface.

    Attributes:
        partitions: physical ranges of a new container, at least.
        faults: which requests fail on demand.
        meter: what was asked, and what it would have cost.
        budget: what may be spent.
    """

    store: Store
    partitions: int = 1
    throughput: InitVar[float | None] = None
    faults: Faults = field(default_factory=Faults)
    meter: Meter = field(default_factory=Meter)
    budget: Budget = field(init=False)

    def __post_init__(self, throughput: float | None) -> None:
        """Open the budget, in request units a second; None is without limit."""
        self.budget = Budget(self.store.clock, throughput)
