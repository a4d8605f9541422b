"""Retry policies: how often and after which delays a failed invocation is tried again in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from time import strptime

from local.host.backoff import Backoff

FOR_EVER = -1
_NO_MAXIMUM = timedelta(seconds=2**31 - 1)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """`minimum` to `maximum` for exponential back-off; both the same for a fixed delay."""

    max_retry_count: int
    minimum: timedelta
    maximum: timedelta
    fixed: bool

    def allows(self, retry: int) -> bool:
        """Whether the retry with this number (the first is 1) may be made."""
        return self.max_retry_count == FOR_EVER or retry <= self.max_retry_count


@dataclass(slots=True)
class RetryDelays:
    """The delays of one batch's retries, in order."""

    policy: RetryPolicy
    random: Random = field(default_factory=Random)
    _backoff: Backoff = field(init=False)

    def __post_init__(self) -> None:
        self._backoff = Backoff(self.policy.minimum, self.policy.maximum, self.random)

    def next_delay(self) -> timedelta:
        """Return how long to wait before the next retry."""
        if self.policy.fixed:
            return self.policy.minimum
        return self._backoff.next_delay(succeeded=False)


def read_retry_policy(values: Mapping[str, object]) -> RetryPolicy:
    """Read what `@app.retry` declared, as the real worker reads it.

    Raises:
        ValueError: a value is missing or cannot be used; the message names it.

    """
    strategy = values.get("strategy")
    count = _count(values.get("max_retry_count"))
    if strategy == "fixed_delay":
        delay = _interval(values, "delay_interval")
        if delay is None:
            raise ValueError("retry: strategy 'fixed_delay' needs 'delay_interval'")
        return RetryPolicy(count, delay, delay, fixed=True)
    if strategy == "exponential_backoff":
        minimum = _interval(values, "minimum_interval") or timedelta(0)
        maximum = _interval(values, "maximum_interval") or _NO_MAXIMUM
        if minimum > maximum:
            raise ValueError("retry: 'minimum_interval' is longer than 'maximum_interval'")
        return RetryPolicy(count, minimum, maximum, fixed=False)
    raise ValueError(
        f"retry: strategy {strategy!r} is unknown; use 'fixed_delay' or 'exponential_backoff'"
    )


def _count(value: object) -> int:
    try:
        count = int(str(value))
    except ValueError:
        count = FOR_EVER - 1
    if count < FOR_EVER:
        raise ValueError(f"retry: 'max_retry_count' is {value!r}; use a number, or -1 for ever")
    return count


def _interval(values: Mapping[str, object], name: str) -> timedelta | None:
    value = values.get(name)
    if value is None:
        return None
    try:
        parsed = strptime(str(value), "%H:%M:%S")
    except ValueError:
        raise ValueError(f"retry: '{name}' is {value!r}; write it as HH:MM:SS") from None
    return timedelta(hours=parsed.tm_hour, minutes=parsed.tm_min, seconds=parsed.tm_sec)
