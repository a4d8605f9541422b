"""What fired: a detection with the severity and the stages that it stated.

Alerts of one signal on one resource in one hour are one *cell* of its activity, and are counted
together. All alerts of a signal state the same, so what is said of a cell is true of each of them.
"""

import hashlib
from collections.abc import Iterable
from functools import lru_cache


def signal_id(detection: str, severity: str, tactics: Iterable[str]) -> str:
    """16 hex digits of a detection, a severity's name and the names of its tactics in order."""
    return _signal_id(detection, severity, tuple(tactics))


@lru_cache(maxsize=16_384)
def _signal_id(detection: str, severity: str, tactics: tuple[str, ...]) -> str:
    text = "\x1f".join((detection, severity, *tactics))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
