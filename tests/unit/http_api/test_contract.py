"""The contract: the routes, the OpenAPI document and the reference say the same."""

import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import azure.functions as func
import pytest

from http_api import bp
from http_api.contract import contract
from http_api.services import Services
from local.openapi.document import document, text
from local.openapi.operations import OPERATIONS, Operation

REFERENCE = Path(__file__).parents[3] / "docs" / "api.md"
HEADING = re.compile(r"^### (GET|POST|PUT|PATCH|DELETE) (/api\S*)$", re.MULTILINE)
ITSELF = ("GET", "/api/openapi.json")

UserFunction = Callable[..., Awaitable[func.HttpResponse]]


def functions() -> dict[str, list[UserFunction]]:
    """The functions that answer each path; two may share one, for different methods."""
    app = func.FunctionApp()
    app.register_functions(bp)
    found: dict[str, list[UserFunction]] = {}
    for function in app.get_functions():
        trigger = function.get_trigger()
        assert trigger is not None
        route = trigger.get_dict_repr()["route"]
        if route.startswith("api/"):
            found.setdefault(f"/{route}", []).append(function.get_user_function())
    return found


def request(method: str, path: str, values: dict[str, str]) -> func.HttpRequest:
    url = f"https://alerts.example{path}"
    return func.HttpRequest(method, url, headers={}, route_params=values, body=b"")


async def call(function: UserFunction, asked: func.HttpRequest) -> func.HttpResponse:
    """Call a function, also one that has a queue to write to, to which nothing must be written."""
    outputs = {"messages": None} if "messages" in function.__annotations__ else {}
    return await function(asked, **outputs)


async def allowed(path: str, answering: list[UserFunction]) -> set[str]:
    """The methods that a path says it answers; what takes only POST is not asked."""
    replies = [
        await call(function, request("OPTIONS", path, {}))
        for function in answering
        if function.__name__ != "push_alerts"
    ]
    assert len(replies) == 1, f"{path} has several functions that answer OPTIONS"
    return set(replies[0].headers["Allow"].split(", ")) - {"HEAD", "OPTIONS"}


async def operations() -> set[tuple[str, str]]:
    return {
        (method, re.sub(r"\{\*", "{", path))
        for path, answering in functions().items()
        for method in await allowed(path, answering)
    }


async def test_every_operation_is_in_the_reference_and_nothing_else() -> None:
    found = HEADING.findall(REFERENCE.read_text(encoding="utf-8"))
    assert set(found) == await operations()
    assert len(found) == len(set(found))


async def test_every_operation_is_in_the_openapi_document_and_nothing_else() -> None:
    described = {(operation.method, operation.path) for operation in OPERATIONS}
    assert described | {ITSELF} == await operations()


def test_the_openapi_document_is_fresh() -> None:
    assert contract().decode() == text(), "run: python -m local.openapi"


def test_operations_have_distinct_names() -> None:
    names = [operation.name for operation in OPERATIONS]
    assert len(set(names)) == len(names)


def test_every_reference_leads_to_a_schema() -> None:
    schemas = set(document()["components"]["schemas"])
    used = set(re.findall(r'"#/components/schemas/(\w+)"', text()))
    assert used <= schemas


@pytest.fixture
def no_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """Services that fail a test which reaches the store: parameters are refused before."""

    async def nothing() -> Services:
        return Services(**dict.fromkeys(Services.__dataclass_fields__, None) | {"most": 500})  # type: ignore[arg-type]  # they must not be used

    monkeypatch.setattr("http_api.blueprint.process_services", nothing)


QUERIES = [each for each in OPERATIONS if each.needs_key and each.body is None]


@pytest.mark.usefixtures("no_store")
@pytest.mark.parametrize("operation", QUERIES, ids=lambda operation: operation.name)
async def test_the_parameters_documented_are_those_that_are_read(operation: Operation) -> None:
    found = functions()
    (function, *_) = found.get(operation.path) or found[operation.path.replace("{value", "{*value")]
    values = dict.fromkeys(re.findall(r"\{(\w+)\}", operation.path), "x")
    path = re.sub(r"\{\w+\}", "x", operation.path)
    reply = await call(function, request(operation.method, f"{path}?nonsense=1", values))
    body: dict[str, Any] = json.loads(reply.get_body())
    (error,) = body["errors"]
    documented = [each.name for each in operation.parameters if each.place == "query"]
    assert set(error.get("allowed", [])) == set(documented)
