"""What the service refuses, as one exception with the wire's status, substatus and code.

`CosmosError` is the only exception that the request handlers raise on purpose; the application
turns it into an error reply. The functions below name the common refusals.
"""

from __future__ import annotations

from typing import Any

CODES = {
    304: "NotModified",
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    408: "RequestTimeout",
    409: "Conflict",
    410: "Gone",
    412: "PreconditionFailed",
    413: "RequestEntityTooLarge",
    424: "FailedDependency",
    429: "TooManyRequests",
    449: "RetryWith",
    500: "InternalServerError",
    501: "NotImplemented",
    503: "ServiceUnavailable",
}

PARTITION_KEY_MISMATCH = 1001
CROSS_PARTITION_NOT_SERVABLE = 1004
COLLECTION_RID_MISMATCH = 1024
PARTITION_KEY_RANGE_GONE = 1002
READ_SESSION_NOT_AVAILABLE = 1002
OWNER_NOT_FOUND = 1003


class CosmosError(Exception):
    """A refusal: HTTP `status`, `substatus` (0 for none), a message, and more body fields."""

    def __init__(self, status: int, message: str, *, substatus: int = 0, **extra: Any) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.substatus = substatus
        self.extra = extra
        self.headers: dict[bytes, bytes] = {}

    @property
    def code(self) -> str:
        """The service's name for the status."""
        return CODES.get(self.status, "Unknown")


def bad_request(message: str, substatus: int = 0) -> CosmosError:
    """The request is malformed or breaks a rule of the service."""
    return CosmosError(400, message, substatus=substatus)


def not_found(what: str, substatus: int = 0) -> CosmosError:
    """The resource named in the path does not exist."""
    return CosmosError(404, f"Resource not found: {what}.", substatus=substatus)


def conflict(what: str) -> CosmosError:
    """A resource with this id or unique key exists already."""
    return CosmosError(409, f"Resource exists already: {what}.")


def precondition_failed(what: str) -> CosmosError:
    """If-Match or If-None-Match does not hold for the stored version."""
    return CosmosError(412, f"Precondition failed: {what}.")


def too_large(message: str) -> CosmosError:
    """A body or a batch is over the service's limit."""
    return CosmosError(413, message)


def not_implemented(feature: str) -> CosmosError:
    """The real service does this, the emulator does not; COMPATIBILITY.md lists it."""
    return CosmosError(
        501, f"The emulator does not implement {feature}. COMPATIBILITY.md lists what it does."
    )
