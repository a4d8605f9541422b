"""What every handler needs, in one object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .store import Store


@dataclass(slots=True)
class Service:
    """The emulator behind its HTTP surface.

    Attributes:
        partitions: physical ranges of a new container, at least.
    """

    store: Store
    partitions: int = 1
