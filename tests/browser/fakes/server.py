"""Serves the page's files and the API over a `World`, under the app's security policy."""

import hashlib
import json
import mimetypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.browser.fakes.api import Behaviour, Call, Problem, answer
from tests.browser.fakes.world import World

PAGE: Final = Path(__file__).resolve().parents[3] / "http_api" / "page"
STATIC: Final = PAGE / "static"
BUILT: Final = PAGE / "built"
POLICY: Final = "default-src 'self'"


class Fake:
    """A running stand-in: where it listens, what it holds, how it behaves.

    `files` are the page's; with `keep_files`, browsers may keep them and not ask for them again.
    """

    def __init__(self, world: World, url: str, files: Path, *, keep_files: bool) -> None:
        self.world = world
        self.url = url
        self.files = files
        self.keep_files = keep_files
        self.behaviour = Behaviour()

    def calls(self, method: str, path: str) -> list[int]:
        """The statuses that calls of a path got, oldest first."""
        return [s for m, p, s in self.behaviour.statuses if m == method and p == path]


@contextmanager
def serve(world: World, files: Path = STATIC, *, keep_files: bool = False) -> Iterator[Fake]:
    """Serve a world on a free port until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    url = f"http://127.0.0.1:{server.server_port}/"
    fake = Fake(world, url, files, keep_files=keep_files)
    server.fake = fake  # type: ignore[attr-defined] # the handler's way to reach it
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Keep quiet."""

    def do_GET(self) -> None:
        self._answer()

    do_PATCH = do_POST = do_PUT = do_DELETE = do_GET

    @property
    def _fake(self) -> Fake:
        return self.server.fake  # type: ignore[attr-defined,no-any-return] # set by `serve`

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        if not parts.path.startswith("/api/"):
            self._file(unquote(parts.path))
            return
        path = parts.path.removeprefix("/api/")
        length = int(self.headers["Content-Length"] or 0)
        sent = json.loads(self.rfile.read(length)) if length else None
        headers = {name.lower(): value for name, value in self.headers.items()}
        decoded = tuple(map(unquote, path.split("/")))
        call = Call(self.command, decoded, dict(parse_qsl(parts.query)), headers, sent)
        try:
            status, body = answer(self._fake.world, self._fake.behaviour, call)
        except Problem as problem:
            status, body = problem.status, problem.view()
        self._json(unquote(path), status, body)

    def _file(self, path: str) -> None:
        file = self._fake.files / (path.lstrip("/") or "index.html")
        if not file.is_file():
            self._send(404, b"", "text/plain", {})
            return
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        age = 3600 if self._fake.keep_files else 0
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": f"max-age={age}"}
        self._send(200, file.read_bytes(), kind, headers)

    def _json(self, path: str, status: int, body: Any) -> None:
        data = b"" if body is None else json.dumps(body).encode()
        etag = body["etag"] if isinstance(body, dict) and "etag" in body else None
        etag = etag or f'"{hashlib.sha256(data).hexdigest()[:16]}"'
        if status == 200 and self.command == "GET" and self.headers["If-None-Match"] == etag:
            status, data = 304, b""
        self._fake.behaviour.statuses.append((self.command, path, status))
        headers = {"ETag": etag} if status in (200, 304) else {}
        if status == 308:
            headers["Location"] = f"/api/incidents/{body['incidentId']}"
        if isinstance(body, str):
            data = body.encode()
            headers["Content-Disposition"] = 'attachment; filename="incident.md"'
        kind = "application/json" if status < 400 else "application/problem+json"
        self._send(status, data, kind, headers)

    def _send(self, status: int, data: bytes, kind: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)
