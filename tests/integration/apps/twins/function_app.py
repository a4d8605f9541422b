"""A test app with two functions on one container, one lease container and no prefix."""

import json
from typing import Any

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

SEEN: dict[str, list[str]] = {"one": [], "other": []}

_FEED: dict[str, Any] = {
    "arg_name": "documents",
    "connection": "COSMOS",
    "database_name": "%RECORDER_DB%",
    "container_name": "items",
    "lease_container_name": "leases",
    "create_lease_container_if_not_exists": True,
    "start_from_beginning": True,
}


@app.cosmos_db_trigger(**_FEED)
async def one(documents: func.DocumentList) -> None:
    """Record changes."""
    SEEN["one"].extend(document["id"] for document in documents)


@app.cosmos_db_trigger(**_FEED)
async def other(documents: func.DocumentList) -> None:
    """Record changes too."""
    SEEN["other"].extend(document["id"] for document in documents)


@app.route("seen", methods=["GET"])
async def seen(req: func.HttpRequest) -> func.HttpResponse:
    """Give the record."""
    return func.HttpResponse(json.dumps(SEEN if req.method == "GET" else {}))
