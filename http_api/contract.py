"""`/api/openapi.json`: the contract, made beforehand from the models and tables that validate."""

from functools import lru_cache
from pathlib import Path
from typing import Final

import azure.functions as func

from http_api.blueprint import METHODS, bp, serve_open
from http_api.requests import Request
from http_api.responses import Response, digest

FILE: Final = Path(__file__).parent / "openapi.json"


@bp.route("api/openapi.json", methods=METHODS, auth_level=func.AuthLevel.ANONYMOUS)
async def openapi(req: func.HttpRequest) -> func.HttpResponse:
    """The OpenAPI document; it holds no data, so no key is needed."""
    return await serve_open(req, {"GET": show_contract})


@lru_cache(maxsize=1)
def contract() -> bytes:
    """The document, read once."""
    return FILE.read_bytes()


def show_contract(_request: Request) -> Response:
    """The document as it lies beside this module."""
    body = contract()
    return Response(200, body, etag=digest(body), headers={"Cache-Control": "no-cache"})
