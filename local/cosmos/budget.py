"""A throughput budget: so many request units a second, and 429 once they are spent.

As on the service a request is let in while anything is left and pays afterwards, so the balance may
become negative; whoever comes then is told how long it takes until something is left. What is not
spent within a second is lost.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from .errors import CosmosError
from .faults import RETRY_AFTER

if TYPE_CHECKING:
    from collections.abc import Callable

#: Of these kinds the service has a budget of its own, which nobody pays for.
FREE_KINDS: Final = frozenset({"metadata", "ranges", "plan"})
RATE_TOO_LARGE: Final = 3200


@dataclass(slots=True)
class Budget:
    """What may be spent. `rate` in request units a second; None is without limit."""

    clock: Callable[[], float]
    rate: float | None = None
    _balance: float = field(default=0.0, init=False)
    _at: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        """Begin with a second's worth."""
        self.set(self.rate)

    def set(self, rate: float | None) -> None:
        """Change the rate; a second's worth of it is there at once."""
        self.rate, self._balance, self._at = rate, rate or 0.0, self.clock()

    def refusal(self, kind: str) -> CosmosError | None:
        """The refusal of a request of this kind, None while something is left."""
        if self.rate is None or kind in FREE_KINDS:
            return None
        now = self.clock()
        gained = max(now - self._at, 0.0) * self.rate
        self._balance, self._at = min(self._balance + gained, self.rate), now
        if self._balance > 0:
            return None
        error = CosmosError(
            429,
            f"Request rate is large: the budget of {self.rate:g} request units a second is spent.",
            substatus=RATE_TOO_LARGE,
        )
        wait = max(1, math.ceil(-self._balance / self.rate * 1000))
        error.headers[RETRY_AFTER] = b"%d" % wait
        return error

    def spend(self, kind: str, charge: float) -> None:
        """Pay for an answered request."""
        if self.rate is not None and kind not in FREE_KINDS:
            self._balance -= charge
