"""Responses, and what all have in common: validators, compression, security headers."""

import gzip
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from http_api.problems import MEDIA_TYPE, Problem
from http_api.requests import Request, entity_tags

JSON: Final = "application/json"
_LEAST_COMPRESSED: Final = 1_024
_COMPRESSION: Final = 5
_COMPRESSIBLE: Final = (
    "text/",
    JSON,
    MEDIA_TYPE,
    "image/svg+xml",
    "application/manifest+json",
    "application/stix+json",
)
_COMMON: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_SECURE: Final = {"Strict-Transport-Security": "max-age=31536000"}
"""For a year this host is asked by HTTPS alone; it says nothing of other hosts of its domain."""
DATA_HEADERS: Final = {
    "Cache-Control": "private, no-cache",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


@dataclass(frozen=True, slots=True)
class Response:
    """What goes back: status, body and its type, the version (without quotes), more headers."""

    status: int
    body: bytes = b""
    media_type: str = JSON
    etag: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def json_body(value: Any) -> bytes:
    """Compact JSON in UTF-8; half a surrogate pair, which UTF-8 cannot hold, stays escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()


def json_response(
    value: Any, *, status: int = 200, etag: str = "", headers: Mapping[str, str] | None = None
) -> Response:
    """JSON for a client that may see it; without an etag, the body's digest is one."""
    body = json_body(value)
    version = etag or digest(body)
    return Response(status, body, etag=version, headers={**DATA_HEADERS, **(headers or {})})


def problem_response(problem: Problem) -> Response:
    """The one rendering of everything that is wrong."""
    body = json_body(problem.view())
    headers = {**DATA_HEADERS, "Cache-Control": "no-store", **problem.headers}
    return Response(problem.status, body, MEDIA_TYPE, headers=headers)


def digest(body: bytes) -> str:
    """A version for a body that has none of its own."""
    return hashlib.sha256(body).hexdigest()[:32]


def finish(response: Response, request: Request) -> Response:
    """The response as it is sent: 304 for what the client has, compressed if it may be.

    HEAD needs nothing here: the platform sends no body to it.
    """
    headers = {**_COMMON, **(_SECURE if request.is_secure else {}), **response.headers}
    if response.etag:
        headers["ETag"] = f'"{response.etag}"'
    if _is_compressible(response):
        headers["Vary"] = "Accept-Encoding"
    if response.status == 200 and _client_has(response.etag, request):
        return replace(response, status=304, body=b"", headers=headers)
    body = response.body
    if _is_compressible(response) and len(body) >= _LEAST_COMPRESSED and accepts_gzip(request):
        body = gzip.compress(body, _COMPRESSION, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return replace(response, body=body, headers=headers)


def _is_compressible(response: Response) -> bool:
    return response.media_type.startswith(_COMPRESSIBLE)


def _client_has(etag: str, request: Request) -> bool:
    if request.method not in ("GET", "HEAD") or not etag:
        return False
    known = entity_tags(request.headers.get("if-none-match", ""))
    return etag in known or "*" in known


def accepts_gzip(request: Request) -> bool:
    """Whether the client takes gzip: named, or covered by `*`, and not with a quality of zero."""
    qualities = {}
    for part in request.headers.get("accept-encoding", "").lower().split(","):
        name, _, parameter = part.partition(";")
        qualities[name.strip()] = parameter.replace(" ", "")
    quality = qualities.get("gzip", qualities.get("*"))
    return quality is not None and not _is_zero(quality)


def _is_zero(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    try:
        return name == "q" and float(value) == 0
    except ValueError:
        return False
