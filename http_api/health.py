"""`/api/health`: whether this process answers. It asks nothing of the store."""

import azure.functions as func

from http_api.blueprint import METHODS, bp, serve_open
from http_api.requests import Request
from http_api.responses import Response, json_response


@bp.route("api/health", methods=METHODS, auth_level=func.AuthLevel.ANONYMOUS)
async def health(req: func.HttpRequest) -> func.HttpResponse:
    """Liveness, for load balancers; no key is needed."""
    return await serve_open(req, {"GET": show_health})


def show_health(_request: Request) -> Response:
    """Always well: a process that is not does not answer."""
    return json_response({"status": "ok"})
