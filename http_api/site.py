"""The page and its files at `/`, and the answer to whatever is not routed elsewhere.

That is a path that does not exist, and a method that Azure's library cannot name in a route
(TRACE, say) on a path that does: this route names no methods, so it gets all.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import azure.functions as func

from http_api.answers import Answer, digest
from http_api.blueprint import METHODS, bp, serve_open
from http_api.problems import missing
from http_api.requests import Request
from http_api.roles import ROUTES

ROOT: Final = Path(__file__).parent / "page" / "static"
_INDEX: Final = "index.html"
_MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
"""What is served; a file with another ending is not."""
_HEADERS: Final = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self';"
        " frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


_EVERYTHING: Final = "{*path}"


def _pattern(route: str) -> re.Pattern[str]:
    """What a route matches, as the host does: in any case, `{name}` a part and `{*name}` many."""
    parts = re.split(r"(\{\*?\w+\})", route)
    return re.compile("".join(map(_part_pattern, parts)), re.IGNORECASE)


def _part_pattern(part: str) -> str:
    if not part.startswith("{"):
        return re.escape(part)
    return ".+" if part[1] == "*" else "[^/]+"


@cache
def _methods() -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    """The methods of each route, those with a literal part before those that a parameter matches.

    Worked out when they are first asked for, which is seldom: a cold start does without.
    """
    return tuple(
        (_pattern(route), tuple(methods) or ("GET",))
        for route, methods in ROUTES.items()
        if route != _EVERYTHING
    )


@bp.route(_EVERYTHING, auth_level=func.AuthLevel.ANONYMOUS)
async def page(req: func.HttpRequest) -> func.HttpResponse:
    """The page's files; a path under `api/` that has no route does not exist."""
    path = req.route_params.get("path", "")
    if path == "api" or path.startswith("api/"):
        methods = () if req.method in METHODS else methods_of(path)
        return await serve_open(req, dict.fromkeys(methods or (*METHODS, req.method), refuse_path))
    return await serve_open(req, {"GET": show_file})


def methods_of(path: str) -> tuple[str, ...]:
    """The methods that a path of the API has; none where it does not exist."""
    found = (methods for pattern, methods in _methods() if pattern.fullmatch(path))
    return next(found, ())


def refuse_path(request: Request) -> Answer:
    """404, whatever the method."""
    raise missing(f"The path /{request.path.get('path', '')}")


def show_file(request: Request) -> Answer:
    """A file of the page; the page itself for the root."""
    found = FILES.find(request.path.get("path", "").strip("/") or _INDEX)
    if found is None:
        raise missing(f"The file /{request.path.get('path', '')}")
    return found


@dataclass(frozen=True, slots=True)
class _Kept:
    stamp: tuple[int, int]
    answer: Answer


class Files:
    """The files below a folder, each read again only when it has changed."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._kept: dict[str, _Kept] = {}

    def find(self, name: str) -> Answer | None:
        """The file with that path below the folder, or None; never one outside it."""
        media_type = _MEDIA_TYPES.get(Path(name).suffix.lower())
        if media_type is None or "\0" in name or "\\" in name:
            return None
        path = (self._root / name).resolve()
        if not path.is_relative_to(self._root) or not path.is_file():
            return None
        status = path.stat()
        stamp = (status.st_mtime_ns, status.st_size)
        kept = self._kept.get(name)
        if kept is None or kept.stamp != stamp:
            body = path.read_bytes()
            answer = Answer(200, body, media_type, etag=digest(body), headers=_HEADERS)
            kept = self._kept[name] = _Kept(stamp, answer)
        return kept.answer


FILES: Final = Files(ROOT)
