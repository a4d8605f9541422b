"""What a snapshot looks at: the cells and keys of the 28 days before an hour."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from shared.severity import Severity

WINDOW_DAYS: Final = 28
"""How far back a snapshot looks."""


@dataclass(frozen=True, slots=True)
class Detection:
    """Where a detection fired: for each resource's entity, the hours of each day as bits."""

    severity: Severity
    staged: bool
    entities: Mapping[str, Mapping[int, int]]


@dataclass(frozen=True, slots=True)
class Content:
    """Detections by name; keys with their days' resources; the hour (since 1970) it is as of."""

    detections: Mapping[str, Detection]
    keys: Mapping[str, Mapping[int, Mapping[str, int]]]
    hour: int
