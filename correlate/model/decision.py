"""Decisions by hand: merges, splits, and their undoing.

A decision keeps content, the resources and intervals as they were at its moment, not ids of
incidents. What stands is the fold of all decisions in the order of their numbers.
"""

from dataclasses import dataclass
from typing import NamedTuple

from correlate.model.cell import Interval

MERGE, SPLIT, UNDO = "merge", "split", "undo"
PENDING, DONE, REFUSED = "asked", "done", "refused"


class Piece(NamedTuple):
    """An interval of a resource."""

    entity: str
    interval: Interval


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asked for. `alerts` are public ids, `resources` are keys' ids."""

    name: str
    kind: str
    incident: str
    others: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    alerts: tuple[str, ...] = ()
    undoes: str = ""
    by: str = ""
    at: int = 0
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """A request with its number, its content and what came of it.

    `kept` is what `request.incident` had, of a split what stays with it; `apart` what the split
    takes from it, or, side by side, what a merge brings to it.
    """

    request: Request
    number: int
    kept: tuple[Piece, ...] = ()
    apart: tuple[tuple[Piece, ...], ...] = ()
    state: str = PENDING
    outcome: str = ""
    split_off: tuple[str, ...] = ()
    refusal: str = ""
    voided: bool = False

    @property
    def id(self) -> str:
        """The name that the request gave it."""
        return self.request.name
