"""Requests and responses as the handlers see them, apart from the server that carries them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from .errors import CosmosError, bad_request

if TYPE_CHECKING:
    from collections.abc import Mapping

Headers = list[tuple[bytes, bytes]]

ACTIVITY_ID = b"x-ms-activity-id"
AIM = b"a-im"
CONTENT_TYPE = b"content-type"
CONTINUATION = b"x-ms-continuation"
END_EPK = b"x-ms-end-epk"
ETAG = b"etag"
IF_MATCH = b"if-match"
IF_MODIFIED_SINCE = b"if-modified-since"
IF_NONE_MATCH = b"if-none-match"
INTENDED_RID = b"x-ms-cosmos-intended-collection-rid"
IS_UPSERT = b"x-ms-documentdb-is-upsert"
ITEM_COUNT = b"x-ms-item-count"
PAGE_SIZE = b"x-ms-max-item-count"
PARTITION_KEY = b"x-ms-documentdb-partitionkey"
RANGE_ID = b"x-ms-documentdb-partitionkeyrangeid"
REQUEST_CHARGE = b"x-ms-request-charge"
SESSION_TOKEN = b"x-ms-session-token"
START_EPK = b"x-ms-start-epk"
SUBSTATUS = b"x-ms-substatus"

JSON_TYPE = (CONTENT_TYPE, b"application/json")


@dataclass(slots=True)
class Request:
    """One HTTP request: method, decoded path segments, lower-cased headers, whole body."""

    method: str
    path: tuple[str, ...]
    headers: Mapping[bytes, bytes]
    body: bytes = b""
    base_url: str = ""

    def header(self, name: bytes) -> str | None:
        """The header's text, or None when the request does not carry it."""
        value = self.headers.get(name)
        return None if value is None else value.decode("latin-1")

    def flag(self, name: bytes) -> bool:
        """Whether the header is present and says true, in any case."""
        return self.headers.get(name, b"").lower() == b"true"

    def json_object(self) -> dict[str, Any]:
        """The body as a JSON object.

        Raises:
            CosmosError: 400 when it is not one.
        """
        value = parse_json(self.body)
        if not isinstance(value, dict):
            raise bad_request("The request body must be a JSON object.")
        return value

    def page_size(self, default: int) -> int:
        """The page size asked for (rows), or the default for none, zero and minus one."""
        text = self.headers.get(PAGE_SIZE)
        if text is None:
            return default
        try:
            size = int(text)
        except ValueError:
            raise bad_request("x-ms-max-item-count must be an integer.") from None
        if size < -1:
            raise bad_request("x-ms-max-item-count must be -1 or a positive integer.")
        return size if size > 0 else default


@dataclass(slots=True)
class Response:
    """One HTTP response; `charge` is the estimate of request units."""

    status: int
    body: bytes = b""
    headers: Headers = field(default_factory=list)
    charge: float = 1.0


def parse_json(body: bytes) -> Any:
    """Parse JSON, leniently about lone surrogates as the service is.

    Raises:
        CosmosError: 400 when the text is not JSON.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(body)
    except ValueError as error:
        raise bad_request(f"The request body is not valid JSON: {error}.") from error


def dump_json(value: Any) -> bytes:
    """Serialise to compact UTF-8 JSON; what orjson refuses goes the slower, escaping way."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, separators=(",", ":")).encode()


def json_response(status: int, value: Any, headers: Headers | None = None) -> Response:
    """A reply that carries a JSON value."""
    return Response(status, dump_json(value), [JSON_TYPE, *(headers or ())])


def error_response(error: CosmosError) -> Response:
    """The reply for a refusal: code, message and substatus as the SDK reads them."""
    if error.status == 304:
        return Response(304, b"", list(error.headers.items()))
    body = {"code": error.code, "message": error.message, **error.extra}
    headers: Headers = [JSON_TYPE, *error.headers.items()]
    if error.substatus:
        headers.append((SUBSTATUS, str(error.substatus).encode()))
    charge = 0.0 if error.status == 429 else 1.0
    return Response(error.status, dump_json(body), headers, charge)
