"""`/api/suppressions`: rules that dismiss alerts people know about, and what one would match."""

import hashlib
import json
import re
from typing import Annotated, Any, Final

import azure.functions as func
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from http_api.blueprint import METHODS, bp, serve
from http_api.changes import read_model
from http_api.dry_run import DryRun, run_rule
from http_api.identity import FUNCTION_KEY, who
from http_api.parameters import Parameters
from http_api.problems import FieldError, conflict, invalid, missing, stale
from http_api.requests import Request
from http_api.responses import Response, json_response
from http_api.services import Services
from http_api.views import alert_row
from shared.store.documents import ConflictError
from shared.store.queries import Document
from shared.suppression import Condition, Rule
from shared.times import DAY, format_time, instant_of, parse_time

_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,100}")
_SHOWN: Final = ("id", "reason", "author", "conditions", "expiresUtc", "createdUtc", "updatedUtc")
_WRITTEN: Final = ("reason", "author", "conditions", "expiresUtc")
MOST_DAYS: Final = 30
_MOST_TRIES: Final = 8


def _time(text: str) -> str:
    parse_time(text)
    return text


Time = Annotated[
    str, AfterValidator(_time), WithJsonSchema({"type": "string", "format": "date-time"})
]
Conditions = Annotated[list[Condition], Field(min_length=1, max_length=20)]


class RuleBody(BaseModel):
    """A rule as it is sent; the id is the path's."""

    model_config = ConfigDict(defer_build=True, extra="forbid")

    reason: str = Field(
        min_length=1, max_length=1_000, description="Why these alerts need nobody's attention."
    )
    author: Annotated[str, Field(max_length=320)] | None = Field(
        default=None, description="Who wants it; whom the platform has signed in counts first."
    )
    conditions: Conditions = Field(description="All of them must hold.")
    expiresUtc: Time | None = Field(default=None, description="When it ends to hold; else never.")


class TrialBody(BaseModel):
    """The conditions to try."""

    model_config = ConfigDict(defer_build=True, extra="forbid")

    conditions: Conditions = Field(description="All of them must hold.")


@bp.route("api/suppressions", methods=METHODS, auth_level=func.AuthLevel.FUNCTION)
async def suppressions(req: func.HttpRequest) -> func.HttpResponse:
    """All rules."""
    return await serve(req, {"GET": list_rules})


@bp.route("api/suppressions/dry-run", methods=METHODS, auth_level=func.AuthLevel.FUNCTION)
async def dry_run(req: func.HttpRequest) -> func.HttpResponse:
    """What conditions would have matched in the last days."""
    return await serve(req, {"POST": try_conditions})


@bp.route("api/suppressions/{id}", methods=METHODS, auth_level=func.AuthLevel.FUNCTION)
async def suppression(req: func.HttpRequest) -> func.HttpResponse:
    """One rule: shown, written, deleted."""
    return await serve(req, {"GET": show_rule, "PUT": put_rule, "DELETE": delete_rule})


async def list_rules(request: Request, services: Services) -> Response:
    """All rules by id, also those that have expired."""
    Parameters(request).done()
    found = await services.rules.every()
    return json_response({"value": [rule_view(rule, services.now()) for rule in found]})


async def show_rule(request: Request, services: Services) -> Response:
    """One rule. Its version is that of what people wrote; what it did changes no version."""
    Parameters(request).done()
    document = await _find(request, services)
    return json_response(rule_view(document, services.now()), etag=version_of(document))


async def put_rule(request: Request, services: Services) -> Response:
    """Create a rule, or replace the version named in If-Match."""
    Parameters(request).done()
    rule_id = _rule_id(request)
    body = read_model(RuleBody, request.json())
    by = who(request, trust_client_principal=services.trust_client_principal)
    for _ in range(_MOST_TRIES):
        stored = await services.rules.find(rule_id)
        _require_version(request, stored)
        document = rule_document(rule_id, body, stored, by=by, at=services.now())
        try:
            await services.rules.put(document, stored["_etag"] if stored else None)
        except ConflictError:
            continue
        view = rule_view(document, services.now())
        return json_response(view, status=200 if stored else 201, etag=version_of(document))
    raise conflict("It is changing too fast; try again.")


async def delete_rule(request: Request, services: Services) -> Response:
    """Delete the version of a rule that If-Match names; what it dismissed stays dismissed."""
    Parameters(request).done()
    for _ in range(_MOST_TRIES):
        document = await _find(request, services)
        _require_version(request, document)
        try:
            await services.rules.delete(document["id"], document["_etag"])
        except ConflictError:
            continue
        return Response(204)
    raise conflict("It is changing too fast; try again.")


async def try_conditions(request: Request, services: Services) -> Response:
    """How many of the alerts received in the last days the conditions match, and some of them."""
    parameters = Parameters(request)
    days = parameters.whole("days", 7, 1, MOST_DAYS)
    parameters.done()
    body = read_model(TrialBody, request.json())
    rule = _rule("dry-run", {"reason": "dry run", "author": "nobody"}, body.conditions)
    since = format_time(services.now() - days * DAY)
    return json_response(dry_run_view(await run_rule(rule, services.alerts, since)))


def dry_run_view(trial: DryRun) -> dict[str, Any]:
    """The outcome of a dry run."""
    return {
        "examined": trial.examined,
        "matched": trial.matched,
        "complete": trial.complete,
        "examples": [alert_row(row) for row in trial.examples],
    }


def rule_document(
    rule_id: str, body: RuleBody, stored: Document | None, *, by: str, at: int
) -> Document:
    """The rule as it is stored: with its author, its times, and what it did so far.

    Raises Problem (400) naming each field at fault.
    """
    author = body.author or (stored or {}).get("author") or by
    if by != FUNCTION_KEY:
        author = by
    fields: dict[str, Any] = {"reason": body.reason, "author": author}
    if body.expiresUtc is not None:
        fields["expiresUtc"] = body.expiresUtc
    rule = _rule(rule_id, fields, body.conditions)
    document: Document = {
        "id": rule.id,
        "reason": rule.reason,
        "author": rule.author,
        "conditions": [
            condition.model_dump(mode="json", exclude_defaults=True)
            for condition in rule.conditions
        ],
        "createdUtc": (stored or {}).get("createdUtc", format_time(at)),
        "updatedUtc": format_time(at),
        "matched": (stored or {}).get("matched", 0),
    }
    if rule.expires_utc is not None:
        document["expiresUtc"] = format_time(instant_of(rule.expires_utc))
    return document


def rule_view(document: Document, now: int) -> dict[str, Any]:
    """A rule as it is shown: what people wrote, whether it holds, and what it did."""
    expires = document.get("expiresUtc")
    return {
        **{name: document[name] for name in _SHOWN if name in document},
        "active": expires is None or expires > format_time(now),
        "matched": document.get("matched", 0),
        "etag": f'"{version_of(document)}"',
    }


def version_of(document: Document) -> str:
    """The version of what people wrote. That the rule matched something changes it not."""
    written = [document.get(name) for name in _WRITTEN]
    return hashlib.sha256(json.dumps(written).encode()).hexdigest()[:32]


def _rule(rule_id: str, fields: dict[str, Any], conditions: list[Condition]) -> Rule:
    given = [condition.model_dump() for condition in conditions]
    return read_model(Rule, {"id": rule_id, **fields, "conditions": given})


def _rule_id(request: Request) -> str:
    rule_id = request.path["id"]
    if not _ID.fullmatch(rule_id):
        reason = "must have 1 to 100 letters, digits, dots, dashes or underscores"
        raise invalid([FieldError("id", reason)])
    return rule_id


async def _find(request: Request, services: Services) -> Document:
    rule_id = request.path["id"]
    found = await services.rules.find(rule_id) if _ID.fullmatch(rule_id) else None
    if found is None:
        raise missing(f"The rule {rule_id}")
    return found


def _require_version(request: Request, stored: Document | None) -> None:
    """Raise Problem unless the request may write over what is stored.

    What is not there yet needs no version, and must not be claimed to have one.
    """
    if stored is None:
        if "if-match" in request.headers:
            raise stale("")
        return
    if "*" in request.headers.get("if-none-match", ""):
        raise stale(version_of(stored))
    versions = request.if_match()
    if "*" not in versions and version_of(stored) not in versions:
        raise stale(version_of(stored))
