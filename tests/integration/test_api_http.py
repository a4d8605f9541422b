"""What every route has in common: methods, problems, faults, compression, the page."""

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ServiceRequestError

from http_api.services import Services
from local.stack import Stack
from shared.settings import SettingError
from shared.store.definitions import INCIDENTS
from tests.integration.api_support import Api, api_over, incident_stored


@pytest.fixture
async def api(services: Stack, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Api]:
    async with api_over(services.cosmos_connection, monkeypatch) as opened:
        yield opened


PATHS = [
    "/api/incidents",
    "/api/incidents/i-1",
    "/api/incidents/i-1/alerts",
    "/api/alerts",
    "/api/alerts/a-1",
    "/api/feed",
    "/api/health",
    "/",
]


@pytest.mark.parametrize("path", PATHS)
async def test_a_wrong_method_is_answered_with_those_that_are_right(api: Api, path: str) -> None:
    reply = await api.call("DELETE", path)
    assert reply.status == 405
    assert "GET" in reply.headers["allow"]
    assert reply.json()["type"] == "urn:problem:method-not-allowed"


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND"])
@pytest.mark.parametrize("path", PATHS)
async def test_a_method_that_no_route_can_name_is_a_wrong_one_like_any(
    api: Api, method: str, path: str
) -> None:
    reply, usual = await api.call(method, path), await api.call("DELETE", path)
    assert reply.status == 405
    assert reply.headers["content-type"] == "application/problem+json"
    assert set(reply.headers["allow"].split(", ")) == set(usual.headers["allow"].split(", "))


async def test_such_a_method_finds_no_path_that_does_not_exist(api: Api) -> None:
    assert (await api.call("TRACE", "/api/nothing")).status == 404


@pytest.mark.parametrize("path", PATHS)
async def test_options_tells_the_methods(api: Api, path: str) -> None:
    reply = await api.call("OPTIONS", path)
    assert reply.status == 204
    assert reply.headers["allow"].startswith("GET")


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api/nothing"), ("POST", "/api"), ("PUT", "/api/a/b/c")]
)
async def test_an_unknown_path_of_the_api_is_a_problem_too(
    api: Api, method: str, path: str
) -> None:
    reply = await api.call(method, path)
    assert reply.status == 404
    assert reply.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path", ["/api/incidents?limt=5", "/api/alerts?confidence=low", "/api/incidents/i-1?x=1"]
)
async def test_a_parameter_that_is_not_known_is_named(api: Api, path: str) -> None:
    reply = await api.call("GET", path)
    assert reply.status == 400
    (reason,) = reply.errors.values()
    assert reason == "is no parameter here"


async def test_health_needs_no_store(monkeypatch: pytest.MonkeyPatch, api: Api) -> None:
    async def fail() -> Services:
        raise SettingError("COSMOS is not set")

    monkeypatch.setattr("http_api.blueprint.process_services", fail)
    reply = await api.call("GET", "/api/health")
    assert (reply.status, reply.json()) == (200, {"status": "ok"})


FAULTS = [
    pytest.param(SettingError("COSMOS is not set"), 500, id="a setting is wrong"),
    pytest.param(KeyError("title"), 500, id="a mistake of ours"),
    pytest.param(HttpResponseError("no", response=None), 500, id="the store refuses"),
    pytest.param(ServiceRequestError("no route"), 503, id="the store is out of reach"),
]


@pytest.mark.parametrize(("fault", "status"), FAULTS)
async def test_a_fault_is_logged_and_opaque(
    api: Api,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    fault: Exception,
    status: int,
) -> None:
    async def fail(*_arguments: Any, **_named: Any) -> Any:
        raise fault

    monkeypatch.setattr(type(api.services.incidents), "page", fail)
    with caplog.at_level(logging.WARNING, "http_api"):
        reply = await api.call("GET", "/api/incidents?code=secret")
    assert reply.status == status
    assert "title" not in reply.json()["detail"]
    assert "secret" not in caplog.text
    if status == 500:
        assert reply.json()["reference"] in caplog.text
    else:
        assert reply.headers["retry-after"] == "1"


async def test_throttling_by_the_store_asks_for_patience(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_arguments: Any, **_named: Any) -> Any:
        error = HttpResponseError("busy")
        error.status_code = 429
        raise error

    monkeypatch.setattr(type(api.services.incidents), "find", fail)
    assert (await api.call("GET", "/api/incidents/i-1")).status == 503


async def test_lists_are_compressed_for_who_takes_it(api: Api) -> None:
    await api.store(INCIDENTS, *(incident_stored(f"i-{n}") for n in range(10)))
    plain = await api.call("GET", "/api/incidents")
    zipped = await api.call("GET", "/api/incidents", headers={"Accept-Encoding": "gzip, br"})
    assert zipped.json() == plain.json()
    assert len(zipped.body) < len(plain.body) / 3
    assert zipped.headers["vary"] == "Accept-Encoding"


async def test_the_page_is_at_the_root_under_a_strict_policy(api: Api) -> None:
    reply = await api.call("GET", "/")
    assert reply.status == 200
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert reply.headers["content-security-policy"].startswith("default-src 'self';")
    assert reply.headers["x-content-type-options"] == "nosniff"
    known = {"If-None-Match": reply.headers["etag"]}
    assert (await api.call("GET", "/index.html", headers=known)).status == 304


async def test_a_file_that_is_not_there_is_not_found(api: Api) -> None:
    assert (await api.call("GET", "/nothing.js")).status == 404


async def test_the_largest_page_is_a_setting(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    smaller = replace(api.services, most=20)

    async def opened() -> Services:
        return smaller

    monkeypatch.setattr("http_api.blueprint.process_services", opened)
    reply = await api.call("GET", "/api/alerts?limit=21")
    assert "1 to 20" in reply.errors["limit"]
