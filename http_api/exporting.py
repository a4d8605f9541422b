"""`/api/incidents/{id}/export`: one incident for other tools and for people."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import azure.functions as func

from http_api.blueprint import METHODS, bp, serve
from http_api.incidents import find_incident, moved
from http_api.parameters import Parameters
from http_api.requests import Request
from http_api.responses import DATA_HEADERS, JSON, Response, digest
from http_api.services import Services
from shared.store.incident_alerts import first_alerts
from shared.store.queries import Document

MOST_ALERTS: Final = 500
"""Alerts that an export names, the oldest."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its media type and file ending; its module is imported when it is asked for."""

    media_type: str
    ending: str


FORMATS: Final[Mapping[str, Format]] = {
    "markdown": Format("text/markdown; charset=utf-8", "md"),
    "stix": Format("application/stix+json;version=2.1", "stix.json"),
    "ocsf": Format(JSON, "ocsf.json"),
    "navigator": Format(JSON, "navigator.json"),
}


@bp.route("api/incidents/{id}/export", methods=METHODS, auth_level=func.AuthLevel.FUNCTION)
async def export(req: func.HttpRequest) -> func.HttpResponse:
    """An incident in another format, as a file."""
    return await serve(req, {"GET": export_incident})


async def export_incident(request: Request, services: Services) -> Response:
    """The incident and its first alerts in the format asked for."""
    parameters = Parameters(request)
    name = parameters.choice("format", FORMATS, "markdown")
    parameters.done()
    found = await find_incident(request.path["id"], services)
    if found.moved:
        return moved(request, found, "/export")
    incident = found.document
    members = await services.incidents.members(incident)
    alerts = await first_alerts(services.alerts, members, None, MOST_ALERTS)
    body = render(name, incident, alerts)
    headers = {"Content-Disposition": f'attachment; filename="{file_name(name, incident)}"'}
    media_type = FORMATS[name].media_type
    return Response(200, body, media_type, digest(body), {**DATA_HEADERS, **headers})


def render(name: str, incident: Document, alerts: list[Document]) -> bytes:
    """The export's bytes in a format of `FORMATS`."""
    module = import_module(f"http_api.exports.{name}")
    write: Callable[[Document, list[Document]], Any] = getattr(module, name)
    made = write(incident, alerts)
    text = made if isinstance(made, str) else json.dumps(made, indent=1, ensure_ascii=False)
    return text.encode("utf-8", "replace")


def file_name(name: str, incident: Document) -> str:
    """A name that every file system takes."""
    safe = re.sub(r"[^A-Za-z0-9-]", "-", incident["incidentId"])
    return f"incident-{safe}.{FORMATS[name].ending}"
