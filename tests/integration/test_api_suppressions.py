"""Suppression rules over HTTP, on the emulator."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from http_api import dry_run
from local.stack import Stack
from shared.entities import entity
from shared.store.definitions import ALERTS
from shared.store.suppressions import Suppressions
from shared.times import DAY, HOUR, format_time
from tests.integration.api_support import START, Api, Reply, alert_stored, api_over

NOW = START + DAY
RULE: dict[str, Any] = {
    "reason": "Our own scanner",
    "conditions": [{"field": "title", "operator": "contains", "values": ["port scan"]}],
}
PATH = "/api/suppressions/nightly-scan"


@pytest.fixture
async def api(services: Stack, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Api]:
    async with api_over(services.cosmos_connection, monkeypatch, now=lambda: NOW) as opened:
        yield opened


async def put(api: Api, body: Any, path: str = PATH, **headers: str) -> Reply:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return await api.call("PUT", path, body, headers=sent)


async def test_a_rule_is_created_shown_listed_and_deleted(api: Api) -> None:
    created = await put(api, RULE)
    assert created.status == 201
    rule = created.json()
    assert rule["author"] == "function key"
    assert rule["active"] is True
    assert rule["matched"] == 0
    assert created.headers["etag"] == rule["etag"]
    assert await api.get(PATH) == rule
    assert (await api.get("/api/suppressions"))["value"] == [rule]
    deleted = await api.call("DELETE", PATH, headers={"If-Match": rule["etag"]})
    assert (deleted.status, deleted.body) == (204, b"")
    assert (await api.call("GET", PATH)).status == 404
    assert (await api.get("/api/suppressions"))["value"] == []


async def test_a_rule_is_replaced_only_from_the_version_that_was_seen(api: Api) -> None:
    first = (await put(api, RULE)).json()
    changed = {**RULE, "reason": "Another", "author": "bo", "expiresUtc": "2027-01-01"}
    assert (await put(api, changed)).status == 428
    assert (await put(api, changed, If_Match='"stale"')).status == 412
    replaced = await put(api, changed, If_Match=first["etag"])
    assert replaced.status == 200
    rule = replaced.json()
    assert (rule["reason"], rule["author"]) == ("Another", "bo")
    assert rule["expiresUtc"] == "2027-01-01T00:00:00.000Z"
    assert rule["createdUtc"] == first["createdUtc"]
    assert (await put(api, RULE, If_Match=first["etag"])).status == 412
    assert (await put(api, RULE, If_Match="*", If_None_Match="*")).status == 412
    assert (await api.call("DELETE", PATH, headers={"If-Match": first["etag"]})).status == 412


async def test_what_is_not_there_cannot_be_replaced_or_deleted(api: Api) -> None:
    assert (await put(api, RULE, If_Match='"any"')).status == 412
    assert (await api.call("DELETE", PATH, headers={"If-Match": "*"})).status == 404


async def test_counting_matches_changes_no_version(api: Api) -> None:
    rule = (await put(api, RULE)).json()
    await Suppressions(api.database, lambda: NOW).count({"nightly-scan": 5})
    counted = await api.get(PATH)
    assert (counted["matched"], counted["etag"]) == (5, rule["etag"])
    replaced = await put(api, {**RULE, "reason": "Another"}, If_Match=rule["etag"])
    assert (replaced.status, replaced.json()["matched"]) == (200, 5)


async def test_ingest_reads_what_is_written_here(api: Api) -> None:
    await put(api, {**RULE, "expiresUtc": format_time(NOW + HOUR)})
    await put(api, {**RULE, "expiresUtc": format_time(NOW - HOUR)}, "/api/suppressions/expired")
    (rule,) = await Suppressions(api.database, lambda: NOW).active()
    assert rule.id == "nightly-scan"
    listed = (await api.get("/api/suppressions"))["value"]
    assert {each["id"]: each["active"] for each in listed} == {
        "nightly-scan": True,
        "expired": False,
    }


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"reason": ""}, "reason", id="no reason"),
        pytest.param({"conditions": []}, "conditions", id="no condition"),
        pytest.param(
            {"conditions": [{"field": "mood", "values": ["x"]}]}, "conditions.0.field", id="field"
        ),
        pytest.param(
            {"conditions": [{"field": "title", "values": [" "]}]}, "conditions.0", id="empty text"
        ),
        pytest.param(
            {"conditions": [{"field": "title", "operator": "cidr", "values": ["10.0.0.0/8"]}]},
            "conditions.0",
            id="no address",
        ),
        pytest.param({"expiresUtc": "soon"}, "expiresUtc", id="no time"),
        pytest.param({"matched": 1}, "matched", id="an unknown field"),
    ],
)
async def test_a_rule_that_cannot_be_used_is_refused(
    api: Api, changes: dict[str, Any], field: str
) -> None:
    reply = await put(api, {**RULE, **changes})
    assert reply.status == 400
    assert reply.errors.keys() == {field}


async def test_an_id_has_letters_and_digits(api: Api) -> None:
    reply = await put(api, RULE, "/api/suppressions/a%20b")
    assert reply.errors.keys() == {"id"}
    assert (await api.call("GET", "/api/suppressions/a%20b")).status == 404


async def test_a_dry_run_tells_what_conditions_would_have_matched(api: Api) -> None:
    scan = {"title": "Port scan seen", "entities": (entity("address", "10.9.0.7"),)}
    await api.store(
        ALERTS,
        alert_stored(start=START + HOUR, **scan),
        alert_stored(start=START, title="Logon"),
        alert_stored(start=START - 9 * DAY, **scan),
    )
    network = {"field": "entity", "kind": "address", "operator": "cidr", "values": ["10.9.0.0/24"]}
    body = {"conditions": [*RULE["conditions"], network]}
    reply = await api.call("POST", "/api/suppressions/dry-run", body)
    found = reply.json()
    assert (found["examined"], found["matched"], found["complete"]) == (2, 1, True)
    assert [row["title"] for row in found["examples"]] == ["Port scan seen"]
    longer = await api.call("POST", "/api/suppressions/dry-run?days=30", body)
    assert longer.json()["matched"] == 2


async def test_a_dry_run_examines_the_latest_page_by_page(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dry_run, "_PAGE", 2)
    await api.store(ALERTS, *(alert_stored(start=START + n, title="port scan") for n in range(5)))
    body = {"conditions": RULE["conditions"]}
    found = (await api.call("POST", "/api/suppressions/dry-run", body)).json()
    assert (found["examined"], found["matched"], found["complete"]) == (5, 5, True)
    monkeypatch.setattr(dry_run, "MOST_EXAMINED", 4)
    found = (await api.call("POST", "/api/suppressions/dry-run", body)).json()
    assert (found["examined"], found["complete"]) == (4, False)
