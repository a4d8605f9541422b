"""`/api/me`: who asks, and what they may do; `/api/changes`: whether anything is new."""

import os

import azure.functions as func

from http_api.blueprint import METHODS, bp, serve
from http_api.identity import who
from http_api.parameters import Parameters
from http_api.requests import Request
from http_api.responses import Response, json_response
from http_api.roles import Role, granted, held_roles
from http_api.services import Services
from http_api.settings import read_api_settings


@bp.route("api/me", methods=METHODS, auth_level=func.AuthLevel.FUNCTION)
async def me(req: func.HttpRequest) -> func.HttpResponse:
    """The caller."""
    return await serve(req, {"GET": show_caller})


@bp.route("api/changes", methods=METHODS, auth_level=func.AuthLevel.FUNCTION)
async def changes(req: func.HttpRequest) -> func.HttpResponse:
    """The version of all there is."""
    return await serve(req, {"GET": show_version})


async def show_caller(request: Request, services: Services) -> Response:
    """The caller's name as histories give it, their roles, and the organisations they may see."""
    Parameters(request).done()
    roles = granted(held_roles(request, read_api_settings(os.environ)) or frozenset())
    return json_response(
        {
            "name": who(request, trust_client_principal=services.trust_client_principal),
            "roles": [role.value for role in Role if role in roles],
            "organisations": list(services.organisations),
        }
    )


async def show_version(request: Request, services: Services) -> Response:
    """A version that differs once an incident, an alert or a rejection was written."""
    Parameters(request).done()
    version = await services.changes.version()
    return json_response({"version": version}, etag=version)
