"""Notes: what the history of incidents tells of what correlation did, for itself or for people."""

from typing import Final

from correlate.model.decision import MERGE, SPLIT, Decision
from correlate.model.incident import Note
from shared.alert import digest

CORRELATION: Final = "correlation"
_WORDS: Final = {MERGE: "merged", SPLIT: "split"}
HAPPENINGS: Final = (
    "opened",
    "grew",
    "upgraded",
    "downgraded",
    "withdrawn",
    "returned",
    "separated",
    "merged",
    "split",
    "undone",
)
"""What can happen to an incident by correlation, or by people through it."""


class Notes:
    """Notes of one computation, all of one instant. Their ids follow from what they say."""

    def __init__(self, now: int) -> None:
        self._now = now
        self.found: list[Note] = []

    def add(self, incident: str, what: str, *, before: str = "", after: str = "") -> None:
        """Note what correlation did to an incident."""
        name = self._id(incident, what, before, after)
        self.found.append(
            Note(name, incident, self._now, CORRELATION, what, str(before), str(after))
        )

    def decided(self, decision: Decision) -> None:
        """Note what was done because somebody asked for it."""
        request = decision.request
        what = _WORDS.get(request.kind, "undone")
        others = ", ".join(decision.split_off if request.kind == SPLIT else request.others)
        name = self._id(decision.outcome, what, request.name, others)
        self.found.append(
            Note(
                name,
                decision.outcome,
                self._now,
                request.by,
                what,
                others,
                comment=request.comment,
                decision=request.name,
            )
        )

    def _id(self, *parts: str) -> str:
        return f"h-{self._now:015d}-{digest(*map(str, parts))[:12]}"
