"""An alert in the making: what a parser reads, what it could not use, what is missing.

A parser fills a `Draft` from `Fields` (see `fields.py`) and calls `alert()`, which makes the
`Alert` or raises all field errors together.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from ingest_alert.errors import AlertError, FieldError
from ingest_alert.estate import UNSTATED, Estate
from shared.alert import Alert, Finding, Resource
from shared.attack import ATTACK_VERSION, tactics_of
from shared.entities import Entity
from shared.killchain import Tactic, parse_tactics
from shared.severity import Severity, parse_severity

UNKNOWN_SEVERITY: Final = Severity.Medium
"""What an alert gets whose source states no severity, or one that is not known; a note tells."""

MOST_ENTITIES: Final = 250
MOST_NOTES: Final = 50


class Draft:
    """The parts of an alert, all of them optional until `alert()` asks for what must be there."""

    source_id = ""
    identity: tuple[str, ...] = ()
    title = ""
    description = ""
    alert_type = ""
    severity = UNKNOWN_SEVERITY
    tactics: tuple[Tactic, ...] = ()
    techniques: tuple[str, ...] = ()
    start: int | None = None
    end: int | None = None
    generated: int | None = None
    modified: int | None = None
    resource: Resource | None = None
    vendor = ""
    product = ""
    tenant = ""
    status = ""
    remediation: tuple[str, ...] = ()
    link = ""
    finding = Finding.ATTACK

    def __init__(self, source: str, original: Mapping[str, Any], estate: Estate = UNSTATED) -> None:
        self.source = source
        self.estate = estate
        self.original = original
        self.entities: list[Entity] = []
        self._seen: set[object] = set()
        self._errors: list[FieldError] = []
        self._notes: list[str] = []
        self.note_count = 0

    @property
    def error_count(self) -> int:
        """How many faults were found so far."""
        return len(self._errors)

    def error(self, field: str, reason: str) -> None:
        """A fault without which there is no alert."""
        self._errors.append(FieldError(field, reason))

    def note_field(self, field: str, reason: str) -> None:
        """A fault of a field that an alert can do without."""
        self.note(f"{field}: {reason}: left out.")

    def note(self, sentence: str) -> None:
        """Something that could not be used, for people to see; each is kept once.

        `note_count` counts them all.
        """
        self.note_count += 1
        if len(self._notes) < MOST_NOTES and sentence not in self._notes:
            self._notes.append(sentence)

    def add(self, entity: Entity) -> None:
        """An entity that the alert names; one with the same key again changes nothing."""
        mark = entity.key or (entity.kind, entity.value)
        if mark in self._seen:
            return
        if len(self.entities) == MOST_ENTITIES:
            self.note(f"It names more than {MOST_ENTITIES} entities: the others are not used.")
            return
        self._seen.add(mark)
        self.entities.append(entity)

    def set_severity(self, word: str) -> None:
        """The severity that a word names; one that is not known gives the fallback and a note."""
        severity = _severity(word)
        if severity is not None:
            self.severity = severity
        elif word:
            self.note(f"Severity {word!r} is not known: taken as {UNKNOWN_SEVERITY.name}.")
        else:
            self.note(f"It states no severity: taken as {UNKNOWN_SEVERITY.name}.")

    def set_attack(self, tactics: object, techniques: Iterable[str] = ()) -> None:
        """Tactics as the source words them; where it words none, those of its techniques."""
        known, unknown = tactics_in(tactics)
        for word in unknown:
            self.note(f"Tactic {word!r} is not known.")
        self.techniques = tuple(dict.fromkeys(techniques))
        self.tactics = known
        if self.techniques and not known:
            self.tactics = tactics_of(self.techniques)
            self.note(f"Its tactics are those that ATT&CK {ATTACK_VERSION} gives its techniques.")

    def set_link(self, address: str) -> None:
        """The way back to the source; only web addresses, as people will click it."""
        if address.startswith(("https://", "http://")):
            self.link = address
        elif address:
            self.note("Its link is no web address: left out.")

    def alert(self) -> Alert:
        """The finished alert. Raises AlertError naming every field that is missing or wrong."""
        start, end, resource = self.start, self.end, self.resource
        if self._errors or start is None or resource is None:
            raise AlertError(self.source, tuple(self._errors) or _INCOMPLETE)
        if end is None:
            end = start
        elif end < start:
            self.note("It ends before it starts: the two times are exchanged.")
            start, end = end, start
        return Alert(
            source=self.source,
            source_id=self.source_id,
            identity=self.identity,
            title=self.title,
            description=self.description,
            alert_type=self.alert_type,
            severity=self.severity,
            tactics=self.tactics,
            techniques=self.techniques,
            start=start,
            end=end,
            generated=end if self.generated is None else self.generated,
            resource=resource,
            entities=tuple(self.entities),
            vendor=self.vendor,
            product=self.product,
            tenant=self.tenant,
            status=self.status,
            remediation=self.remediation,
            link=self.link,
            original=self.original,
            notes=tuple(self._notes),
            modified=self.modified,
            finding=self.finding,
        )


_INCOMPLETE: Final = (FieldError("", "it states no time, or nothing that it is about"),)

_severity = lru_cache(maxsize=256)(parse_severity)


def tactics_in(value: object) -> tuple[tuple[Tactic, ...], tuple[str, ...]]:
    """What `parse_tactics` gives: the tactics that a field names, and the words not understood."""
    return _tactics(value) if isinstance(value, str) else parse_tactics(value)


@lru_cache(maxsize=1_024)
def _tactics(text: str) -> tuple[tuple[Tactic, ...], tuple[str, ...]]:
    return parse_tactics(text)
