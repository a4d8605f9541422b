"""Response headers that the SDK reads, for operations on items."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from local.cosmos.messages import ITEM_COUNT, JSON_TYPE, RANGE_ID, SESSION_TOKEN, Headers

if TYPE_CHECKING:
    from local.cosmos.partition import PhysicalRange
    from local.cosmos.store.containers import Container


def session_token(container: Container, physical: PhysicalRange) -> bytes:
    """The session token of one physical range after the last write: `id:-1#lsn`."""
    return f"{physical.id}:-1#{container.lsn}".encode()


def item_headers(container: Container, physical: PhysicalRange) -> Headers:
    """What every reply about items of one physical range carries."""
    lsn = b"%d" % container.lsn
    return [
        JSON_TYPE,
        (SESSION_TOKEN, session_token(container, physical)),
        (RANGE_ID, physical.id.encode()),
        (b"lsn", lsn),
        (b"x-ms-global-committed-lsn", lsn),
        (b"x-ms-alt-content-path", quoted(container.name_link)),
        (b"x-ms-content-path", container.resource.rid_text.encode()),
    ]


def list_headers(container: Container, physical: PhysicalRange, count: int) -> Headers:
    """What a reply with a list of items carries."""
    return [*item_headers(container, physical), (ITEM_COUNT, b"%d" % count)]


def quoted(text: str) -> bytes:
    """Header-safe text; what is not Latin-1 is percent-encoded."""
    try:
        return text.encode("ascii")
    except UnicodeEncodeError:
        return quote(text, safe="/ ").encode()


def feed_body(container: Container, documents: list[bytes]) -> bytes:
    """The envelope of a list of items."""
    return b'{"_rid":"%s","Documents":[%s],"_count":%d}' % (
        container.resource.rid_text.encode(),
        b",".join(documents),
        len(documents),
    )
