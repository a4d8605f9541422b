"""The HTTP trigger over real connections: what the real host does to requests, and keys."""

import base64
import json
import re
from collections.abc import Iterator

import pytest

from tests.integration.conftest import HostRunner, RunningHost
from tests.integration.stack_client import Site


@pytest.fixture(scope="module")
def open_site(hosts: HostRunner) -> Site:
    """A host that enforces no keys, like Core Tools."""
    return hosts.run("recorder", RECORDER_QUEUE="no-queue", RECORDER_DB="no-database").site


@pytest.fixture(scope="module")
def guarded(hosts: HostRunner) -> RunningHost:
    """A host that enforces keys."""
    return hosts.run("recorder", auth=True, RECORDER_QUEUE="no-queue", RECORDER_DB="no-database")


@pytest.fixture(scope="module")
def keys(guarded: RunningHost) -> dict[str, str]:
    """The keys that the host has printed."""
    master, host = re.findall(r"(?:Master|Host) key: (\S+)", guarded.log)
    return {"master": master, "host": host, "wrong": "wrong"}


def test_header_names_arrive_in_lower_case(open_site: Site) -> None:
    reply = open_site.call("GET", "/echo", headers={"X-Some-Header": "Value"})
    assert reply.json()["headers"]["x-some-header"] == "Value"


def test_empty_query_values_are_dropped(open_site: Site) -> None:
    reply = open_site.call("GET", "/echo?a=1&b=&c&d=x%20y")
    assert reply.json()["params"] == {"a": "1", "d": "x y"}


def test_repeated_query_values_are_joined(open_site: Site) -> None:
    assert open_site.call("GET", "/echo?a=1&a=2").json()["params"] == {"a": "1,2"}


def test_a_body_arrives_whole(open_site: Site) -> None:
    body = b"x" * 300_000
    assert open_site.call("POST", "/echo", body=body).json()["body"] == body.decode()


def test_a_chunked_body_arrives_empty(open_site: Site) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"one"
        yield b"two"

    assert open_site.call("POST", "/echo", body=chunks()).json()["body"] == ""


def test_route_parameters_arrive(open_site: Site) -> None:
    assert open_site.call("GET", "/echo/caf%C3%A9").json()["route"] == {"name": "café"}


def test_the_url_is_whole(open_site: Site) -> None:
    assert open_site.call("GET", "/echo?a=1").json()["url"] == f"{open_site.url}/echo?a=1"


def test_an_exception_is_500_with_an_empty_body(open_site: Site) -> None:
    reply = open_site.call("GET", "/boom")
    assert (reply.status, reply.body) == (500, b"")


def test_an_unknown_path_is_404(open_site: Site) -> None:
    assert open_site.call("GET", "/nothing/here").status == 404


def test_another_method_is_404(open_site: Site) -> None:
    assert open_site.call("DELETE", "/seen").status == 404


def test_a_head_request_has_no_body(open_site: Site) -> None:
    reply = open_site.call("HEAD", "/echo")
    assert (reply.status, reply.body) == (200, b"")


def test_the_root_is_the_apps_when_the_home_page_is_off(hosts: HostRunner) -> None:
    host = hosts.run(
        "recorder",
        RECORDER_QUEUE="no-queue",
        RECORDER_DB="no-database",
        AzureWebJobsDisableHomepage="true",
    )
    assert host.site.call("GET", "/").body.decode() == f"the page at {host.site.url}/"
    host.part.stop()


def test_the_root_is_the_hosts_home_page_otherwise(open_site: Site) -> None:
    assert b"up and running" in open_site.call("GET", "/").body


def test_ping_answers(open_site: Site) -> None:
    assert open_site.call("GET", "/admin/host/ping").status == 200


def test_the_status_names_the_function_that_cannot_be_indexed(open_site: Site) -> None:
    status = open_site.get("/admin/host/status")
    assert status["state"] == "Running"
    (error,) = status["errors"]
    assert "'broken'" in error
    assert "'unbound'" in error


def test_the_other_functions_are_listed(open_site: Site) -> None:
    names = {function["name"] for function in open_site.get("/admin/functions")}
    assert {"take", "follow", "echo", "page"} <= names
    assert "broken" not in names


@pytest.mark.parametrize(
    ("path", "key", "status"),
    [
        pytest.param("/echo", None, 200, id="anonymous needs none"),
        pytest.param("/for-function", None, 401, id="function without a key"),
        pytest.param("/for-function", "wrong", 401, id="function with a wrong key"),
        pytest.param("/for-function", "host", 200, id="function with the host key"),
        pytest.param("/for-function", "master", 200, id="function with the master key"),
        pytest.param("/for-admin", "host", 401, id="admin with the host key"),
        pytest.param("/for-admin", "master", 200, id="admin with the master key"),
        pytest.param("/admin/host/ping", None, 200, id="ping needs none"),
        pytest.param("/admin/host/status", None, 401, id="status without a key"),
        pytest.param("/admin/host/status", "master", 200, id="status with the master key"),
    ],
)
def test_enforced_keys(
    guarded: RunningHost, keys: dict[str, str], path: str, key: str | None, status: int
) -> None:
    headers = {"x-functions-key": keys[key]} if key else {}
    assert guarded.site.call("GET", path, headers=headers).status == status


def test_the_header_comes_before_the_parameter(guarded: RunningHost, keys: dict[str, str]) -> None:
    path = f"/for-function?code={keys['host']}"
    assert guarded.site.call("GET", path).status == 200
    assert guarded.site.call("GET", path, headers={"x-functions-key": "wrong"}).status == 401


def test_a_wrong_key_gets_an_empty_body(guarded: RunningHost) -> None:
    assert guarded.site.call("GET", "/for-function").body == b""


def test_keys_are_not_enforced_by_default(open_site: Site) -> None:
    assert open_site.call("GET", "/for-admin").status == 200


def test_a_client_principal_is_passed_on_unvalidated(open_site: Site) -> None:
    principal = base64.b64encode(json.dumps({"claims": []}).encode()).decode()
    reply = open_site.call("GET", "/for-function", headers={"X-MS-CLIENT-PRINCIPAL": principal})
    assert reply.body.decode() == principal
