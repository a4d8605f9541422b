"""The page's files: only they are served, each with its type and version."""

import os
import shutil
from pathlib import Path

import pytest

from http_api import site
from http_api.problems import Problem
from http_api.responses import Response
from http_api.roles import ROUTES
from http_api.site import Files, Site, methods_of, refuse_path, show_file
from tests.unit.http_api.requests_made import request_for


@pytest.fixture
def files(tmp_path: Path) -> Files:
    root = tmp_path / "static"
    (root / "views").mkdir(parents=True)
    (root / "index.html").write_text("<!doctype html>")
    (root / "views" / "list.js").write_text("export {};")
    (root / ".hidden").write_text("x")
    (tmp_path / "secret.js").write_text("x")
    (root / "link.js").symlink_to(tmp_path / "secret.js")
    return Files(root)


def found(files: Files, name: str) -> Response:
    answer = files.find(name)
    assert answer is not None
    return answer


def test_a_file_has_its_type_its_version_and_a_strict_policy(files: Files) -> None:
    answer = found(files, "views/list.js")
    assert answer.body == b"export {};"
    assert answer.media_type == "text/javascript; charset=utf-8"
    assert answer.etag
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self';")
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("absent.js", id="not there"),
        pytest.param("../secret.js", id="above"),
        pytest.param("views/../../secret.js", id="above, by a detour"),
        pytest.param("/etc/passwd.txt", id="absolute"),
        pytest.param("link.js", id="a link that leads outside"),
        pytest.param(".hidden", id="without a type"),
        pytest.param("views", id="a folder"),
        pytest.param("views\\list.js", id="backslash"),
        pytest.param("index.html\0.js", id="null"),
        pytest.param("", id="nothing"),
    ],
)
def test_nothing_else_is_served(files: Files, name: str) -> None:
    assert files.find(name) is None


def test_a_file_that_changed_is_read_again(files: Files, tmp_path: Path) -> None:
    before = found(files, "index.html")
    assert found(files, "index.html") is before
    page = tmp_path / "static" / "index.html"
    page.write_text("<!doctype html><title>New</title>")
    os.utime(page, ns=(1, 1))
    after = found(files, "index.html")
    assert b"New" in after.body
    assert after.etag != before.etag


HASHED = "assets/app-NHFIIAFJ.js"


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A page's folder: its sources with what they need of npm, and the bundle, built later."""
    for name in ("static/index.html", "static/app.js", "static/vendor/built-from.txt"):
        write(tmp_path / name, f"source of {name}", at=1)
    for name in ("built/index.html", f"built/{HASHED}", "built/built-from.txt"):
        write(tmp_path / name, f"bundle of {name}", at=2)
    return tmp_path


def write(path: Path, text: str, *, at: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, ns=(at, at))


def index(page: Path) -> bytes | None:
    answer = Site(page).find("index.html")
    return None if answer is None else answer.body


def test_the_bundle_is_served(page: Path) -> None:
    assert index(page) == b"bundle of built/index.html"


def test_a_source_that_is_newer_than_the_bundle_is_served_in_its_place(page: Path) -> None:
    write(page / "static" / "app.js", "changed", at=3)
    assert index(page) == b"source of static/index.html"


def test_a_package_holds_the_bundle_alone(page: Path) -> None:
    shutil.rmtree(page / "static")
    assert index(page) == b"bundle of built/index.html"


def test_a_file_that_is_named_by_its_content_is_kept_for_ever(page: Path) -> None:
    answer = Site(page).find(HASHED)
    assert answer is not None
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("name", ["index.html", "app.js"])
def test_any_other_file_is_asked_for_again(page: Path, name: str) -> None:
    answer = Site(page).find(name)
    assert answer is not None
    assert answer.headers["Cache-Control"] == "no-cache"


def test_a_page_that_is_not_built_says_what_to_run(
    page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(page / "built")
    shutil.rmtree(page / "static" / "vendor")
    monkeypatch.setattr(site, "SITE", Site(page))
    answer = show_file(request_for("/", values={"path": ""}))
    assert answer.status == 503
    assert b"make setup" in answer.body


def test_a_path_of_the_api_without_a_route_does_not_exist() -> None:
    with pytest.raises(Problem) as caught:
        refuse_path(request_for("/api/nothing", values={"path": "api/nothing"}))
    assert caught.value.status == 404


@pytest.mark.parametrize("route", [each for each in ROUTES if each.startswith("api/")])
def test_each_route_of_the_api_is_known_by_its_path(route: str) -> None:
    path = route.replace("{*value}", "a/b").replace("{", "").replace("}", "")
    assert set(methods_of(path.upper())) == set(ROUTES[route] or ("GET",))


@pytest.mark.parametrize(
    "path", ["api", "api/nothing", "api/alerts/a/b", "api/incidents/i/alertsx"]
)
def test_a_path_that_does_not_exist_has_no_methods(path: str) -> None:
    assert methods_of(path) == ()
