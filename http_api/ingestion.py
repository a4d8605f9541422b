"""`POST /api/alerts`: alerts in by HTTP, on to the queue."""

from typing import Final, List  # noqa: UP035 - Azure's library knows no `list[str]` in a binding

import azure.functions as func

from http_api.blueprint import bp, serve_posted
from http_api.handshakes import SNS, confirmation_url, validation_code
from http_api.problems import FieldError, invalid, media
from http_api.queue_messages import Packed, pack
from http_api.requests import Request
from http_api.responses import Response, json_response
from shared.queue_text import encoded

MEDIA_TYPES: Final = (
    "application/json",
    "application/x-ndjson",
    "application/jsonl",
    "application/cloudevents+json",
    "application/cloudevents-batch+json",
)
_PATIENCE_SECONDS: Final = 10


@bp.queue_output(arg_name="messages", queue_name="alerts", connection="AzureWebJobsStorage")
@bp.route("api/alerts", methods=("POST",), auth_level=func.AuthLevel.FUNCTION)
async def push_alerts(
    req: func.HttpRequest,
    messages: func.Out[List[str]],  # noqa: UP006 - see the import
) -> func.HttpResponse:
    """Queue the alerts in a body of any format, or answer a subscription's handshake."""

    async def post(request: Request) -> Response:
        if code := validation_code(request):
            return json_response({"validationResponse": code})
        if request.headers.get(SNS, "").lower() == "subscriptionconfirmation":
            return await confirm(request)
        packed = pack_request(request)
        messages.set([encoded(text.encode()) for text in packed.messages])
        return json_response({"items": packed.items, "messages": len(packed.messages)}, status=202)

    return await serve_posted(req, post)


def pack_request(request: Request) -> Packed:
    """The messages of a request. Raises Problem when its type, size or content will not do."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    # SNS says text/plain; a page of another site cannot send its header, so that is safe to take.
    if given not in MEDIA_TYPES and SNS not in request.headers:
        raise media(given, MEDIA_TYPES[0])
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip"):
        raise invalid([FieldError("Content-Encoding", f"{encoding!r} is not read", ("gzip",))])
    return pack(request.body, compressed=encoding == "gzip")


async def confirm(request: Request) -> Response:
    """Confirm an SNS subscription, where the URL to do so at is Amazon's."""
    url = confirmation_url(request)
    if url is None:
        raise invalid([FieldError("SubscribeURL", "is no https URL of an SNS endpoint")])
    if not await visit(url):
        raise invalid([FieldError("SubscribeURL", "did not confirm the subscription")])
    return json_response({"confirmed": True})


async def visit(url: str) -> bool:
    """Ask for a URL, following nothing that it redirects to; whether it answers well."""
    import aiohttp  # noqa: PLC0415 - it costs every cold start, and only few subscriptions need it

    patience = aiohttp.ClientTimeout(total=_PATIENCE_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=patience) as session,
            session.get(url, allow_redirects=False) as response,
        ):
            return response.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False
