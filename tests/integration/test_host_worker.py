"""Microsoft's own worker library indexes the app and invokes each function as our host does.

Both run the project's app on the same Azurite and emulator, each in a database of its own.
"""

import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from azure.cosmos import CosmosClient

from local.environment import UnavailableError
from local.stack import Stack
from shared.times import HOUR, MINUTE, format_time, now
from tests.worker.environment import ensure_python
from tests.worker.side import Side

METADATA = {
    "DequeueCount": ["json", "1"],
    "ExpirationTime": ["json", '"2026-01-08T00:00:00+00:00"'],
    "Id": ["string", "message-1"],
    "InsertionTime": ["json", '"2026-01-01T00:00:00+00:00"'],
    "NextVisibleTime": ["json", '"2026-01-01T00:10:00+00:00"'],
    "PopReceipt": ["string", "receipt"],
}

MACHINE = (
    "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/g"
    "/providers/Microsoft.Compute/virtualMachines/vm1"
)

#: Requests that need no id, and the status of their answers.
REQUESTS = [
    ("GET", "/", 200),
    ("GET", "/nothing.txt", 404),
    ("GET", "/api/nothing", 404),
    ("GET", "/api/health", 200),
    ("GET", "/api/incidents", 200),
    ("GET", "/api/incidents?severity=High&limit=1", 200),
    ("GET", "/api/incidents?limit=x", 400),
    ("GET", "/api/incidents/none", 404),
    ("GET", "/api/incidents/none/alerts", 404),
    ("GET", "/api/alerts", 200),
    ("GET", "/api/alerts?unknown=1", 400),
    ("GET", "/api/alerts/none", 404),
    ("DELETE", "/api/alerts", 405),
    ("GET", "/api/feed?show=both", 200),
    ("GET", "/api/feed?show=nothing", 400),
    ("GET", "/api/summary?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z", 200),
    ("GET", "/api/summary?from=x", 400),
]

#: What an element of a list is known by.
KEYS = {"/api/incidents": "incidentId", "/api/alerts": "alertId"}

#: What differs between two runs of the same app: moments, ETags, cursors, references.
VOLATILE_KEYS = {"version", "etag", "_etag", "reference", "detail", "nextLink"}
VOLATILE_HEADERS = {"etag", "content-length", "date"}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")


START = now() - HOUR


def alert(number: int, intent: str, minute: int) -> dict[str, Any]:
    """A Defender alert on one machine."""
    at = format_time(START + minute * MINUTE)
    return {
        "properties": {
            "systemAlertId": f"alert-{number}",
            "alertDisplayName": f"Detection {number}",
            "alertType": f"TYPE_{number}",
            "severity": "High",
            "intent": intent,
            "startTimeUtc": at,
            "endTimeUtc": at,
            "status": "Active",
            "description": "Something was seen.",
            "resourceIdentifiers": [{"type": "AzureResource", "azureResourceId": MACHINE}],
            "compromisedEntity": "vm1",
            "entities": [],
        }
    }


ATTACK = [alert(1, "InitialAccess", 0), alert(2, "Execution", 10), alert(3, "Exfiltration", 20)]


@dataclass
class Pair:
    """Our host and the worker, each with a database."""

    sides: tuple[Side, Side]
    cosmos: CosmosClient
    databases: tuple[str, str]
    #: What each side made of the app.
    indexed: tuple[Any, Any]

    def invoke(self, *commands: dict[str, Any]) -> tuple[Any, Any]:
        """Invoke a function with one command for both sides, or with one for each."""
        ours, worker = self.sides
        return (
            comparable(ours.ask(**{"do": "invoke", **commands[0]})),
            comparable(worker.ask(**{"do": "invoke", **commands[-1]})),
        )

    def ingest(self, body: Any, function: str = "ingest_alert") -> tuple[Any, Any]:
        """Invoke a queue function with a message."""
        text = body if isinstance(body, str) else json.dumps(body)
        command = {"parameter": "message", "kind": "string", "value": text, "metadata": METADATA}
        return self.invoke({"function": function, **command})

    def correlate(
        self, *extra: dict[str, Any], retry: tuple[int, int] = (0, -1)
    ) -> tuple[Any, Any]:
        """Invoke the change-feed function with the alerts that each side has stored."""
        return self.feed("correlate", "alerts", *extra, retry=retry)

    def reconcile(self) -> tuple[Any, Any]:
        """Invoke the change-feed function that makes incidents of the news that was written."""
        return self.feed("reconcile", "news")

    def feed(
        self,
        function: str,
        container: str,
        *extra: dict[str, Any],
        retry: tuple[int, int] = (0, -1),
    ) -> tuple[Any, Any]:
        """Invoke a change-feed function with all that each side's container has."""
        commands = [
            {
                "function": function,
                "parameter": "documents",
                "kind": "json",
                "value": json.dumps([*self._stored(database, container), *extra]),
                "retry": retry,
            }
            for database in self.databases
        ]
        return self.invoke(*commands)

    def http(
        self, method: str, path: str, body: Any = None, *, if_match: str | None = None
    ) -> tuple[Any, Any]:
        """Give both sides what our host makes of a request.

        `if_match` "current" stands for the ETag that the side itself gives for the path.
        """
        etags = [if_match, if_match]
        if if_match == "current":
            etags = [self._etag(side, path) for side in self.sides]
        return self.invoke(*(self._converted(method, path, body, etag) for etag in etags))

    def first_id(self, path: str) -> str:
        """Return the id of the first element of a list, which must be the same on both sides."""
        answers = self.http("GET", path)
        (same,) = {answer["response"]["body"]["value"][0][KEYS[path]] for answer in answers}
        return str(same)

    def _converted(
        self, method: str, path: str, body: Any = None, etag: str | None = None
    ) -> dict[str, Any]:
        headers = {} if body is None else {"content-type": "application/json"}
        return self.sides[0].ask(
            do="convert",
            method=method,
            path=path,
            headers=headers if etag is None else {**headers, "if-match": etag},
            body=body if body is None or isinstance(body, str) else json.dumps(body),
        )

    def _etag(self, side: Side, path: str) -> str:
        answer = side.ask(**self._converted("GET", path))
        return str(answer["response"]["headers"]["etag"])

    def _stored(self, database: str, name: str) -> list[dict[str, Any]]:
        container = self.cosmos.get_database_client(database).get_container_client(name)
        return sorted(container.read_all_items(), key=lambda document: str(document["id"]))


def comparable(value: Any) -> Any:
    """Return an answer without what differs from run to run."""
    if isinstance(value, dict):
        kept = {
            name: comparable(inner)
            for name, inner in value.items()
            if name not in VOLATILE_KEYS | VOLATILE_HEADERS
        }
        if isinstance(body := kept.get("body"), str) and body.startswith(("{", "[")):
            kept["body"] = comparable(json.loads(body))
        return kept
    if isinstance(value, list):
        return [comparable(inner) for inner in value]
    return MOMENT.sub("<moment>", value) if isinstance(value, str) else value


@pytest.fixture(scope="module")
def pair(services: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Both sides, indexed, with the attack's alerts stored and correlated on each."""
    try:
        python = ensure_python()
    except UnavailableError as unavailable:
        pytest.skip(f"the worker library cannot be used here: {unavailable}")
    logs = tmp_path_factory.mktemp("worker")
    databases = tuple(f"{name}-{uuid.uuid4().hex[:8]}" for name in ("ours", "worker"))
    environments = [
        {**services.settings, "COSMOS_DATABASE": name, "CREATE_CONTAINERS": "true"}
        for name in databases
    ]
    with CosmosClient.from_connection_string(services.cosmos_connection) as cosmos:
        sides = (
            Side.ours(environments[0], logs / "ours.log"),
            Side.worker(python, environments[1], logs / "worker.log"),
        )
        try:
            indexed = (sides[0].ask(do="index"), sides[1].ask(do="index"))
            pair = Pair(sides, cosmos, (databases[0], databases[1]), indexed)
            pair.ingest(ATTACK)
            pair.correlate()
            pair.reconcile()
            yield pair
        finally:
            for side in sides:
                side.close()


def test_both_index_the_same_functions_bindings_and_retry_policies(pair: Pair) -> None:
    ours, worker = pair.indexed
    for function in worker["functions"].values():
        function.pop("id", None)
    assert ours == worker
    known = {"ingest_alert", "keep_poison", "correlate", "reconcile", "incidents", "page"}
    assert known <= ours["functions"].keys()


@pytest.mark.parametrize(
    ("body", "succeeds"),
    [
        pytest.param(ATTACK, True, id="three alerts"),
        pytest.param(ATTACK[:1], True, id="a duplicate"),
        pytest.param("this is no JSON", True, id="unreadable: set aside"),
        pytest.param([], True, id="nothing"),
    ],
)
def test_queue_messages(pair: Pair, body: Any, succeeds: bool) -> None:
    ours, worker = pair.ingest(body)
    assert ours == worker
    assert ("error" not in ours) is succeeds


@pytest.mark.parametrize(
    "body", [pytest.param(ATTACK, id="alerts"), pytest.param("no JSON", id="unreadable")]
)
def test_poison_messages(pair: Pair, body: Any) -> None:
    ours, worker = pair.ingest(body, "keep_poison")
    assert ours == worker
    assert "error" not in ours


@pytest.mark.parametrize(
    ("extra", "retry"),
    [
        pytest.param((), (0, -1), id="first attempt"),
        pytest.param((), (3, -1), id="a retry of the same batch"),
        pytest.param(({"id": "odd", "resourceKey": "x"},), (0, -1), id="with a bad document"),
    ],
)
def test_change_feed_batches(
    pair: Pair, extra: tuple[dict[str, Any], ...], retry: tuple[int, int]
) -> None:
    ours, worker = pair.correlate(*extra, retry=retry)
    assert ours == worker
    assert "error" not in ours


@pytest.mark.parametrize(("method", "path", "status"), REQUESTS)
def test_http_requests(pair: Pair, method: str, path: str, status: int) -> None:
    ours, worker = pair.http(method, path)
    assert ours == worker
    assert ours["response"]["status"] == status


@pytest.mark.parametrize("path", KEYS)
@pytest.mark.parametrize(
    ("method", "body", "if_match", "status"),
    [
        pytest.param("GET", None, None, 200, id="detail"),
        pytest.param("PATCH", {"status": "InProgress"}, None, 428, id="change unconditionally"),
        pytest.param("PATCH", {"status": "InProgress"}, '"old"', 412, id="change a stale one"),
        pytest.param("PATCH", {"status": "Odd"}, "current", 400, id="change to nonsense"),
        pytest.param("PATCH", "{", "current", 400, id="change with no JSON"),
        pytest.param("PATCH", {"status": "InProgress"}, "current", 200, id="change"),
    ],
)
def test_http_requests_for_one(
    pair: Pair, path: str, method: str, body: Any, if_match: str | None, status: int
) -> None:
    path = f"{path}/{pair.first_id(path)}"
    ours, worker = pair.http(method, path, body, if_match=if_match)
    assert ours == worker
    assert ours["response"]["status"] == status


@pytest.mark.parametrize(
    ("body", "status", "queued"),
    [
        pytest.param(ATTACK, 202, True, id="alerts are queued"),
        pytest.param("{", 400, False, id="what is no JSON is refused"),
    ],
)
def test_pushed_alerts(pair: Pair, body: Any, status: int, queued: bool) -> None:
    ours, worker = pair.http("POST", "/api/alerts", body)
    assert ours == worker
    assert ours["response"]["status"] == status
    assert bool(ours["outputs"]) is queued


def test_an_incidents_alerts(pair: Pair) -> None:
    ours, worker = pair.http("GET", f"/api/incidents/{pair.first_id('/api/incidents')}/alerts")
    assert ours == worker
    assert len(ours["response"]["body"]["value"]) == len(ATTACK)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_route_answers_alike(pair: Pair, method: str) -> None:
    """Every HTTP function is invoked, also one that nothing above has thought of."""
    for name, route in http_routes(pair.indexed[0]).items():
        path = "/" + re.sub(r"\{[^}]*\}", "none", route)
        ours, worker = pair.http(method, path)
        assert ours == worker, f"{name} at {path}"


def http_routes(indexed: Any) -> dict[str, str]:
    """Return the route of each HTTP function."""
    return {
        name: binding["route"]
        for name, function in indexed["functions"].items()
        for binding in function["bindings"]
        if binding["type"] == "httpTrigger"
    }
