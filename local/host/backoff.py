"""Randomised exponential back-off, as the WebJobs SDK does it.

It paces polls of an empty queue, retries of a failed change-feed batch and restarts of a listener.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

_RANDOMISATION = 0.2


@dataclass(slots=True)
class Backoff:
    """Delays from `minimum` to `maximum`: min, then min + U(0.8, 1.2)·2^(n-1)·min, then max."""

    minimum: timedelta
    maximum: timedelta
    random: Random = field(default_factory=Random)
    _current: timedelta = field(default=timedelta(0), init=False)
    _exponent: int = field(default=0, init=False)

    def next_delay(self, *, succeeded: bool) -> timedelta:
        """Return how long to wait now; a success starts again at the minimum."""
        if succeeded:
            self._current, self._exponent = self.minimum, 1
        elif self._current != self.maximum:
            self._grow()
        return self._current

    def _grow(self) -> None:
        delay = self.minimum
        if self._exponent:
            spread = self.random.uniform(1 - _RANDOMISATION, 1 + _RANDOMISATION)
            delay += spread * 2 ** (self._exponent - 1) * self.minimum
        if delay < self.maximum:
            self._current = delay
            self._exponent += 1
        else:
            self._current = self.maximum
