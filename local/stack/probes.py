"""Probes: does a part answer over HTTP?"""

import http.client
from http import HTTPStatus
from urllib.parse import urlsplit


def _status(url: str, timeout_seconds: float) -> int | None:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=timeout_seconds)
    try:
        connection.request("GET", parts.path or "/")
        return connection.getresponse().status
    except http.client.HTTPException:
        return None
    finally:
        connection.close()


def answers_ok(url: str, timeout_seconds: float = 5.0) -> bool:
    """Whether a GET of `url` gives 200. Raises OSError when nothing listens."""
    return _status(url, timeout_seconds) == HTTPStatus.OK


def answers(url: str, timeout_seconds: float = 5.0) -> bool:
    """Whether a GET of `url` gives any answer but a server error. Raises OSError likewise."""
    status = _status(url, timeout_seconds)
    return status is not None and status < HTTPStatus.INTERNAL_SERVER_ERROR
