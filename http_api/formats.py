"""`/api/formats`: mappings by which alerts of further tools are read, and dry runs of them."""

import json
import re
from typing import Annotated, Any, Final

import azure.functions as func
from pydantic import BaseModel, ConfigDict, Field

from http_api.blueprint import METHODS, bp, serve
from http_api.changes import read_model
from http_api.format_trials import check_mapping, payloads_of, shipped_names, try_mapping
from http_api.identity import who
from http_api.parameters import Parameters
from http_api.problems import FieldError, conflict, invalid, missing, stale
from http_api.rejected import find_rejection
from http_api.requests import Request
from http_api.responses import Response, json_response
from http_api.services import Services
from shared.rejection import body_of
from shared.store.documents import ConflictError
from shared.store.formats import MOST_FORMATS, format_document
from shared.store.queries import Document

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{1,39}")
MOST_TRIED: Final = 100
"""Alerts that one dry run reads."""
TRIAL_LIMIT: Final = 512 * 1024
"""The largest body of a dry run, in bytes."""
_Names = Annotated[list[Annotated[str, Field(min_length=1, max_length=100)]], Field(max_length=20)]


class FormatBody(BaseModel):
    """A mapping, as a mapping file has it."""

    model_config = ConfigDict(defer_build=True, extra="allow")

    name: str = Field(description="The format's name, which is also in the path.")


class FormatTrialBody(BaseModel):
    """A mapping, and what to try it on: alerts, and ids of rejections."""

    model_config = ConfigDict(defer_build=True, extra="forbid")

    format: dict[str, Any] = Field(description="A mapping, as a mapping file has it.")
    alerts: list[Any] = Field(
        default=[], max_length=MOST_TRIED, description="Alerts as the tool gives them."
    )
    rejected: _Names = Field(default=[], description="Ids of rejections, whose bodies are tried.")


@bp.route("api/formats", methods=METHODS, auth_level=func.AuthLevel.FUNCTION)
async def formats(req: func.HttpRequest) -> func.HttpResponse:
    """All formats that people added."""
    return await serve(req, {"GET": list_formats})


@bp.route("api/formats/dry-run", methods=METHODS, auth_level=func.AuthLevel.FUNCTION)
async def try_formats(req: func.HttpRequest) -> func.HttpResponse:
    """What a mapping would make of alerts."""
    return await serve(req, {"POST": try_format})


@bp.route("api/formats/{name}", methods=METHODS, auth_level=func.AuthLevel.FUNCTION)
async def format_by_name(req: func.HttpRequest) -> func.HttpResponse:
    """One format: shown, written, deleted."""
    return await serve(req, {"GET": show_format, "PUT": put_format, "DELETE": delete_format})


async def list_formats(request: Request, services: Services) -> Response:
    """All formats that people added, by name, and the names of those that come with the app."""
    Parameters(request).done()
    modules, files = shipped_names()
    found = await services.formats.every()
    body = {
        "value": [format_view(document, str(document["_etag"])) for document in found],
        "modules": list(modules),
        "files": list(files),
    }
    return json_response(body)


async def show_format(request: Request, services: Services) -> Response:
    """One format."""
    Parameters(request).done()
    document = await _find(request, services)
    return _response(document, document["_etag"])


async def put_format(request: Request, services: Services) -> Response:
    """Create a format, or replace the version named in If-Match."""
    Parameters(request).done()
    mapping = read_model(FormatBody, request.json()).model_dump()
    _require_name(request, mapping)
    check_mapping(mapping)
    stored = await services.formats.find(mapping["name"])
    _require_version(request, stored)
    if stored is None and len(await services.formats.every()) >= MOST_FORMATS:
        raise conflict(f"There are {MOST_FORMATS} formats already, and no more are read.")
    by = who(request, trust_client_principal=services.trust_client_principal)
    document = format_document(mapping, stored, by=by, at=services.now())
    try:
        etag = await services.formats.put(document, stored["_etag"] if stored else None)
    except ConflictError:
        raise stale("") from None
    return _response(document, etag, 200 if stored else 201)


async def delete_format(request: Request, services: Services) -> Response:
    """Delete the version of a format that If-Match names; alerts that it read stay."""
    Parameters(request).done()
    document = await _find(request, services)
    _require_version(request, document)
    try:
        await services.formats.delete(document["id"], document["_etag"])
    except ConflictError:
        raise stale("") from None
    return Response(204)


async def try_format(request: Request, services: Services) -> Response:
    """What a mapping makes of the alerts in the body and of what was rejected; stores nothing."""
    Parameters(request).done()
    body = read_model(FormatTrialBody, request.json(limit=TRIAL_LIMIT))
    tried: list[tuple[str, object]] = []
    at = services.now()
    if body.alerts:
        sent = json.dumps(body.alerts).encode()
        tried += [("", each) for each in payloads_of(sent, "alerts", at)]
    for index, name in enumerate(body.rejected):
        content = body_of(await find_rejection(name, services))
        if content is None:
            raise conflict(f"Only the beginning of the body of {name} was kept.")
        tried += [
            (name, each) for each in payloads_of(content, f"rejected.{index}", services.now())
        ]
    shown = tried[:MOST_TRIED]
    payloads = [payload for _, payload in shown]
    views = try_mapping(body.format, payloads, services.own_networks, services.proxies)
    value = [
        view | ({"rejected": name} if name else {})
        for view, (name, _) in zip(views, shown, strict=True)
    ]
    return json_response({"value": value, "complete": len(tried) == len(shown)})


def format_view(document: Document, etag: str) -> dict[str, Any]:
    """A format as it is shown."""
    return {
        "name": document["id"],
        "mapping": document["mapping"],
        "author": document["author"],
        "createdUtc": document["createdUtc"],
        "updatedUtc": document["updatedUtc"],
        "etag": f'"{_plain(etag)}"',
    }


def _response(document: Document, etag: str, status: int = 200) -> Response:
    return json_response(format_view(document, etag), status=status, etag=_plain(etag))


def _plain(etag: str) -> str:
    return str(etag).strip('"')


def _require_name(request: Request, mapping: dict[str, Any]) -> None:
    """Raise Problem (400) unless a mapping has the path's name, and that of no module."""
    name = request.path["name"]
    if mapping["name"] != name:
        raise invalid([FieldError("name", f"is not {name!r}, the name in the path")])
    if name in shipped_names()[0]:
        raise invalid([FieldError("name", "is that of a format which the app's own code reads")])


async def _find(request: Request, services: Services) -> Document:
    name = request.path["name"]
    found = await services.formats.find(name) if _NAME.fullmatch(name) else None
    if found is None:
        raise missing(f"The format {name}")
    return found


def _require_version(request: Request, stored: Document | None) -> None:
    """Raise Problem unless the request may write over what is stored, as for a rule."""
    if stored is None:
        if "if-match" in request.headers:
            raise stale("")
        return
    etag = _plain(stored["_etag"])
    if "*" in request.headers.get("if-none-match", ""):
        raise stale(etag)
    if not {"*", etag} & set(request.if_match()):
        raise stale(etag)
