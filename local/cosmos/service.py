"""What every handler needs, in one object."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

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
    """

    store: Store
    partitions: int = 1
    faults: Faults = field(default_factory=Faults)
    meter: Meter = field(default_factory=Meter)
