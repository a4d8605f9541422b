"""Routes: templates, constraints, precedence."""

import pytest

from local.host.http.constraints import parse_constraint
from local.host.http.routes import Route, RouteTable, parse_template


def find(path: str, *templates: str, method: str = "GET") -> tuple[str, dict[str, str]] | None:
    routes = [Route(parse_template(text), frozenset[str](), text) for text in templates]
    return RouteTable(routes).find(method, path)


@pytest.mark.parametrize(
    ("template", "path", "values"),
    [
        pytest.param("api/alerts", "/api/alerts", {}, id="literal"),
        pytest.param("api/alerts", "/API/Alerts/", {}, id="case and trailing slash do not matter"),
        pytest.param("api/alerts", "/api/alerts/1", None, id="too long"),
        pytest.param("a/{id}", "/a/x", {"id": "x"}, id="parameter"),
        pytest.param("a/{id}", "/a", None, id="parameter missing"),
        pytest.param("a/{id?}", "/a", {}, id="optional missing"),
        pytest.param("a/{id?}", "/a/x", {"id": "x"}, id="optional given"),
        pytest.param("a/{id=7}", "/a", {"id": "7"}, id="default"),
        pytest.param("a/{*rest}", "/a/b/c", {"rest": "b/c"}, id="catch-all"),
        pytest.param("a/{**rest}", "/a/b/c", {"rest": "b/c"}, id="catch-all, two stars"),
        pytest.param("a/{*rest}", "/a", {}, id="catch-all of nothing"),
        pytest.param("{page?}", "/", {}, id="the root, by an optional parameter"),
        pytest.param("{*path}", "/", {}, id="the root, by a catch-all"),
        pytest.param("/", "/", {}, id="the root, by a slash"),
        pytest.param("a/{id:int}", "/a/12", {"id": "12"}, id="constraint met"),
        pytest.param("a/{id:int}", "/a/x", None, id="constraint missed"),
        pytest.param("a/{id:int:min(3)}", "/a/2", None, id="second constraint missed"),
        pytest.param("a/{name}.json", "/a/b.json", {"name": "b"}, id="text around a parameter"),
        pytest.param("a/{x}-{y}", "/a/1-2", {"x": "1", "y": "2"}, id="two in a segment"),
        pytest.param("a/{id}", "/a/b%20c", {"id": "b c"}, id="escapes are decoded"),
        pytest.param("a/{id}", "/a/b%2fc", {"id": "b%2Fc"}, id="but an escaped slash stays"),
        pytest.param("a/{id:regex(^\\d{{2}}$)}", "/a/12", {"id": "12"}, id="regex"),
    ],
)
def test_matching(template: str, path: str, values: dict[str, str] | None) -> None:
    found = find(path, template)
    assert (found and found[1]) == values


@pytest.mark.parametrize(
    ("path", "winner"),
    [
        ("/api/summary", "api/summary"),
        ("/api/12", "api/{id:int}"),
        ("/api/x", "api/{id}"),
        ("/api/x/y", "{*path}"),
        ("/", "{*path}"),
    ],
)
def test_the_more_specific_route_wins(path: str, winner: str) -> None:
    found = find(path, "{*path}", "api/{id}", "api/{id:int}", "api/summary")
    assert found is not None
    assert found[0] == winner


def test_a_route_serves_its_methods_only() -> None:
    get = Route(parse_template("a"), frozenset({"GET"}), "get")
    patch = Route(parse_template("a"), frozenset({"PATCH"}), "patch")
    table = RouteTable([get, patch])
    assert table.find("PATCH", "/a") == ("patch", {})
    assert table.find("DELETE", "/a") is None


@pytest.mark.parametrize(
    ("constraint", "good", "bad"),
    [
        ("int", "-5", "2147483648"),
        ("long", "2147483648", "x"),
        ("bool", "True", "yes"),
        ("guid", "8f8d0c5e-2f0a-4f7e-9d57-0e8f2a4f1f6d", "8f8d"),
        ("datetime", "2026-01-01", "soon"),
        ("decimal", "1.5", "x"),
        ("double", "1e3", "x"),
        ("float", "1.5", "x"),
        ("alpha", "abc", "a1"),
        ("length(2)", "ab", "abc"),
        ("length(2,3)", "abc", "abcd"),
        ("minlength(2)", "ab", "a"),
        ("maxlength(2)", "ab", "abc"),
        ("min(3)", "3", "2"),
        ("max(3)", "3", "4"),
        ("range(1,3)", "3", "4"),
        ("regex(^a+$)", "aa", "ab"),
        ("required", "a", ""),
    ],
)
def test_constraints(constraint: str, good: str, bad: str) -> None:
    check = parse_constraint(constraint)
    assert check(good)
    assert not check(bad)


@pytest.mark.parametrize(
    ("template", "words"),
    [
        pytest.param("a/{id:uuid}", "'uuid' is unknown", id="unknown constraint"),
        pytest.param("{id?}/a", "must come last", id="optional in the middle"),
        pytest.param("{*id}/a", "must come last", id="catch-all in the middle"),
        pytest.param("a/{id", "unmatched brace", id="open brace"),
        pytest.param("a/{}", "no usable parameter name", id="no name"),
    ],
)
def test_a_wrong_template_is_explained(template: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_template(template)
