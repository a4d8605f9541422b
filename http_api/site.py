"""The page and its files at `/`, and the answer to whatever is not routed elsewhere.

The page is shipped as `local.page` bundles it, in `page/built`: a few files whose names hold the
digest of their content, which browsers keep for ever. A working tree has the sources beside it, in
`page/static`, and serves them while any of them is newer than the bundle.

What is not routed elsewhere is a path that does not exist, and a method that Azure's library cannot
name in a route (TRACE, say) on a path that does: this route names no methods, so it gets all.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import azure.functions as func

from http_api.blueprint import METHODS, bp, serve_open
from http_api.problems import missing
from http_api.requests import Request
from http_api.responses import Response, digest
from http_api.roles import ROUTES

PAGE: Final = Path(__file__).parent / "page"
_INDEX: Final = "index.html"
_STAMP: Final = "built-from.txt"
"""The file that a build leaves last, in each folder that it fills."""
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
_NAMED_BY_CONTENT: Final = re.compile(r"assets/[\w.-]+-[A-Z0-9]{8}\.\w+")
_KEEP: Final = "public, max-age=31536000, immutable"
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


def refuse_path(request: Request) -> Response:
    """404, whatever the method."""
    raise missing(f"The path /{request.path.get('path', '')}")


def show_file(request: Request) -> Response:
    """A file of the page; the page itself for the root, or what to run where it is not built."""
    name = request.path.get("path", "").strip("/") or _INDEX
    found = SITE.find(name)
    if found is None and name == _INDEX:
        return Response(503, _NOT_BUILT, _MEDIA_TYPES[".html"], headers=_HEADERS)
    if found is None:
        raise missing(f"The file /{request.path.get('path', '')}")
    return found


_NOT_BUILT: Final = b"""<!doctype html>
<html lang="en">
<title>The page is not built</title>
<h1>The page is not built</h1>
<p>Run <code>make setup</code> (or <code>.venv/bin/python -m local.page</code>) where the service
was started from, then load this page again. A package that is deployed is built with
<code>make package</code>.</p>
<p>The API answers all the same: see <a href="api/health">api/health</a>.</p>
</html>
"""


@dataclass(frozen=True, slots=True)
class _Kept:
    stamp: tuple[int, int]
    response: Response


class Files:
    """The files below a folder, each read again only when it has changed."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._kept: dict[str, _Kept] = {}

    def find(self, name: str) -> Response | None:
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
            headers = _HEADERS
            if _NAMED_BY_CONTENT.fullmatch(name):
                headers = {**_HEADERS, "Cache-Control": _KEEP}
            response = Response(200, body, media_type, etag=digest(body), headers=headers)
            kept = self._kept[name] = _Kept(stamp, response)
        return kept.response


class Site:
    """The page's files: as bundled, or as written while the bundle is not of them."""

    def __init__(self, page: Path) -> None:
        self._built, self._sources = Files(page / "built"), Files(page / "static")
        self._page = page

    def find(self, name: str) -> Response | None:
        """The file of that name, or None; the page itself only where what it names is there."""
        if name != _INDEX:
            return self._built.find(name) or self._sources.find(name)
        built = self._page / "built" / _STAMP
        if built.is_file() and not self._is_newer_than(built.stat().st_mtime_ns):
            return self._built.find(name)
        return self._sources.find(name) if self._has_vendor_files() else None

    def _has_vendor_files(self) -> bool:
        return (self._page / "static" / "vendor" / _STAMP).is_file()

    def _is_newer_than(self, built: int) -> bool:
        """Whether a source was written after the bundle; there are none where it is deployed."""
        sources = self._page / "static"
        return any(
            path.stat().st_mtime_ns > built
            for path in sources.rglob("*")
            if path.relative_to(sources).parts[0] != "vendor"
        )


SITE: Final = Site(PAGE)
