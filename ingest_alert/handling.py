"""What is done with a message: read it, store its alerts, set aside what cannot be used."""

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from traceback import extract_tb
from typing import Any, Final, Protocol

from ingest_alert.broken import Broken
from ingest_alert.errors import AlertError, FieldError, ReadingError
from ingest_alert.estate import UNSTATED, Estate
from ingest_alert.event_lines import dated
from ingest_alert.organisations import ONE, Organisations
from ingest_alert.reading import read_message
from ingest_alert.registry import parse_alert
from ingest_alert.report import report_of
from ingest_alert.source import Source
from shared.alert import Alert
from shared.log_lines import line
from shared.rejection import RejectedId, Rejection, body_of, redrive_origin
from shared.store.alert_writes import Outcome
from shared.suppression import Rule, suppressing
from shared.telemetry import OFF, Telemetry

_LOG: Final = logging.getLogger("ingest_alert")


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the queue. `queued` is when it was put there, in milliseconds since 1970."""

    id: str
    body: bytes
    queued: int


@dataclass(slots=True)
class Reading:
    """The alerts in a message, each with its place, and what was refused."""

    alerts: list[Alert] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many alerts of a message became what."""

    stored: int
    duplicates: int
    updated: int
    rejected: int


class AlertStore(Protocol):
    """Where alerts go: `shared.store.alert_writes.AlertWriter`."""

    async def add(
        self, alerts: Iterable[Alert], *, received: int, dismissed: Mapping[str, str]
    ) -> Outcome:
        """Store those that are new; `dismissed` are rules by the id of the alert they dismiss."""


class Rules(Protocol):
    """Where suppression rules are: `shared.store.suppressions.Suppressions`."""

    async def active(self) -> Sequence[Rule]:
        """The rules that hold now."""

    async def count(self, matched: Mapping[str, int]) -> None:
        """Add to each rule how many alerts it dismissed."""


class Rejections(Protocol):
    """Where refusals go: `shared.store.rejected.RejectedStore`."""

    async def add(self, rejections: Iterable[Rejection], *, at: int) -> None:
        """Keep rejections."""

    async def find(self, place: RejectedId) -> Mapping[str, Any] | None:
        """One rejection whole."""

    async def mark_accepted(self, place: RejectedId, *, at: int) -> Mapping[str, Any] | None:
        """Note that a redrive was read."""

    async def mark_refused_again(
        self, place: RejectedId, rejection: Rejection, *, at: int
    ) -> Mapping[str, Any] | None:
        """Note that a redrive was refused."""


class Formats(Protocol):
    """Where formats are that people added: `ingest_alert.mapping.stored.StoredFormats`."""

    async def active(self) -> Sequence[Source]:
        """The formats that hold now."""


class NoFormats:
    """Nobody added any."""

    async def active(self) -> Sequence[Source]:
        """None."""
        return ()


NO_FORMATS: Final = NoFormats()


@dataclass(frozen=True, slots=True)
class Services:
    """What handling works with; `now` gives milliseconds since 1970."""

    alerts: AlertStore
    rejected: Rejections
    rules: Rules
    now: Callable[[], int]
    telemetry: Telemetry = OFF
    estate: Estate = UNSTATED
    formats: Formats = NO_FORMATS
    organisations: Organisations = ONE


async def ingest(message: Message, services: Services) -> Tally:
    """Store the alerts of a message, each once, and set aside what cannot be used.

    Raises what the store raises: the message must then be delivered again, and nothing is doubled.
    """
    at = services.now()
    with services.telemetry.span("ingest message", message=message.id) as span:
        message, origin = await opened(message, services)
        reading = read(message, services.estate, await services.formats.active())
        reading.alerts = [services.organisations.assigned(alert) for alert in reading.alerts]
        outcome, dismissed = await _store(reading.alerts, services, at)
        rejections = [*reading.rejections, *_refused(message, reading, outcome)]
        rejected = len(rejections)
        if rejected > MOST_REJECTIONS:
            rejections = [_folded(message, rejections)]
        if origin is not None:
            rejections = await _close_redrive(origin, outcome, rejections, services)
        await services.rejected.add(rejections, at=at)
        report = report_of(message.id, at - message.queued, outcome, dismissed, rejected)
        report.measure(services.telemetry, span)
    for told in report.lines():
        _LOG.info(told)
    return Tally(len(outcome.stored), len(outcome.duplicates), len(outcome.updated), rejected)


MOST_REJECTIONS: Final = 100
"""Of one message: one with more is kept whole and once, so that 48 KiB of nothing do not cost
thousands of requests."""


def _folded(message: Message, rejections: Sequence[Rejection]) -> Rejection:
    """Many rejections of a message as one that holds the message's body."""
    first = rejections[0]
    told = f"{len(rejections)} of the alerts in the message cannot be used. The first: "
    errors = [error for each in rejections for error in each.errors]
    return replace(
        first, message=told + first.message, body=message.body, errors=errors, index=None
    )


async def opened(message: Message, services: Services) -> tuple[Message, RejectedId | None]:
    """A message with the body to read, and the rejection that it redrives.

    A redrive whose rejection is gone stays as it is, to be refused like any other message.
    """
    origin = redrive_origin(message.body)
    document = None if origin is None else await services.rejected.find(origin)
    body = None if document is None else body_of(document)
    return (message, None) if body is None else (replace(message, body=body), origin)


async def _store(
    alerts: Sequence[Alert], services: Services, at: int
) -> tuple[Outcome, Mapping[str, str]]:
    """Store alerts, dismissed where a suppression rule matches, and count what each rule did.

    Gives also the rules by the id of the alert they dismiss.
    """
    if not alerts:
        return Outcome(), {}
    rules = await services.rules.active()
    dismissed = {
        alert.id: rule.id
        for alert in (alerts if rules else ())
        if (rule := suppressing(rules, alert, at=at)) is not None
    }
    outcome = await services.alerts.add(alerts, received=at, dismissed=dismissed)
    matched = Counter(dismissed[alert.id] for alert in outcome.stored if alert.id in dismissed)
    if matched:
        await services.rules.count(matched)
    return outcome, dismissed


def read(message: Message, estate: Estate = UNSTATED, added: Sequence[Source] = ()) -> Reading:
    """The alerts in a message, and what was refused; one bad alert spoils no other."""
    reading = Reading()
    try:
        payloads = read_message(message.body)
    except ReadingError as fault:
        reading.rejections.append(_rejection(message, message.body, fault))
        return reading
    for index, payload in enumerate(payloads):
        try:
            reading.alerts.append(parse_alert(dated(payload, message.queued), estate, added))
            reading.places.append(index)
        except AlertError as fault:
            reading.rejections.append(_rejection(message, _body(payload), fault, index))
        except Exception as fault:  # noqa: BLE001 - a fault of ours must not cost the other alerts
            _LOG.error(_fault_line(message, index, fault))
            reading.rejections.append(_rejection(message, _body(payload), _own(fault), index))
    return reading


def _fault_line(message: Message, index: int, fault: Exception) -> str:
    """Where our own code failed, without the values that it failed on."""
    frames = extract_tb(fault.__traceback__)[-_FRAMES_SHOWN:]
    where = ",".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
    kind = type(fault).__name__
    return line("fault", message=message.id, index=index, fault=kind, place=where)


_FRAMES_SHOWN: Final = 6


def _own(fault: Exception) -> ReadingError:
    reason = (
        f"reading it failed with {type(fault).__name__}: a fault of this service, please report"
    )
    error = ReadingError(reason, (FieldError("", reason),))
    error.reason = "fault"
    return error


def _body(payload: object) -> bytes:
    text = payload
    if not isinstance(text, Broken):
        text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def _rejection(
    message: Message, body: bytes, fault: ReadingError, index: int | None = None
) -> Rejection:
    place = {} if index is None else {"index": index}
    return Rejection(
        reason=fault.reason,
        message=str(fault),
        body=body,
        message_id=message.id,
        queued=message.queued,
        source=fault.source if isinstance(fault, AlertError) else "",
        errors=[{**place, "field": each.field, "reason": each.reason} for each in fault.errors],
        index=index,
    )


def _refused(message: Message, reading: Reading, outcome: Outcome) -> list[Rejection]:
    """The alerts that the store does not take, as rejections at their places."""
    places = {id(alert): place for alert, place in zip(reading.alerts, reading.places, strict=True)}
    found = []
    for refused in outcome.refused:
        index = places[id(refused.alert)]  # of two that are equal, each has its own place
        fault = AlertError(refused.alert.source, (FieldError("", refused.reason),))
        fault.reason = "refused"
        found.append(_rejection(message, _body(refused.alert.original), fault, index))
    return found


async def _close_redrive(
    origin: RejectedId, outcome: Outcome, rejections: list[Rejection], services: Services
) -> list[Rejection]:
    """Note what came of a redrive on its rejection; gives the rejections to keep beside it."""
    at = services.now()
    if rejections and not (outcome.stored or outcome.duplicates or outcome.updated):
        kept = await services.rejected.mark_refused_again(origin, rejections[0], at=at)
        return rejections[1:] if kept is not None else rejections
    await services.rejected.mark_accepted(origin, at=at)
    return rejections
