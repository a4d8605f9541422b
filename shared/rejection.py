"""What could not be read, as a document; and the message that has it read again.

A redrive puts a message on the queue that names the rejection, whose body is then read from where
it is kept: so a body of any size can be redriven. Its outcome is noted there: `accepted` when it
was read at last, `rejected` again, with the new reason beside the old ones, when it was not.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from shared.alert import digest
from shared.times import format_time

MOST_BODY_BYTES: Final = 256 * 1_024
"""More than an alert of the largest message has once it is written anew (`1e15` becomes longer)."""
MOST_ERRORS: Final = 50
MOST_HISTORY: Final = 20
_REDRIVE: Final = "redriveOf"


@dataclass(frozen=True, slots=True)
class Rejection:
    """One thing that was refused. `reason` is one word, `message` a sentence for people.

    `errors` are `{"index"?, "field", "reason"}`. `message_id`, `queued` (milliseconds since 1970)
    and `index` say where it was: in which queue message, put there when, and at which place in it
    (None for the message as a whole).
    """

    reason: str
    message: str
    body: bytes
    message_id: str
    queued: int
    source: str = ""
    errors: Sequence[Mapping[str, Any]] = ()
    index: int | None = None


@dataclass(frozen=True, slots=True)
class RejectedId:
    """Where a rejection is kept: the partition is the day on which its message was queued."""

    day: str
    id: str


def rejected_document(rejection: Rejection, *, at: int) -> dict[str, Any]:
    """The document of a rejection, made at an instant.

    The same message refused again gives the same partition and id.
    """
    document = {
        "id": digest(rejection.message_id, str(rejection.index))[:24],
        "day": format_time(rejection.queued)[:10],
        "atUtc": format_time(at),
        "reason": rejection.reason,
        "message": rejection.message[:1_000],
        "errors": [dict(error) for error in rejection.errors[:MOST_ERRORS]],
        "source": rejection.source,
        "messageId": rejection.message_id,
        "status": "rejected",
    }
    return document | body_properties(rejection.body)


def body_properties(body: bytes) -> dict[str, Any]:
    """The body as properties: text, or base64 where it is no UTF-8; cut when it is long."""
    properties: dict[str, Any] = {"bodyBytes": len(body)}
    kept = body[:MOST_BODY_BYTES]
    try:
        properties["body"] = kept.decode("utf-8", "strict" if kept == body else "ignore")
    except UnicodeDecodeError:
        properties["bodyBase64"] = base64.b64encode(kept).decode("ascii")
    if kept != body:
        properties["bodyCut"] = True
    return properties


def body_of(document: Mapping[str, Any]) -> bytes | None:
    """The body that was refused; None when only its beginning was kept."""
    if document.get("bodyCut"):
        return None
    if "bodyBase64" in document:
        return base64.b64decode(document["bodyBase64"])
    return str(document["body"]).encode()


def redrive_message(place: RejectedId) -> bytes:
    """The queue message that has a rejection's body read again."""
    origin = {"day": place.day, "id": place.id}
    return json.dumps({_REDRIVE: origin}, separators=(",", ":")).encode()


def redrive_origin(message: bytes) -> RejectedId | None:
    """The rejection that a message redrives; None when it is an ordinary message."""
    if not message.startswith(b'{"' + _REDRIVE.encode() + b'":'):
        return None
    try:
        origin = json.loads(message)[_REDRIVE]
        return RejectedId(str(origin["day"]), str(origin["id"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def redriven_document(document: Mapping[str, Any], *, at: int) -> dict[str, Any]:
    """A rejection that was put back on the queue."""
    return _changed(document, "redriven", {"atUtc": format_time(at), "what": "redriven"})


def accepted_document(document: Mapping[str, Any], *, at: int) -> dict[str, Any]:
    """A rejection whose redrive was read."""
    return _changed(document, "accepted", {"atUtc": format_time(at), "what": "accepted"})


def refused_again(document: Mapping[str, Any], rejection: Rejection, *, at: int) -> dict[str, Any]:
    """A rejection whose redrive was refused: the new reason takes over, the old one is history."""
    entry = {
        "atUtc": format_time(at),
        "what": "rejected",
        "reason": document["reason"],
        "message": document["message"],
    }
    changed = _changed(document, "rejected", entry)
    changed["reason"] = rejection.reason
    changed["message"] = rejection.message[:1_000]
    changed["errors"] = [dict(error) for error in rejection.errors[:MOST_ERRORS]]
    return changed


def _changed(document: Mapping[str, Any], status: str, entry: dict[str, Any]) -> dict[str, Any]:
    history = [*document.get("history", ()), entry][-MOST_HISTORY:]
    return {**document, "status": status, "history": history}
