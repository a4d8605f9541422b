"""`/api/health`: whether this process answers. It asks nothing of the store."""

import azure.functions as func

from http_api.answers import Answer, answer_json
from http_api.blueprint import METHODS, bp, serve_open
from http_api.requests import Request


@bp.route("api/health", methods=METHODS, auth_level=func.AuthLevel.ANONYMOUS)
async def health(req: func.HttpRequest) -> func.HttpResponse:
    """Liveness, for load balancers; no key is needed."""
    return await serve_open(req, {"GET": show_health})


def show_health(_request: Request) -> Answer:
    """Always well: a process that is not does not answer."""
    return answer_json({"status": "ok"})
