"""What push services ask before they deliver: whether whoever listens here wants it.

Event Grid sends a code and wants it back; CloudEvents asks with OPTIONS who may send; SNS gives a
URL to be visited, which is done only where it is one of Amazon's SNS endpoints.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from http_api.requests import Request

EVENT_GRID: Final = "aeg-event-type"
SNS: Final = "x-amz-sns-message-type"
CLOUD_EVENTS: Final = "webhook-request-origin"
_SNS_HOST: Final = re.compile(r"sns\.[a-z0-9-]{1,40}\.amazonaws\.com(\.cn)?")


def validation_code(request: Request) -> str | None:
    """The code of an Event Grid subscription that is to be confirmed; None for anything else."""
    if request.headers.get(EVENT_GRID, "").lower() != "subscriptionvalidation":
        return None
    try:
        events = json.loads(request.body)
        return str(events[0]["data"]["validationCode"])
    except (ValueError, LookupError, TypeError, RecursionError):
        return None


def confirmation_url(request: Request) -> str | None:
    """The URL that confirms an SNS subscription; None for anything else, and for any other host."""
    if request.headers.get(SNS, "").lower() != "subscriptionconfirmation":
        return None
    try:
        message: Any = json.loads(request.body)
        url = str(message["SubscribeURL"])
        parts = urlsplit(url)
        port = parts.port
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    trusted = parts.scheme == "https" and port in (None, 443) and not parts.username
    return url if trusted and _SNS_HOST.fullmatch(parts.hostname or "") else None


def webhook_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """What CloudEvents wants to hear before it delivers: who may send, and how much."""
    origin = headers.get(CLOUD_EVENTS, "")
    if not re.fullmatch(r"[\w.:*-]{1,253}", origin):
        return {}
    return {"WebHook-Allowed-Origin": origin, "WebHook-Allowed-Rate": "*"}
