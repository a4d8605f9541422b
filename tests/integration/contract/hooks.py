"""What schemathesis has to know beside the contract.

Which refusals of requests that the schemas allow are right: those by rules that no schema can tell.
That an empty parameter is one that is not given, so that it makes no request wrong. And that no
suppression rule that it makes up may hold, as it would dismiss other tests' alerts.
"""

import re
from collections.abc import Iterable
from typing import Any

import schemathesis
from schemathesis.core.failures import Failure
from schemathesis.hooks import HookContext
from schemathesis.openapi.checks import RejectedPositiveData

BEYOND_SCHEMAS = tuple(
    re.compile(pattern)
    for pattern in (
        r"must lie before to",
        r".* is outside the years that can be stored",
        r"has \d+ words; at most \d+ are searched for",
        r"cuts the period into \d+ parts; at most \d+ are given",
        r"is none that this service has given; start again without it",
        r".* says nothing of who or where, so it ties nothing together",
        r".* is no kind:value with a kind that is known",
        r"a reason needs a classification",
        r"names an item more than once",
        r"is the incident itself",
        r"only a state that (closes|opens) the incident does so",
        r"kind: only entities have a kind",
        r"operator: \w+ holds no address, so cidr cannot be used",
        r".* does not appear to be an IPv4 or IPv6 network",
        r"values: severities are compared with equals, by their names",
        r"values: an empty text would match everything",
    )
)
"""Reasons that depend on several fields, on what is stored, or on how addresses are written."""

LONG_PAST = "2000-01-01T00:00:00Z"


def is_beyond_schemas(errors: Iterable[dict[str, Any]]) -> bool:
    """Whether no schema could have told any of what is wrong, and something is."""
    reasons = [error["reason"] for error in errors]
    return bool(reasons) and all(
        any(pattern.fullmatch(reason) for pattern in BEYOND_SCHEMAS) for reason in reasons
    )


@schemathesis.hook
def filter_failure(_context: HookContext, failure: Failure, case: Any, response: Any) -> bool:
    """Whether a failure counts. What a mapping may say no schema of the contract tells."""
    if not isinstance(failure, RejectedPositiveData) or response.status_code != 400:
        return True
    if case.operation.path.startswith("/api/formats"):
        return False
    return not is_beyond_schemas(response.json().get("errors", ()))


@schemathesis.hook
def filter_query(_context: HookContext, query: dict[str, Any] | None) -> bool:
    """Whether a query has no empty parameter, nor a list of empty parts."""
    parts = (part for value in (query or {}).values() for part in _parts(value))
    return all(not isinstance(part, str) or part.strip(" ,") for part in parts)


def _parts(value: Any) -> list[Any]:
    return (value or [""]) if isinstance(value, list) else [value]


@schemathesis.hook
def map_body(context: HookContext, body: Any) -> Any:
    """A rule that has ended long ago; one whose end is no text stays as it is."""
    if context.operation is None or context.operation.label != "PUT /api/suppressions/{id}":
        return body
    if not isinstance(body, dict) or not isinstance(body.get("expiresUtc"), str | None):
        return body
    return {**body, "expiresUtc": LONG_PAST}
