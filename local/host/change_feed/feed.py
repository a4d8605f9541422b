"""Read the change feed of a container, one physical partition at a time, over Cosmos DB's REST API.

The Python SDK no longer reads by partition-key range, which is what a lease stands for, so this
speaks the documented protocol itself: `A-IM: Incremental Feed` with the last ETag in
`If-None-Match`; 304 means that there is nothing new.
"""

import base64
import hashlib
import hmac
import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

import aiohttp
import orjson

from local.host.errors import SettingsError

_API_VERSION = "2020-07-15"
_TRANSIENT = frozenset({408, 410, 429, 449, 500, 502, 503, 504})
#: Substatuses of 410 that say that the partition was split or merged.
_SPLIT = frozenset({"1002", "1007"})


class FeedError(Exception):
    """The feed cannot be read; the message says why."""


class FeedUnavailableError(FeedError):
    """The feed cannot be read for now; `retry_after` is in seconds, 0 = the service did not say."""

    def __init__(self, reason: str, retry_after: float = 0.0) -> None:
        """Keep how long the service asks to wait."""
        super().__init__(reason)
        self.retry_after = retry_after


class RangeGoneError(FeedError):
    """The partition was split or merged: others cover its range now."""


class NotFoundError(FeedError):
    """The database or the container does not exist."""


@dataclass(frozen=True, slots=True)
class PartitionRange:
    """A physical partition: its id, the hashes that it covers, the partitions that it came from."""

    id: str
    bounds: tuple[str, str]
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FeedPage:
    """A page of changes; `documents` is a JSON array, empty text = nothing new."""

    documents: str
    continuation: str | None


class Feed(Protocol):
    """What the trigger needs of the monitored container."""

    async def identify(self) -> tuple[str, str]:
        """Return the resource ids of the database and the container."""

    async def ranges(self) -> list[PartitionRange]:
        """Return the container's physical partitions."""

    async def read(
        self, range_id: str, continuation: str | None, since: datetime | None, max_items: int
    ) -> FeedPage:
        """Read the next page; `since` counts only without a continuation (None = all changes)."""


@dataclass(frozen=True, slots=True)
class CosmosConnection:
    """An account's endpoint and key."""

    endpoint: str
    key: str

    @property
    def host(self) -> str:
        """The endpoint's host name."""
        return urlsplit(self.endpoint).hostname or ""

    @property
    def is_loopback(self) -> bool:
        """Whether the account is an emulator on this machine."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @classmethod
    def parse(cls, text: str) -> "CosmosConnection":
        """Read a connection string.

        Raises:
            SettingsError: the endpoint or the key is missing.

        """
        parts = dict(part.split("=", 1) for part in text.split(";") if "=" in part)
        endpoint, key = parts.get("AccountEndpoint", ""), parts.get("AccountKey", "")
        if not endpoint or not key:
            raise SettingsError(
                "the Cosmos DB connection string must read AccountEndpoint=…;AccountKey=…;"
            )
        return cls(endpoint.rstrip("/"), key)


class CosmosFeed:
    """The change feed of one container."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        connection: CosmosConnection,
        database: str,
        container: str,
        now: Callable[[], datetime],
    ) -> None:
        """Use the session, which somebody else closes."""
        self._session = session
        self._connection = connection
        self._database = f"dbs/{database}"
        self._container = f"dbs/{database}/colls/{container}"
        self._now = now

    async def identify(self) -> tuple[str, str]:
        """Return the resource ids of the database and the container."""
        _, database, _ = await self._get("dbs", self._database)
        _, container, _ = await self._get("colls", self._container)
        return orjson.loads(database)["_rid"], orjson.loads(container)["_rid"]

    async def ranges(self) -> list[PartitionRange]:
        """Return the container's physical partitions."""
        _, body, _ = await self._get("pkranges", self._container, feed="pkranges")
        return [
            PartitionRange(
                raw["id"],
                (raw["minInclusive"], raw["maxExclusive"]),
                tuple(raw.get("parents") or ()),
            )
            for raw in orjson.loads(body)["PartitionKeyRanges"]
        ]

    async def read(
        self, range_id: str, continuation: str | None, since: datetime | None, max_items: int
    ) -> FeedPage:
        """Read the next page; `since` counts only without a continuation (None = all changes)."""
        headers = {
            "A-IM": "Incremental Feed",
            "x-ms-documentdb-partitionkeyrangeid": range_id,
            "x-ms-max-item-count": str(max_items),
        }
        if continuation:
            headers["If-None-Match"] = continuation
        elif since is not None:
            headers["If-Modified-Since"] = format_datetime(since.astimezone(UTC), usegmt=True)
        status, body, etag = await self._get("docs", self._container, feed="docs", headers=headers)
        documents = [] if status == HTTPStatus.NOT_MODIFIED else orjson.loads(body)["Documents"]
        return FeedPage(orjson.dumps(documents).decode() if documents else "", etag or continuation)

    async def _get(
        self,
        resource_type: str,
        link: str,
        feed: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes, str | None]:
        date = format_datetime(self._now(), usegmt=True).lower()
        signed = {
            "authorization": _authorization(self._connection.key, resource_type, link, date),
            "x-ms-date": date,
            "x-ms-version": _API_VERSION,
            "accept": "application/json",
            **(headers or {}),
        }
        path = quote(f"/{link}/{feed}".rstrip("/"))
        # The certificate of an emulator on this machine is its own.
        ssl = not self._connection.is_loopback
        try:
            async with self._session.get(
                self._connection.endpoint + path, headers=signed, ssl=ssl
            ) as response:
                body = await response.read()
                _check(response.status, response.headers, body, link)
                return response.status, body, response.headers.get("etag")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise FeedUnavailableError(f"{self._connection.endpoint}: {error!r}") from error


def _check(status: int, headers: Mapping[str, str], body: bytes, link: str) -> None:
    if status in {HTTPStatus.OK, HTTPStatus.NOT_MODIFIED}:
        return
    reason = f"{link}: status {status}: {body[:300].decode(errors='replace')}"
    if status == HTTPStatus.GONE and headers.get("x-ms-substatus") in _SPLIT:
        raise RangeGoneError(reason)
    if status == HTTPStatus.NOT_FOUND:
        raise NotFoundError(reason)
    if status in _TRANSIENT:
        milliseconds = float(headers.get("x-ms-retry-after-ms", 0))
        raise FeedUnavailableError(reason, milliseconds / 1000)
    raise FeedError(reason)


def _authorization(key: str, resource_type: str, link: str, date: str) -> str:
    """Sign a GET with the account's key, as Cosmos DB's REST reference describes."""
    text = f"get\n{resource_type}\n{link}\n{date}\n\n"
    digest = hmac.new(base64.b64decode(key), text.encode(), hashlib.sha256).digest()
    signature = base64.b64encode(digest).decode()
    return quote(f"type=master&ver=1.0&sig={signature}", safe="-_.!~*'()")


def describe(error: Any) -> str:
    """Return a failure in one line."""
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__
