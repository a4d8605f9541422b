"""How large the enterprise is, for how long it is watched, and when its people work."""

from dataclasses import dataclass
from typing import Final

from shared.times import DAY, HOUR, parse_time

MONDAY: Final = parse_time("2026-11-02T00:00:00Z")
"""When the period begins unless told otherwise."""
LEAST_RESOURCES: Final = 20
LEAST_DETECTIONS: Final = 20
_SATURDAY: Final = 5
_THURSDAY: Final = 3
"""The weekday of 1970-01-01, with Monday as 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The size of the noise: so many alerts by `detections` on `resources` in whole `days`.

    `start` is in milliseconds since 1970. Raises ValueError naming a size that is too small.
    """

    resources: int = 2_000
    detections: int = 200
    days: int = 7
    alerts: int = 100_000
    seed: int = 1
    start: int = MONDAY

    def __post_init__(self) -> None:
        least = {"resources": LEAST_RESOURCES, "detections": LEAST_DETECTIONS, "days": 1}
        for name, number in (least | {"alerts": 0}).items():
            if getattr(self, name) < number:
                raise ValueError(f"{name}: {getattr(self, name)} is too few: {number} at least")

    @property
    def end(self) -> int:
        """The first instant after the period."""
        return self.start + self.days * DAY


def hour_of(instant: int) -> int:
    """The hour of the day, in UTC."""
    return instant // HOUR % 24


def weekday_of(instant: int) -> int:
    """The day of the week; 0 is Monday."""
    return (instant // DAY + _THURSDAY) % 7


def is_weekend(instant: int) -> bool:
    """Whether it is Saturday or Sunday."""
    return weekday_of(instant) >= _SATURDAY


def busyness(instant: int) -> float:
    """How much goes on in an hour, as a share of what does in an hour of office work."""
    hour = hour_of(instant)
    if is_weekend(instant):
        return 0.2 if 8 <= hour < 20 else 0.12
    if 8 <= hour < 18:
        return 1.0
    return 0.5 if 6 <= hour < 22 else 0.2
