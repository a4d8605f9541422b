"""Serves the page's files and the API over a `World`, under the app's security policy."""

import base64
import hashlib
import json
import mimetypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from tests.browser.fakes.world import World

STATIC: Final = Path(__file__).resolve().parents[3] / "http_api" / "page" / "static"
POLICY: Final = "default-src 'self'"
OPENAPI: Final[dict[str, Any]] = {
    "paths": {
        "/api/rejected": {"get": {}},
        "/api/rejected/{id}/redrive": {"post": {}},
        "/api/incidents/{id}/export": {"get": {}},
    }
}
"""What the stand-in offers beyond the core."""


@dataclass(slots=True)
class Behaviour:
    """What a test makes the service do. `fail` is a status for every API call, or 0."""

    key: str = ""
    read_only: bool = False
    fail: int = 0
    missing: set[str] = field(default_factory=set)
    stale_next: bool = False
    statuses: list[tuple[str, str, int]] = field(default_factory=list)


class Fake:
    """A running stand-in: where it listens, what it holds, how it behaves.

    With `keep_files`, browsers may keep the page's files and not ask for them again.
    """

    def __init__(self, world: World, url: str, *, keep_files: bool) -> None:
        self.world = world
        self.url = url
        self.keep_files = keep_files
        self.behaviour = Behaviour()

    def calls(self, method: str, path: str) -> list[int]:
        """The statuses that calls of a path got, oldest first."""
        return [s for m, p, s in self.behaviour.statuses if m == method and p == path]


@contextmanager
def serve(world: World, *, keep_files: bool = False) -> Iterator[Fake]:
    """Serve a world on a free port until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    fake = Fake(world, f"http://127.0.0.1:{server.server_port}/", keep_files=keep_files)
    server.fake = fake  # type: ignore[attr-defined] # the handler's way to reach it
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Problem(Exception):  # noqa: N818 - an answer, not a fault of the stand-in
    def __init__(self, status: int, title: str, detail: str = "") -> None:
        self.status, self.title, self.detail = status, title, detail


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Keep quiet."""

    def do_GET(self) -> None:
        self._answer()

    def do_PATCH(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    @property
    def _fake(self) -> Fake:
        return self.server.fake  # type: ignore[attr-defined,no-any-return] # set by `serve`

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        if not parts.path.startswith("/api/"):
            self._file(unquote(parts.path))
            return
        path = unquote(parts.path.removeprefix("/api/"))
        try:
            status, body = self._api(path, dict(parse_qsl(parts.query)))
        except _Problem as problem:
            status = problem.status
            body = {"title": problem.title, "status": status, "detail": problem.detail}
        self._json(path, status, body)

    def _file(self, path: str) -> None:
        file = STATIC / (path.lstrip("/") or "index.html")
        if not file.is_file():
            self._send(404, b"", "text/plain", {})
            return
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        age = 3600 if self._fake.keep_files else 0
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": f"max-age={age}"}
        self._send(200, file.read_bytes(), kind, headers)

    def _json(self, path: str, status: int, body: Any) -> None:
        data = json.dumps(body).encode()
        etag = body["etag"] if isinstance(body, dict) and "etag" in body else None
        etag = etag or f'"{hashlib.sha256(data).hexdigest()[:16]}"'
        if status == 200 and self.command == "GET" and self.headers["If-None-Match"] == etag:
            status, data = 304, b""
        self._fake.behaviour.statuses.append((self.command, path, status))
        headers = {"ETag": etag} if status in (200, 304) else {}
        if status == 308:
            headers["Location"] = f"/api/incidents/{body['incidentId']}"
        kind = "application/json" if status < 400 else "application/problem+json"
        self._send(status, data, kind, headers)

    def _send(self, status: int, data: bytes, kind: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if status != 304:
            self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def _api(self, path: str, query: dict[str, str]) -> tuple[int, Any]:
        length = int(self.headers["Content-Length"] or 0)
        sent = json.loads(self.rfile.read(length)) if length else None
        self._check(path)
        world = self._fake.world
        with world.lock:
            if self.command == "PATCH":
                return self._change(path, sent)
            if self.command == "POST" and path.endswith("/redrive"):
                return 202, {}
            listed = _listed(world, path, query)
            if listed is not None:
                return 200, self._page(path, query, listed)
            return _single(world, path, query)

    def _check(self, path: str) -> None:
        behaviour = self._fake.behaviour
        if behaviour.fail:
            raise _Problem(behaviour.fail, "Failed", "The store does not answer.")
        if behaviour.key and self.headers["x-functions-key"] != behaviour.key:
            raise _Problem(401, "Unauthorized")
        if behaviour.read_only and self.command != "GET":
            raise _Problem(403, "Forbidden", "This needs the role Incidents.Triage.")
        if path.split("/", 1)[0] in behaviour.missing:
            raise _Problem(404, "Not found")

    def _page(self, path: str, query: dict[str, str], found: list[Any]) -> dict[str, Any]:
        size = int(query.get("limit", 50))
        start = int(base64.b64decode(query["cursor"])) if "cursor" in query else 0
        body: dict[str, Any] = {"value": found[start : start + size]}
        if start + size < len(found):
            cursor = base64.b64encode(str(start + size).encode()).decode()
            asked = urlencode({**query, "cursor": cursor})
            body["nextLink"] = f"http://elsewhere.invalid/api/{quote(path)}?{asked}"
        return body

    def _change(self, path: str, sent: Any) -> tuple[int, Any]:
        kind, key = path.split("/")
        world, behaviour = self._fake.world, self._fake.behaviour
        place = world.incidents if kind == "incidents" else world.alerts
        if key not in place:
            raise _Problem(404, "Not found")
        if "If-Match" not in self.headers:
            raise _Problem(428, "Precondition required")
        if behaviour.stale_next or self.headers["If-Match"] != place[key]["etag"]:
            behaviour.stale_next = False
            raise _Problem(412, "Precondition failed")
        return 200, world.change(place, key, sent)


def _listed(world: World, path: str, query: dict[str, str]) -> list[Any] | None:
    """What a list holds in all, or None where the path is no list."""
    match path.split("/"):
        case ["incidents" | "alerts" as kind]:
            return world.entries(kind, query)
        case ["feed"]:
            return world.entries(query["show"], query)
        case ["incidents", one, "alerts"]:
            return world.incident_alerts(one)
        case ["rejected"]:
            return world.rejected
    return None


def _single(world: World, path: str, query: dict[str, str]) -> tuple[int, Any]:
    """The status and body of everything that is no list."""
    match path.split("/"):
        case ["summary"]:
            return 200, world.summary(query)
        case ["incidents", one] if one in world.moved:
            return 308, {"incidentId": world.moved[one]}
        case ["incidents", one] if one in world.incidents:
            return 200, world.incidents[one]
        case ["alerts", one] if one in world.alerts:
            return 200, world.alert_detail(world.alerts[one])
        case ["openapi.json"]:
            return 200, OPENAPI
    raise _Problem(404, "Not found", f"There is nothing at {path}.")
