"""Who may do what: the table, walked with every role, no credentials and a forged principal."""

import base64
import json
import runpy
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import azure.functions as func
import pytest

from http_api.blueprint import Routes
from http_api.problems import Problem
from http_api.roles import GRANTS, OPEN, ROUTES, Role, check_access
from http_api.settings import ApiSettings, read_api_settings
from local.host.http.keys import AuthLevel, HostKeys
from shared.settings import SettingError
from tests.unit.http_api.requests_made import request_for
from tests.unit.http_api.test_contract import operations

ROOT = Path(__file__).parents[3]
SIGNED_IN = {"TRUST_CLIENT_PRINCIPAL": "true"}
ROWS = [
    pytest.param(route, method, role, id=f"{method} {route}")
    for route, methods in ROUTES.items()
    for method, role in methods.items()
]
HOLDERS = {
    Role.READ: {Role.READ, Role.TRIAGE, Role.ADMIN},
    Role.TRIAGE: {Role.TRIAGE, Role.ADMIN},
    Role.PUSH: {Role.PUSH, Role.ADMIN},
    Role.ADMIN: {Role.ADMIN},
}
"""Who passes where a role is needed: written out, so that a change of what roles grant shows."""


@cache
def triggers() -> dict[str, list[tuple[func.AuthLevel, str, Callable[..., Any]]]]:
    """What the app registers: route -> the level, the function's name and the function, of each."""
    found: dict[str, list[tuple[func.AuthLevel, str, Callable[..., Any]]]] = {}
    for function in runpy.run_path(str(ROOT / "function_app.py"))["app"].get_functions():
        trigger = function.get_trigger().get_dict_repr()
        if trigger["type"] == "httpTrigger":
            row = (trigger["authLevel"], function.get_function_name(), function.get_user_function())
            found.setdefault(trigger["route"], []).append(row)
    return found


def principal(*roles: str, role_typ: str = "roles", **more: Any) -> dict[str, str]:
    """The header that the platform sets for who has signed in."""
    claims = [{"typ": role_typ, "val": role} for role in roles]
    text = json.dumps({"auth_typ": "aad", "role_typ": role_typ, "claims": claims, **more})
    return {"X-MS-CLIENT-PRINCIPAL": base64.b64encode(text.encode()).decode()}


def outcome(
    route: str, method: str, headers: Mapping[str, str], environment: Mapping[str, str]
) -> int:
    """The status that a caller is refused with; 200 for one who passes."""
    request = request_for(f"/{route}", method=method, headers=headers)
    try:
        check_access(request, ROUTES[route], read_api_settings(environment))
    except Problem as problem:
        return int(problem.status)
    return 200


def test_every_route_of_the_app_has_a_row_and_every_row_a_route() -> None:
    assert triggers().keys() == ROUTES.keys()


async def test_every_operation_has_a_role_and_every_role_an_operation() -> None:
    named = {(method, f"/{route}") for route, row in ROUTES.items() for method in row}
    open_ones = {("GET", f"/{route}") for route, row in ROUTES.items() if row is OPEN}
    answered = {
        (method, path.replace("{value}", "{*value}")) for method, path in await operations()
    }
    assert answered == (named | open_ones) - {("GET", "/{*path}")}


def test_the_host_asks_for_a_key_wherever_a_role_is_needed() -> None:
    for route, answering in triggers().items():
        expected = func.AuthLevel.ANONYMOUS if ROUTES[route] is OPEN else func.AuthLevel.FUNCTION
        assert {level for level, _, _ in answering} == {expected}, route


def test_a_route_without_a_row_cannot_be_registered() -> None:
    with pytest.raises(LookupError, match="api/forgotten"):
        Routes().route("api/forgotten")  # type: ignore[no-untyped-call]  # the library's constructor


@pytest.mark.parametrize("held", Role)
@pytest.mark.parametrize(("route", "method", "needed"), ROWS)
def test_a_role_passes_where_it_or_less_is_needed(
    route: str, method: str, needed: Role, held: Role
) -> None:
    expected = 200 if held in HOLDERS[needed] else 403
    assert outcome(route, method, principal(held), SIGNED_IN) == expected


@pytest.mark.parametrize(("route", "method", "_needed"), ROWS)
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({}, 401, id="nobody signed in"),
        pytest.param(principal(), 403, id="signed in without a role"),
        pytest.param(principal("Owner"), 403, id="a role of another application"),
        pytest.param(principal("admin"), 403, id="another spelling"),
        pytest.param({"X-MS-CLIENT-PRINCIPAL": "!"}, 401, id="no base64"),
        pytest.param({"X-MS-CLIENT-PRINCIPAL": "MQ=="}, 401, id="no object"),
        pytest.param(principal(claims="Admin"), 403, id="claims that are no list"),
        pytest.param(principal(claims=[{"typ": "name", "val": "Admin"}]), 403, id="another claim"),
    ],
)
def test_who_is_refused_where_people_sign_in(
    route: str, method: str, _needed: Role, headers: dict[str, str], status: int
) -> None:
    assert outcome(route, method, headers, SIGNED_IN) == status


@pytest.mark.parametrize(
    "typ", ["roles", "http://schemas.microsoft.com/ws/2008/06/identity/claims/role"]
)
def test_several_roles_and_both_names_of_the_claim_count(typ: str) -> None:
    both = principal(Role.READ, Role.PUSH, role_typ=typ)
    assert outcome("api/alerts", "POST", both, SIGNED_IN) == 200
    assert outcome("api/alerts", "GET", both, SIGNED_IN) == 200


@pytest.mark.parametrize(("route", "method", "needed"), ROWS)
def test_a_forged_principal_gives_nothing_where_the_platform_is_not_in_front(
    route: str, method: str, needed: Role
) -> None:
    reader = {"FUNCTION_KEY_ROLES": Role.READ}
    expected = 200 if needed is Role.READ else 403
    assert outcome(route, method, principal(Role.ADMIN), reader) == expected


@pytest.mark.parametrize(("route", "method", "needed"), ROWS)
def test_a_key_alone_has_the_roles_of_the_setting(route: str, method: str, needed: Role) -> None:
    pushing = {**SIGNED_IN, "FUNCTION_KEY_ROLES": "Alerts.Write, Incidents.Read"}
    expected = 200 if needed in {Role.PUSH, Role.READ} else 403
    assert outcome(route, method, {}, pushing) == expected
    assert outcome(route, method, {}, {}) == 200, "without sign-in a key does all that it opens"


@pytest.mark.parametrize("method", ["GET", "PUT", "BREW"])
@pytest.mark.parametrize("route", [route for route, row in ROUTES.items() if row is OPEN])
def test_open_routes_ask_nobody(route: str, method: str) -> None:
    assert outcome(route, method, {}, SIGNED_IN) == 200


@pytest.mark.parametrize(
    ("method", "held", "status"),
    [
        pytest.param("HEAD", Role.READ, 200, id="HEAD is GET"),
        pytest.param("HEAD", Role.PUSH, 403, id="HEAD tells as much as GET"),
        pytest.param("OPTIONS", Role.PUSH, 200, id="OPTIONS tells nothing"),
        pytest.param("DELETE", Role.TRIAGE, 403, id="a method without a row"),
        pytest.param("DELETE", Role.ADMIN, 200, id="administrators are told 405"),
    ],
)
def test_methods_beside_the_table(method: str, held: Role, status: int) -> None:
    assert outcome("api/incidents", method, principal(held), SIGNED_IN) == status


@pytest.mark.parametrize("route", [route for route, row in ROUTES.items() if row is not OPEN])
async def test_every_function_refuses_before_it_does_anything(
    route: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRUST_CLIENT_PRINCIPAL", "true")
    for method in ROUTES[route]:
        for _, _, function in triggers()[route]:
            req = func.HttpRequest(method, f"https://alerts.example/{route}", headers={}, body=b"")
            outputs = {"messages": None} if "messages" in function.__annotations__ else {}
            answer = await function(req, **outputs)
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert json.loads(answer.get_body())["type"] == "urn:problem:unauthenticated"


async def test_a_setting_that_cannot_be_used_lets_nobody_in(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("FUNCTION_KEY_ROLES", "Everything")
    ((_, _, function),) = triggers()["api/summary"]
    req = func.HttpRequest("GET", "https://alerts.example/api/summary", headers={}, body=b"")
    assert (await function(req)).status_code == 500
    assert "FUNCTION_KEY_ROLES names 'Everything'" in caplog.text


def levels(key: Callable[[HostKeys, str], str | None]) -> dict[str, bool]:
    """Whether a key opens each function, by its name."""
    names = [name for each in triggers().values() for _, name, _ in each]
    keys = HostKeys("master", "host", {name: f"key of {name}" for name in names})
    return {
        name: keys.allow(key(keys, name), _level(level), name)
        for each in triggers().values()
        for level, name, _ in each
    }


def _level(level: func.AuthLevel) -> AuthLevel:
    return "ANONYMOUS" if level is func.AuthLevel.ANONYMOUS else "FUNCTION"


OPEN_FUNCTIONS = {"health", "openapi", "page"}


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(lambda _keys, _name: None, id="no key"),
        pytest.param(lambda _keys, _name: "", id="an empty key"),
        pytest.param(lambda _keys, name: f"key of {name} before it was renewed", id="an old key"),
    ],
)
def test_without_a_valid_key_only_open_routes_answer(
    key: Callable[[HostKeys, str], str | None],
) -> None:
    assert {name for name, allowed in levels(key).items() if allowed} == OPEN_FUNCTIONS


def test_a_functions_own_key_opens_that_function_only() -> None:
    opened = levels(lambda keys, _name: keys.functions["push_alerts"])
    assert {name for name, allowed in opened.items() if allowed} == {*OPEN_FUNCTIONS, "push_alerts"}


def test_an_unknown_role_in_the_setting_is_named() -> None:
    with pytest.raises(SettingError, match=r"FUNCTION_KEY_ROLES names 'Reader': use "):
        read_api_settings({"FUNCTION_KEY_ROLES": "Admin, Reader"})


def test_what_keys_may_do_where_nothing_is_set() -> None:
    assert read_api_settings({}) == ApiSettings(False, frozenset({Role.ADMIN}))
    assert read_api_settings(SIGNED_IN) == ApiSettings(True, frozenset())


def test_the_entra_application_declares_the_same_roles() -> None:
    declared = json.loads((ROOT / "infra" / "app-roles.json").read_text())
    assert [each["value"] for each in declared] == list(Role)
    assert len({each["id"] for each in declared}) == len(Role)
    assert GRANTS.keys() == set(Role)
