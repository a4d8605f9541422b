"""What people decide about what belongs together: incidents they join, resources they split off.

A decision has an entity record of its own, whose one tie holds together what the decision names:
the sessions that were joined, or those that left together. The resources' records name the
decision, so whoever makes a component anew finds it. What a split keeps apart is marked on the ties
themselves.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from shared.entities import key_id

MOST_DECISIONS: Final = 50
"""Decisions that one resource's record names, the latest."""
MOST_LINKS: Final = 20
"""Joins by hand that a root tells of, the earliest."""

_TIME_DIGITS: Final = 15


@dataclass(frozen=True, slots=True)
class Decision:
    """One of them: its id (its time first), who, when (milliseconds), of what, and why.

    `sides` are the sessions of each incident that was joined, as the members of the tie.
    """

    id: str
    kind: Literal["merge", "split"]
    by: str
    at: int
    about: str = ""
    comment: str = ""
    sides: tuple[tuple[tuple[str, int], ...], ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """What a root tells of a join by hand that holds it together: its decision, who, and when."""

    decision: str
    by: str
    at: int


def decision_id(at: int, name: str) -> str:
    """The id of a decision: ids are in order of time."""
    return f"{at:0{_TIME_DIGITS}d}-{name}"


def decided_at(decision: str) -> int:
    """When the decision with this id was made."""
    return int(decision[:_TIME_DIGITS])


def decision_key(decision: str) -> str:
    """The key of a decision's record."""
    return f"decision:{decision}"


def decision_entity(decision: str) -> str:
    """The id of a decision's record."""
    return key_id(decision_key(decision))


def joins(decision: Decision, members: Iterable[tuple[str, int]]) -> bool:
    """Whether the decision brought these together: they are of several incidents that it joined."""
    held = set(members)
    return sum(not held.isdisjoint(side) for side in decision.sides) > 1


def link_of(decision: Decision) -> Link:
    """What a root tells of a decision that holds it together."""
    return Link(decision.id, decision.by, decision.at)
