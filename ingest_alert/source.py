"""A format: how its alerts are recognised and read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ingest_alert.estate import Estate
from shared.alert import Alert


@dataclass(frozen=True, slots=True)
class Source:
    """One format. `recognise` looks only at which fields there are; `parse` does the rest.

    `needed` are the fields, as paths, by which an alert of the format is known and without which
    it is none, and `wanted` the texts of which a field must have one: what an alert that no format
    recognises lacks of the format that comes nearest is told to people.
    """

    name: str
    recognise: Callable[[Mapping[str, Any]], bool]
    parse: Callable[[Mapping[str, Any], Estate], Alert]
    needed: tuple[str, ...] = ()
    wanted: tuple[tuple[str, tuple[str, ...]], ...] = ()
