"""An incident as it is stored, what it was absorbed into, and what its history tells."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from correlate.model.episode import Confidence, Kind
from shared.times import parse_time

CLOSED: Final = frozenset({"Resolved", "Dismissed"})
FRESH: Final[Mapping[str, Any]] = {"status": "Active", "labels": [], "triage": {}}


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident. Instants are milliseconds since 1970.

    `shown` is what lists and the detail view show of it, ready for its document. `people` is all
    that belongs to people: it is kept as it was read. `covered` is how many resources' coverage
    names it or what it absorbed. `hand`: a decision by hand holds it.
    """

    id: str
    kind: Kind
    created: int
    updated: int
    confidence: Confidence
    shown: Mapping[str, Any]
    covered: int
    people: Mapping[str, Any] = field(default_factory=lambda: dict(FRESH))
    follows: str | None = None
    absorbed: tuple[str, ...] = ()
    visible: bool = True
    withdrawn: bool = False
    forming: bool = False
    hand: bool = False
    etag: str | None = None

    @property
    def closed(self) -> bool:
        """Whether people have closed it."""
        return self.people.get("status") in CLOSED

    @property
    def first(self) -> int:
        """When its first alert starts."""
        return parse_time(self.shown["firstActivityUtc"])

    @property
    def touched(self) -> bool:
        """Whether people have done anything to it, so that it does not vanish."""
        return self.hand or any(
            value and value != FRESH.get(name) for name, value in self.people.items()
        )


@dataclass(frozen=True, slots=True)
class Redirect:
    """The id of an incident that another absorbed. It is not used again."""

    id: str
    parent: str


@dataclass(frozen=True, slots=True)
class Note:
    """One entry of an incident's history. `decision` is the name of the one that it tells of."""

    id: str
    incident: str
    at: int
    by: str
    what: str
    before: str = ""
    after: str = ""
    comment: str = ""
    decision: str = ""
