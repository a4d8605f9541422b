"""The API over the emulator, called as the host calls it, and documents to call it on."""

import gzip
import itertools
import json
import re
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import azure.functions as func
import pytest
from azure.cosmos.aio import ContainerProxy

from http_api import bp
from http_api.services import Services, compose
from local.host.http.routes import Route, RouteTable, parse_template
from local.openapi.operations import OPERATIONS
from local.openapi.schemas import Problem
from shared.alert import Alert, Resource
from shared.alert_versions import Keeping, document_to_store, takes_part
from shared.entities import entity, key_id
from shared.killchain import Tactic
from shared.settings import Settings
from shared.severity import Severity
from shared.store.client import Database, open_database
from shared.store.definitions import ALERTS, INCIDENTS
from shared.times import DAY, HOUR, MINUTE, format_time, parse_time
from tests.unit.shared.recording import CONTAINERS, Asked

START = parse_time("2026-11-20T00:00:00Z")
ORIGIN = "http://alerts.example"
OWN = "i"
"""The organisation of these tests: the ids of its incidents begin so."""

UserFunction = Callable[..., Awaitable[func.HttpResponse]]


@dataclass
class Queue:
    """Takes what a function puts on the queue, as the host does when the function is done."""

    messages: list[str]

    def set(self, value: list[str]) -> None:
        self.messages = value


def routes() -> RouteTable[UserFunction]:
    """The blueprint's functions by route."""
    app = func.FunctionApp()
    app.register_functions(bp)
    table = []
    for function in app.get_functions():
        trigger = function.get_trigger()
        assert trigger is not None
        found = trigger.get_dict_repr()
        methods = frozenset(str(method) for method in found.get("methods", ()))
        route = parse_template(found["route"])
        table.append(Route(route, methods, function.get_user_function()))
    return RouteTable(table)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, and what was put on the queue; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    queued: tuple[str, ...] = ()

    def json(self) -> Any:
        """The body's document."""
        zipped = self.headers.get("content-encoding") == "gzip"
        return json.loads(gzip.decompress(self.body) if zipped else self.body)

    @property
    def errors(self) -> dict[str, Any]:
        """The reason for each field at fault."""
        return {error["field"]: error["reason"] for error in self.json()["errors"]}


def hold_to_contract(method: str, path: str, reply: Any, *, selected: bool = False) -> None:
    """Fail unless the answer is one that the contract has for this operation, to the last field."""
    for operation in OPERATIONS:
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(operation.path))
        if operation.method == method and re.fullmatch(pattern, path):
            break
    else:
        return
    status = reply.status
    assert status in (*operation.answers, *operation.problems), (method, path, status)
    model = operation.answers.get(status) if status in operation.answers else Problem
    if selected and status == 200:
        model = operation.selected
    if model is not None:
        model.model_validate(reply.json())


@dataclass
class Api:
    """The API, and the database below it."""

    database: Database
    services: Services
    table: RouteTable[UserFunction]

    async def call(
        self,
        method: str,
        path: str,
        document: Any = None,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send a request as the host hands it to the function."""
        sent = {name.lower(): value for name, value in (headers or {}).items()}
        if document is not None:
            body = json.dumps(document).encode()
            sent.setdefault("content-type", "application/json")
        url = path if path.startswith("http") else ORIGIN + path
        found = self.table.find(method, urlsplit(url).path)
        assert found, f"no route for {method} {url}"
        function, values = found
        request = func.HttpRequest(method, url, headers=sent, route_params=values, body=body)
        queue = Queue([])
        outputs = {"messages": queue} if "messages" in function.__annotations__ else {}
        response = await function(request, **outputs)
        received = {name.lower(): value for name, value in response.headers.items()}
        queued = tuple(queue.messages)
        reply = Reply(response.status_code, received, response.get_body(), queued)
        parts = urlsplit(url)
        hold_to_contract(method, parts.path, reply, selected="select=" in parts.query)
        return reply

    async def get(self, path: str) -> Any:
        """The document at a path, which must answer 200."""
        reply = await self.call("GET", path)
        assert reply.status == 200, (path, reply)
        return reply.json()

    async def follow(self, path: str) -> list[Any]:
        """All rows of a list, page by page."""
        rows: list[Any] = []
        link: str | None = path
        while link:
            page = await self.get(link)
            rows += page["value"]
            link = page.get("nextLink")
        return rows

    async def change(
        self, path: str, etag: str | None, body: Any, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """PATCH a version of an item."""
        sent = {**(headers or {}), **({"If-Match": etag} if etag else {})}
        return await self.call("PATCH", path, body, headers=sent)

    async def store(self, container: str, *documents: Mapping[str, Any]) -> None:
        """Put documents into a container."""
        for document in documents:
            await self.database.container(container).upsert_item(dict(document))


def check_queries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every query fail that no index of Cosmos DB would serve; the emulator serves them all."""
    send = ContainerProxy.query_items

    def checked(container: ContainerProxy, query: str, **options: Any) -> Any:
        if container.id in CONTAINERS and "parameters" in options:
            asked = Asked(CONTAINERS[container.id], query, options.get("partition_key"))
            assert not asked.faults(), (query, asked.faults())
        return send(container, query, **options)

    monkeypatch.setattr(ContainerProxy, "query_items", checked)


@asynccontextmanager
async def api_over(
    connection: str, monkeypatch: pytest.MonkeyPatch, **options: Any
) -> AsyncIterator[Api]:
    """The API over a database of its own."""
    settings = Settings(
        cosmos_connection=connection,
        database=f"api-{uuid.uuid4().hex[:8]}",
        create_containers=True,
        organisation=OWN,
    )
    async with await open_database(settings) as database:
        services = compose(database, settings, trust_client_principal=False)
        services = replace(services, **options)

        async def opened() -> Services:
            return services

        monkeypatch.setattr("http_api.blueprint.process_services", opened)
        check_queries(monkeypatch)
        yield Api(database, services, routes())


_NUMBERS = itertools.count(1)


def host(name: str, tenant: str = "") -> Resource:
    """A resource known by its name."""
    key = f"host:{tenant}:{name}" if tenant else f"host:{name}"
    return Resource(key, name, name, "host")


def alert(**fields: Any) -> Alert:
    """An alert; what a test does not care for is made up, and differs from one to the next."""
    number = next(_NUMBERS)
    start = fields.pop("start", START + number * MINUTE)
    made = Alert(
        source="defender_arm",
        source_id=f"2518-{number}",
        identity=("test", str(number)),
        title="Suspicious logon",
        description="Somebody logged on.",
        alert_type="VM_Logon",
        severity=Severity.Medium,
        tactics=(Tactic.InitialAccess,),
        techniques=("T1078",),
        start=start,
        end=fields.get("end", start + MINUTE),
        generated=start,
        resource=host("web01"),
        entities=(entity("account", "anna"),),
        vendor="Microsoft",
        product="Defender for Cloud",
        tenant="",
        status="Active",
        remediation=("Reset the password.",),
        link="https://portal.example/alert",
        original={"properties": {"number": number}},
        organisation=OWN,
    )
    return replace(made, **fields)


def alert_stored(**fields: Any) -> dict[str, Any]:
    """The document of an alert; fields that are no part of an `Alert` go into the document."""
    own = {name: fields.pop(name) for name in list(fields) if name in Alert.__dataclass_fields__}
    made = alert(**own)
    document, _ = document_to_store(made, Keeping(), received=made.start + 2 * MINUTE)
    document |= fields
    return document | {"takesPart": takes_part(document)}


def incident_stored(incident_id: str, **fields: Any) -> dict[str, Any]:
    """The document of an incident that has qualified."""
    number = next(_NUMBERS)
    first = format_time(START + number * HOUR)
    document: dict[str, Any] = {
        "id": incident_id,
        "incidentId": incident_id,
        "organisation": OWN,
        "type": "incident",
        "kind": "attack",
        "visible": True,
        "title": f"Multi-stage attack {number}",
        "description": "What happened, in order.",
        "severity": "High",
        "severityRank": 3,
        "confidence": "high",
        "confidenceRank": 3,
        "score": 50 + number,
        "status": "Active",
        "labels": [],
        "triage": {},
        "firstActivityUtc": first,
        "lastActivityUtc": first,
        "createdUtc": first,
        "updatedUtc": first,
        "stages": ["InitialAccess", "Execution"],
        "killChain": [],
        "resources": [{"key": "host:web01", "id": "web01", "name": "web01", "type": "host"}],
        "resourceCount": 1,
        "entities": [{"kind": "account", "value": "anna", "key": "account:anna"}],
        "keys": ["host:web01", "account:anna"],
        "alertCount": 2,
        "evidenceCount": 2,
        "contextCount": 0,
        "expected": 0.001,
        "sources": ["defender_arm"],
        "remediationSteps": [
            {
                "alertId": "0" * 24,
                "title": "Suspicious logon",
                "resource": "web01",
                "atUtc": first,
                "steps": ["Isolate the machine."],
            }
        ],
        "why": {"rule": "two-stages"},
        "absorbed": [],
        "coveredCount": 1,
        "search": f"multi-stage attack {number}\nweb01\nanna",
    }
    confidence = fields.get("confidence")
    if confidence:
        document["confidenceRank"] = {"low": 1, "medium": 2, "high": 3}[confidence]
    if severity := fields.get("severity"):
        document["severityRank"] = int(Severity[severity])
    return document | fields


def redirect_stored(incident_id: str, parent: str) -> dict[str, Any]:
    """The document of an incident that another has absorbed."""
    own = {"id": incident_id, "incidentId": incident_id, "organisation": OWN}
    return own | {"type": "redirect", "parent": parent}


def coverage_stored(
    incident_id: str,
    resource: Resource,
    *intervals: tuple[int, int],
    evidence: tuple[dict[str, Any], ...] = (),
    alerts: int = 1,
) -> dict[str, Any]:
    """The document of what an incident covers of a resource.

    `evidence` are the alerts that make the incident; every interval holds so many `alerts`.
    """
    of = key_id(resource.key)
    signals: dict[str, list[int]] = {}
    for each in evidence:
        signals.setdefault(each["sid"], []).append(parse_time(each["startTimeUtc"]) // HOUR)
    return {
        "id": f"c-{of}",
        "organisation": OWN,
        "type": "coverage",
        "entity": of,
        "resource": {"key": resource.key, "id": resource.id, "name": resource.name, "type": "host"},
        "incidents": [incident_id],
        "intervals": [
            {
                "first": [format_time(start), ""],
                "last": [format_time(end), "~"],
                "incident": incident_id,
                "evidence": signals,
                "evidenceCount": len(evidence),
                "contextCount": alerts - len(evidence),
            }
            for start, end in intervals
        ],
        "start": format_time(intervals[0][0]),
        "end": format_time(intervals[-1][1]),
        "held": False,
    }


def activity_stored(alert_document: Mapping[str, Any]) -> dict[str, Any]:
    """The document of an alert's resource and day, in which correlation has taken it in."""
    start = parse_time(alert_document["startTimeUtc"])
    return {
        "id": f"a-{alert_document['entity']}-{start // DAY}",
        "organisation": OWN,
        "type": "activity",
        "cells": [{"sid": alert_document["sid"], "hour": start // HOUR}],
    }


__all__ = ["ALERTS", "INCIDENTS"]
