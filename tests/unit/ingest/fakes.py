"""What handling works with, in memory: it remembers what it is given."""

from collections.abc import Iterable, Mapping
from typing import Any

from shared.alert import Alert
from shared.rejection import RejectedId, Rejection, redrive_message, rejected_document
from shared.store.alert_writes import Outcome, Refused
from shared.suppression import Rule

NOW = 1_773_000_000_000


class Alerts:
    """Takes every alert but those that it is told to refuse."""

    def __init__(self) -> None:
        self.taken: list[Alert] = []
        self.dismissed: Mapping[str, str] = {}
        self.refuses: set[str] = set()
        self.fault: Exception | None = None

    async def add(
        self, alerts: Iterable[Alert], *, received: int, dismissed: Mapping[str, str]
    ) -> Outcome:
        assert received == NOW
        self.dismissed = dismissed
        if self.fault is not None:
            raise self.fault
        outcome = Outcome()
        for alert in alerts:
            if alert.source_id in self.refuses:
                outcome.refused.append(Refused(alert, "too strange"))
            elif alert in self.taken:
                outcome.duplicates.append(alert)
            else:
                self.taken.append(alert)
                outcome.stored.append(alert)
        return outcome


class Rejections:
    """Remembers what it is told; it knows the rejections that are in `documents`."""

    def __init__(self) -> None:
        self.kept: list[Rejection] = []
        self.marks: list[str] = []
        self.documents: dict[RejectedId, dict[str, Any]] = {}

    def redrive(self, rejection: Rejection) -> bytes:
        """The message that redrives a rejection, which is known from now on."""
        document = rejected_document(rejection, at=NOW)
        place = RejectedId(document["day"], document["id"])
        self.documents[place] = document
        return redrive_message(place)

    async def add(self, rejections: Iterable[Rejection], *, at: int) -> None:
        assert at == NOW
        self.kept += rejections

    async def find(self, place: RejectedId) -> dict[str, Any] | None:
        return self.documents.get(place)

    async def mark_accepted(self, place: RejectedId, *, at: int) -> dict[str, Any] | None:
        assert at == NOW
        self.marks.append("accepted")
        return self.documents.get(place)

    async def mark_refused_again(
        self, place: RejectedId, rejection: Rejection, *, at: int
    ) -> dict[str, Any] | None:
        assert at == NOW
        self.marks.append(f"refused: {rejection.reason}")
        return self.documents.get(place)


class Rules:
    """Holds rules and what was counted."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self.counted: dict[str, int] = {}

    async def active(self) -> list[Rule]:
        return self.rules

    async def count(self, matched: Mapping[str, int]) -> None:
        self.counted |= matched
