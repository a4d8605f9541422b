"""A test app: it records what its functions receive, and fails when it is told to.

GET /seen gives the record; POST /fail takes the list of bodies and document ids that fail from now.
"""

import json
from collections import defaultdict
from typing import Any

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

SEEN: dict[str, list[Any]] = defaultdict(list)
FAILING: set[str] = set()

_FEED: dict[str, Any] = {
    "arg_name": "documents",
    "connection": "COSMOS",
    "database_name": "%RECORDER_DB%",
    "container_name": "items",
    "lease_container_name": "leases",
    "create_lease_container_if_not_exists": True,
    "max_items_per_invocation": 5,
}

_FROM_BEGINNING: dict[str, Any] = {"start_from_beginning": True}


@app.queue_trigger("msg", "%RECORDER_QUEUE%", "AzureWebJobsStorage")
async def take(msg: func.QueueMessage, context: func.Context) -> None:
    """Record a message."""
    body = msg.get_body().decode()
    SEEN["take"].append(
        {
            "id": msg.id,
            "body": body,
            "dequeueCount": msg.dequeue_count,
            "popReceipt": msg.pop_receipt,
            "times": [
                moment.isoformat() if moment else None
                for moment in (msg.insertion_time, msg.expiration_time, msg.time_next_visible)
            ],
            "invocation": context.invocation_id,
        }
    )
    if body in FAILING:
        raise ValueError(f"told to fail on {body}")


@app.cosmos_db_trigger(**_FEED, **_FROM_BEGINNING)
@app.retry(strategy="fixed_delay", max_retry_count="-1", delay_interval="00:00:01")
async def follow(documents: func.DocumentList, context: func.Context) -> None:
    """Record changes; a failure is retried for ever."""
    _record("follow", documents, context.retry_context.retry_count)


@app.cosmos_db_trigger(lease_container_prefix="lossy-", **_FEED, **_FROM_BEGINNING)
async def lossy(documents: func.DocumentList) -> None:
    """Record changes, without a retry policy."""
    _record("lossy", documents, 0)


@app.cosmos_db_trigger(lease_container_prefix="from-now-", **_FEED)
async def from_now(documents: func.DocumentList) -> None:
    """Record changes since the host was started."""
    _record("from_now", documents, 0)


def _record(name: str, documents: func.DocumentList, retry: int) -> None:
    batch = [document.to_dict() for document in documents]
    SEEN[name].append({"retry": retry, "documents": batch})
    if any(document["id"] in FAILING for document in batch):
        raise ValueError("told to fail on a document")


@app.route("seen", methods=["GET"])
async def seen(req: func.HttpRequest) -> func.HttpResponse:
    """Give the record."""
    return _json(SEEN if req.method == "GET" else {})


@app.route("fail", methods=["POST"])
async def fail(req: func.HttpRequest) -> func.HttpResponse:
    """Choose what fails."""
    FAILING.clear()
    FAILING.update(req.get_json())
    return _json(sorted(FAILING))


@app.route("echo/{name?}")
def echo(req: func.HttpRequest) -> func.HttpResponse:
    """Tell the request as it arrived."""
    return _json(
        {
            "method": req.method,
            "url": req.url,
            "headers": dict(req.headers),
            "params": dict(req.params),
            "route": dict(req.route_params),
            "body": req.get_body().decode(),
        }
    )


@app.route("copy", methods=["POST"])
@app.queue_output("copies", "%RECORDER_QUEUE%-copies", "AzureWebJobsStorage")
def copy(req: func.HttpRequest, copies: func.Out[str]) -> func.HttpResponse:
    """Send the body to a queue."""
    copies.set(req.get_body().decode())
    return func.HttpResponse(status_code=202)


@app.route("boom")
async def boom(req: func.HttpRequest) -> func.HttpResponse:
    """Raise."""
    raise RuntimeError(req.method)


@app.route("for-function", auth_level=func.AuthLevel.FUNCTION)
async def for_function(req: func.HttpRequest) -> str:
    """Ask for a key."""
    return str(req.headers.get("x-ms-client-principal", "nobody"))


@app.route("for-admin", auth_level=func.AuthLevel.ADMIN)
async def for_admin(req: func.HttpRequest) -> str:
    """Ask for the master key."""
    return str(req.method)


@app.route("/", methods=["GET"])
async def page(req: func.HttpRequest) -> str:
    """Serve the root."""
    return f"the page at {req.url}"


@app.route("broken")
async def broken(req: func.HttpRequest, unbound: int) -> str:  # noqa: ARG001 - the fault is the point
    """Cannot be indexed."""
    return str(req.method)


def _json(document: Any) -> func.HttpResponse:
    return func.HttpResponse(json.dumps(document), mimetype="application/json")
