"""Everything that can be wrong with a request, and the one way of saying so (RFC 9457).

Problem
├── invalid(errors)        400  named parameters or fields, with what is allowed
├── unauthenticated(role)  401  with WWW-Authenticate
├── forbidden(role)        403  with the role that is needed
├── missing(what)          404
├── method(allowed)        405  with Allow
├── stale(etag)            412  with the present ETag
├── too_large(limit)       413
├── media(accepted)        415
├── unconditional()        428
├── fault(reference)       500  the log has the rest
└── busy(seconds)          503  with Retry-After
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

MEDIA_TYPE: Final = "application/problem+json"
_TYPES: Final = "urn:problem:"


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one parameter or one field of a body.

    `allowed` are the values that would do, where they can be listed; `index` is the place in a
    list that was sent.
    """

    field: str
    reason: str
    allowed: tuple[str, ...] = ()
    index: int | None = None

    def view(self) -> dict[str, Any]:
        """As it stands in `errors`."""
        shown: dict[str, Any] = {"field": self.field, "reason": self.reason}
        if self.allowed:
            shown["allowed"] = list(self.allowed)
        return shown if self.index is None else {"index": self.index, **shown}


@dataclass(eq=False)
class Problem(Exception):  # noqa: N818 (it is RFC 9457's word, and what the caller is told)
    """A request that cannot be answered as asked. Raise it anywhere below an endpoint."""

    status: HTTPStatus
    kind: str
    title: str
    detail: str
    errors: tuple[FieldError, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)

    def view(self) -> dict[str, Any]:
        """The body, as `application/problem+json`."""
        body: dict[str, Any] = {
            "type": _TYPES + self.kind,
            "title": self.title,
            "status": int(self.status),
            "detail": self.detail,
        }
        if self.errors:
            body["errors"] = [error.view() for error in self.errors]
        return body | dict(self.more)


def invalid(errors: Iterable[FieldError], *, detail: str = "") -> Problem:
    """400: parameters or fields that cannot be used, each named."""
    found = tuple(errors)
    text = detail or "; ".join(f"{error.field}: {error.reason}" for error in found)
    return Problem(HTTPStatus.BAD_REQUEST, "invalid", "The request is not valid", text, found)


def unauthenticated(role: str) -> Problem:
    """401: nobody is known to ask; `role` is the one that is needed."""
    return Problem(
        HTTPStatus.UNAUTHORIZED,
        "unauthenticated",
        "Sign in",
        f"Nobody is signed in, and the role {role} is needed.",
        headers={"WWW-Authenticate": "Bearer"},
    )


def forbidden(role: str) -> Problem:
    """403: who asks is known, and does not have the role that is needed."""
    return Problem(
        HTTPStatus.FORBIDDEN,
        "forbidden",
        "Not allowed",
        f"The role {role} is needed.",
        more={"role": role},
    )


def missing(what: str) -> Problem:
    """404: `what` names the thing asked for, as the subject of a sentence."""
    return Problem(HTTPStatus.NOT_FOUND, "not-found", "Not found", f"{what} does not exist.")


def method(used: str, allowed: Iterable[str]) -> Problem:
    """405: the resource exists, and does not answer this method."""
    names = ", ".join(allowed)
    return Problem(
        HTTPStatus.METHOD_NOT_ALLOWED,
        "method-not-allowed",
        "Method not allowed",
        f"{used} is not answered here; {names} are."
        if "," in names
        else f"{used} is not answered here; {names} is.",
        headers={"Allow": names},
    )


def conflict(reason: str, errors: Iterable[FieldError] = ()) -> Problem:
    """409: the item is not in a state in which this can be done; `reason` is a sentence."""
    found = tuple(errors)
    return Problem(HTTPStatus.CONFLICT, "conflict", "It cannot be done now", reason, found)


def stale(etag: str) -> Problem:
    """412: somebody changed the item meanwhile. `etag` is its version now, empty if not known."""
    return Problem(
        HTTPStatus.PRECONDITION_FAILED,
        "stale",
        "The item has changed",
        "It is no longer the version named in If-Match. Read it again and decide anew.",
        headers={"ETag": f'"{etag}"'} if etag else {},
    )


def too_large(limit: int) -> Problem:
    """413: the body has more bytes than are read."""
    return Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "too-large",
        "The body is too large",
        f"At most {limit:,} bytes are read here.",
    )


def media(used: str, accepted: str) -> Problem:
    """415: the body is of a type that is not read here."""
    said = f"The body is {used}" if used else "The body has no Content-Type"
    return Problem(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "media-type",
        "Unsupported media type",
        f"{said}; {accepted} is needed.",
        headers={"Accept": accepted},
    )


def unconditional() -> Problem:
    """428: a change has to say which version it is based on."""
    return Problem(
        HTTPStatus.PRECONDITION_REQUIRED,
        "unconditional",
        "If-Match is required",
        "Send the item's etag in the header If-Match, so that nobody's change is lost.",
    )


def fault(reference: str) -> Problem:
    """500: our mistake. `reference` finds it in the log."""
    return Problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "fault",
        "Something went wrong on our side",
        f"Nothing is known to be wrong with the request. The log has more under {reference}.",
        more={"reference": reference},
    )


def busy(seconds: int) -> Problem:
    """503: the store asks for patience."""
    return Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "busy",
        "The store is busy",
        f"Try again in {seconds} s.",
        headers={"Retry-After": str(seconds)},
    )
