"""News: what the reconciler of an organisation is told, in documents that nobody writes twice."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from correlate.model.activity import Activity
from correlate.model.decision import Request

ALERTS: Final = "alerts"
PERSON: Final = "person"
DECISION: Final = "decision"
RENEW: Final = "renew"
SWEEP: Final = "sweep"
CONTINUE: Final = "continue"


class Recount(NamedTuple):
    """A resource's day (since 1970) to be read anew from its alerts: one of them was rewritten.

    `alert` and `version` name the rewrite, which the alerts as read must hold.
    """

    entity: str
    day: int
    alert: str = ""
    version: str = ""


class Seed(NamedTuple):
    """A resource's day that is to be computed."""

    entity: str
    day: int


@dataclass(frozen=True, slots=True)
class News:
    """One piece of news; which fields it has, `kind` says.

    `alerts`: `activities`, `recounts`. `person`: `incident`. `decision`: `request`. `renew` and
    `sweep`: `hour`, and `after` what is left of it. `continue`: `seeds`. `tries` are those that
    failed, or that a decision waited.
    """

    id: str
    organisation: str
    kind: str
    activities: tuple[Activity, ...] = ()
    recounts: tuple[Recount, ...] = ()
    incident: str = ""
    request: Request | None = None
    hour: int = 0
    after: str = ""
    seeds: tuple[Seed, ...] = ()
    tries: int = 0
