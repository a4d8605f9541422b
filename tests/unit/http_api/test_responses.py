"""Answers: validators, compression, security headers, and one shape for every problem."""

import gzip
import json
from dataclasses import replace

import pytest

from http_api import problems
from http_api.problems import FieldError, Problem
from http_api.responses import Response, accepts_gzip, finish, json_response, problem_response
from tests.unit.http_api.requests_made import request_for

GZIP = {"Accept-Encoding": "gzip"}


def sent(answer: Response, **headers: str) -> Response:
    return finish(answer, request_for(headers={k.replace("_", "-"): v for k, v in headers.items()}))


def test_json_is_compact_and_keeps_its_letters() -> None:
    assert json_response({"a": ["ü", 1]}).body == '{"a":["ü",1]}'.encode()


def test_half_a_surrogate_pair_stays_escaped() -> None:
    assert json.loads(json_response({"a": "\ud800"}).body) == {"a": "\ud800"}


@pytest.mark.parametrize(
    ("known", "status"),
    [
        pytest.param('"v1"', 304, id="has it"),
        pytest.param('W/"v1"', 304, id="has it, weakened by a proxy"),
        pytest.param('"v0", "v1"', 304, id="has it among others"),
        pytest.param("*", 304, id="has any"),
        pytest.param('"v0"', 200, id="has another"),
        pytest.param("", 200, id="has none"),
    ],
)
def test_what_the_client_has_is_not_sent_again(known: str, status: int) -> None:
    answer = sent(json_response({"a": 1}, etag="v1"), If_None_Match=known)
    assert answer.status == status
    assert bool(answer.body) is (status == 200)
    assert answer.headers["ETag"] == '"v1"'


def test_a_change_is_always_answered_in_full() -> None:
    request = request_for(method="PATCH", headers={"If-None-Match": '"v1"'})
    assert finish(json_response({}, etag="v1"), request).status == 200


def test_without_a_version_of_its_own_the_body_is_one() -> None:
    assert json_response([1]).etag == json_response([1]).etag != json_response([2]).etag


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("gzip", True),
        ("deflate, GZIP;q=0.5", True),
        ("*", True),
        ("br", False),
        ("gzip;q=0", False),
        ("gzip; q=0.0, *", False),
        ("gzip;q=nonsense", True),
        ("", False),
    ],
)
def test_gzip_is_used_where_it_is_taken(header: str, accepted: bool) -> None:
    assert accepts_gzip(request_for(headers={"Accept-Encoding": header})) is accepted


def test_a_body_of_some_size_is_compressed() -> None:
    plain = json_response({"a": "b" * 2_000})
    answer = finish(plain, request_for(headers=GZIP))
    assert gzip.decompress(answer.body) == plain.body
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(json_response({"a": 1}), id="small"),
        pytest.param(Response(200, b"x" * 5_000, "font/woff2"), id="compressed already"),
    ],
)
def test_what_would_not_shrink_is_sent_as_it_is(answer: Response) -> None:
    assert "Content-Encoding" not in finish(answer, request_for(headers=GZIP)).headers


@pytest.mark.parametrize(("forwarded", "told"), [("https", True), ("http", False)])
def test_over_https_browsers_are_told_to_stay_with_it(forwarded: str, told: bool) -> None:
    response = sent(json_response({}), X_Forwarded_Proto=forwarded)
    assert ("Strict-Transport-Security" in response.headers) is told


def test_every_answer_has_the_security_headers() -> None:
    headers = sent(json_response({})).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "private, no-cache"


PROBLEMS = [
    pytest.param(problems.invalid([FieldError("limit", "is odd", ("1", "2"), 3)]), 400, id="400"),
    pytest.param(problems.unauthenticated("Incidents.Read"), 401, id="401"),
    pytest.param(problems.forbidden("Admin"), 403, id="403"),
    pytest.param(problems.missing("The alert 1"), 404, id="404"),
    pytest.param(problems.method("POST", ("GET",)), 405, id="405"),
    pytest.param(problems.stale("v2"), 412, id="412"),
    pytest.param(problems.too_large(65_536), 413, id="413"),
    pytest.param(problems.media("text/plain", "application/json"), 415, id="415"),
    pytest.param(problems.unconditional(), 428, id="428"),
    pytest.param(problems.fault("f00"), 500, id="500"),
    pytest.param(problems.busy(2), 503, id="503"),
]


@pytest.mark.parametrize(("problem", "status"), PROBLEMS)
def test_every_problem_has_one_shape(problem: Problem, status: int) -> None:
    answer = sent(problem_response(problem))
    body = json.loads(answer.body)
    assert answer.status == body["status"] == status
    assert answer.media_type == "application/problem+json"
    assert body["type"].startswith("urn:problem:")
    assert body["title"]
    assert body["detail"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert body.keys() <= {"type", "title", "status", "detail", "errors", "reference", "role"}


@pytest.mark.parametrize(
    ("problem", "header", "value"),
    [
        (problems.unauthenticated("Admin"), "WWW-Authenticate", "Bearer"),
        (problems.method("POST", ("GET", "HEAD")), "Allow", "GET, HEAD"),
        (problems.busy(2), "Retry-After", "2"),
        (problems.stale("v2"), "ETag", '"v2"'),
    ],
    ids=["401", "405", "503", "412"],
)
def test_problems_that_need_a_header_have_it(problem: Problem, header: str, value: str) -> None:
    assert problem_response(problem).headers[header] == value


def test_an_error_names_its_field_what_is_allowed_and_its_place() -> None:
    body = problems.invalid([FieldError("limit", "is odd", ("1", "2"), 3)]).view()
    assert body["errors"] == [
        {"index": 3, "field": "limit", "reason": "is odd", "allowed": ["1", "2"]}
    ]
    assert body["detail"] == "limit: is odd"


def test_a_file_of_the_page_keeps_its_own_headers() -> None:
    answer = replace(Response(200, b"x", "text/css"), headers={"Cache-Control": "no-cache"})
    assert sent(answer).headers["Cache-Control"] == "no-cache"
