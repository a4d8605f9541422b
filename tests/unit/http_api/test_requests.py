"""Requests: bodies, versions, and who is behind them."""

import base64
import json
from typing import Any

import pytest

from http_api.identity import FUNCTION_KEY, who
from http_api.problems import Problem
from http_api.requests import (
    LONGEST_FILE_NAME,
    LONGEST_URL,
    check_bounds,
    entity_tags,
    read_request,
)
from tests.unit.http_api.requests_made import request_for

JSON = {"Content-Type": "application/json"}


def test_a_body_is_read_as_json() -> None:
    request = request_for(headers={"content-type": "application/JSON; charset=utf-8"}, body=b"[1]")
    assert request.json() == [1]


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        pytest.param({}, b"{}", 415, id="no type"),
        pytest.param({"Content-Type": "text/plain"}, b"{}", 415, id="another type"),
        pytest.param(JSON, b" " * 65_537, 413, id="too large"),
        pytest.param(JSON, b"", 400, id="empty, as a chunked body arrives"),
        pytest.param(JSON, b"{", 400, id="cut off"),
        pytest.param(JSON, b"\xff", 400, id="no UTF-8"),
        pytest.param(JSON, b"[" * 60_000, 400, id="nested too deeply"),
        pytest.param(JSON, b"[NaN]", 400, id="no JSON number"),
        pytest.param(JSON, b"1" * 10_000, 400, id="a number beyond reading"),
        pytest.param(JSON, b"[1e999]", 400, id="a number that is infinite"),
    ],
)
def test_a_body_that_cannot_be_used_is_refused(
    headers: dict[str, str], body: bytes, status: int
) -> None:
    with pytest.raises(Problem) as caught:
        request_for(headers=headers, body=body).json()
    assert caught.value.status == status


@pytest.mark.parametrize(
    ("header", "tags"),
    [
        pytest.param('"a"', ("a",), id="one"),
        pytest.param('"a", W/"b"', ("a", "b"), id="several, one weakened"),
        pytest.param("a", ("a",), id="without quotes"),
        pytest.param("*", ("*",), id="any"),
        pytest.param(" ", (), id="none"),
        pytest.param(',\t" ", ""', (), id="nothing but blanks in quotes"),
    ],
)
def test_entity_tags(header: str, tags: tuple[str, ...]) -> None:
    assert entity_tags(header) == tags


@pytest.mark.parametrize(
    ("path", "field"),
    [
        pytest.param("/" + "a" * LONGEST_FILE_NAME, None, id="a file name as long as may be"),
        pytest.param("/" + "a" * (LONGEST_FILE_NAME + 1), "path", id="a file name too long"),
        pytest.param("/" + "%C3%BC" * 128, "path", id="too long in bytes"),
        pytest.param("/api/entities/url/" + "a" * 1_000, None, id="a long value"),
        pytest.param("/api/entities/url/" + "a" * 5_000, "path", id="a value longer than any"),
        pytest.param("/api/alerts?q=" + "a" * LONGEST_URL, "url", id="the whole too long"),
    ],
)
def test_a_url_is_bounded(path: str, field: str | None) -> None:
    request = request_for(path)
    if field is None:
        check_bounds(request)
        return
    with pytest.raises(Problem) as caught:
        check_bounds(request)
    assert (caught.value.status, caught.value.errors[0].field) == (400, field)


@pytest.mark.parametrize(
    ("url", "forwarded", "secure"),
    [
        ("https://alerts.example/", "", True),
        ("http://alerts.example/", "", False),
        ("http://10.0.0.1/", "https", True),
        ("https://alerts.example/", "http", False),
        ("http://10.0.0.1/", "https, http", True),
    ],
)
def test_whether_the_clients_connection_is_encrypted(
    url: str, forwarded: str, secure: bool
) -> None:
    headers = {"X-Forwarded-Proto": forwarded} if forwarded else {}
    assert read_request("GET", url, {}, headers, b"").is_secure is secure


def test_a_change_needs_a_version() -> None:
    with pytest.raises(Problem) as caught:
        request_for().if_match()
    assert caught.value.status == 428


def principal(claims: Any, **more: Any) -> dict[str, str]:
    text = json.dumps({"auth_typ": "aad", "claims": claims, **more})
    return {"X-MS-CLIENT-PRINCIPAL": base64.b64encode(text.encode()).decode()}


ANNA = [{"typ": "preferred_username", "val": "anna@corp.example"}, {"typ": "name", "val": "Anna"}]


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        pytest.param(principal(ANNA), "anna@corp.example", id="user name"),
        pytest.param(principal(ANNA, name_typ="name"), "Anna", id="the claim that it names"),
        pytest.param(principal([{"typ": "appid", "val": "1-2"}]), "1-2", id="an application"),
        pytest.param(principal([]), FUNCTION_KEY, id="no name"),
        pytest.param(principal("x"), FUNCTION_KEY, id="claims that are no list"),
        pytest.param({"X-MS-CLIENT-PRINCIPAL": "!"}, FUNCTION_KEY, id="no base64"),
        pytest.param({"X-MS-CLIENT-PRINCIPAL": "MQ=="}, FUNCTION_KEY, id="no object"),
        pytest.param({}, FUNCTION_KEY, id="none"),
    ],
)
def test_who_a_request_is_from_behind_the_platforms_sign_in(
    headers: dict[str, str], name: str
) -> None:
    assert who(request_for(headers=headers), trust_client_principal=True) == name


def test_a_principal_counts_for_nothing_without_the_platform_in_front() -> None:
    request = request_for(headers=principal(ANNA))
    assert who(request, trust_client_principal=False) == FUNCTION_KEY
