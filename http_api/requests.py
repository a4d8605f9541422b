"""A request as the endpoints see it: method, path values, query, headers, body."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from http_api.problems import FieldError, invalid, media, too_large, unconditional
from shared.strict_json import load

JSON_LIMIT: Final = 64 * 1024
"""The largest JSON body that a change may have, in bytes."""
_JSON_TYPES: Final = ("application/json", "application/merge-patch+json")
_WEAK: Final = "W/"


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. Header names are in lower case; a repeated parameter has several values."""

    method: str
    url: str
    path: Mapping[str, str]
    query: Mapping[str, tuple[str, ...]]
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def is_secure(self) -> bool:
        """Whether the client's connection is encrypted, also where a front end ends it."""
        forwarded = self.headers.get("x-forwarded-proto", "").partition(",")[0].strip()
        return (forwarded or urlsplit(self.url).scheme).lower() == "https"

    def json(self, *, limit: int = JSON_LIMIT) -> Any:
        """The body, read as JSON.

        Raises Problem when it is of another type, too large, or no JSON.
        """
        given = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if given not in _JSON_TYPES:
            raise media(given, _JSON_TYPES[0])
        if len(self.body) > limit:
            raise too_large(limit)
        if not self.body:
            raise invalid([FieldError("body", "is empty; JSON with a Content-Length is needed")])
        try:
            return load(self.body.decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            raise invalid([FieldError("body", f"is no JSON: {_where(error)}")]) from None

    def if_match(self) -> tuple[str, ...]:
        """The versions that a change may be based on; `*` stands for any.

        Raises Problem when the request names none.
        """
        versions = entity_tags(self.headers.get("if-match", ""))
        if not versions:
            raise unconditional()
        return versions


def read_request(
    method: str, url: str, path: Mapping[str, str], headers: Mapping[str, str], body: bytes
) -> Request:
    """A request from its parts as the platform gives them; the query is the one in the URL."""
    query: dict[str, tuple[str, ...]] = {}
    for name, value in parse_qsl(urlsplit(url).query, keep_blank_values=True):
        query[name] = (*query.get(name, ()), value)
    lowered = {name.lower(): value for name, value in headers.items()}
    return Request(method.upper(), url, dict(path), query, lowered, body)


LONGEST_URL: Final = 16 * 1024
LONGEST_FILE_NAME: Final = 255
"""Bytes of a name that file systems take."""
LONGEST_PART: Final = 4 * 1024
"""Bytes of one part of a path below `/api`: more than any value that is kept."""


def check_bounds(request: Request) -> None:
    """Raise Problem (400) for a URL that is longer than anything that is answered here."""
    if len(request.url) > LONGEST_URL:
        reason = f"has {len(request.url):,} characters; at most {LONGEST_URL:,} are read"
        raise invalid([FieldError("url", reason)])
    parts = unquote(urlsplit(request.url).path).strip("/").split("/")
    most = LONGEST_PART if parts[0] == "api" else LONGEST_FILE_NAME
    if any(len(part.encode("utf-8", "replace")) > most for part in parts):
        raise invalid([FieldError("path", f"has a part that is longer than {most:,} bytes")])


def entity_tags(header: str) -> tuple[str, ...]:
    """The entity tags in a header, without quotes; weak ones lose their mark.

    A proxy that compresses may have weakened a tag; it still names the same version.
    """
    tags = (part.strip().removeprefix(_WEAK).strip('"').strip() for part in header.split(","))
    return tuple(tag for tag in tags if tag)


def _where(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at line {error.lineno}, column {error.colno}"
    if isinstance(error, UnicodeDecodeError):
        return f"byte {error.start} is not UTF-8"
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
