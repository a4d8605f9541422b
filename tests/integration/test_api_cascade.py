"""Alerts follow their incident: closed with it, and opened again with it."""

from collections.abc import AsyncIterator, Collection
from typing import Any

import pytest

from local.stack import Stack
from shared.store.definitions import ALERTS, INCIDENTS, NEWS
from shared.times import DAY, HOUR, SECOND
from tests.integration.api_support import (
    START,
    Api,
    Reply,
    alert_stored,
    api_over,
    coverage_stored,
    host,
    incident_stored,
)

NOW = START + 30 * DAY
PATH = "/api/incidents/i-1"
CLOSE = {"status": "Resolved", "classification": "FalsePositive", "closeAlerts": True}


@pytest.fixture
async def api(services: Stack, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Api]:
    async with api_over(services.cosmos_connection, monkeypatch, now=lambda: NOW) as opened:
        yield opened


async def seeded(api: Api, alerts: int = 3) -> None:
    """An incident with alerts, one more that a person closed, and one beside it."""
    inside = [alert_stored(title=f"in {n}", start=START + n * SECOND) for n in range(alerts)]
    closed = alert_stored(title="closed before", start=START, status="Dismissed")
    outside = alert_stored(title="outside", start=START + 2 * HOUR)
    await api.store(ALERTS, *inside, closed, outside)
    covered = coverage_stored("i-1", host("web01"), (START, START + HOUR), alerts=alerts + 1)
    await api.store(INCIDENTS, incident_stored("i-1"), covered)


async def change(api: Api, body: Any) -> Reply:
    return await api.change(PATH, (await api.get(PATH))["etag"], body)


async def statuses(api: Api, only: Collection[str] = ()) -> dict[str, str]:
    rows = await api.follow("/api/alerts")
    return {row["title"]: row["status"] for row in rows if not only or row["title"] in only}


async def test_open_alerts_are_closed_with_what_the_incident_turned_out_to_be(api: Api) -> None:
    await seeded(api)
    reply = await change(api, CLOSE)
    assert reply.json()["alertsChanged"] == {"changed": 3, "complete": True}
    assert await statuses(api) == {
        "in 0": "Resolved",
        "in 1": "Resolved",
        "in 2": "Resolved",
        "closed before": "Dismissed",
        "outside": "Active",
    }
    (row, *_) = [r for r in await api.follow("/api/alerts") if r["title"] == "in 0"]
    detail = await api.get(f"/api/alerts/{row['alertId']}")
    assert detail["classification"] == "FalsePositive"
    assert detail["triage"]["history"][0]["comment"] == "Closed with the incident i-1."
    assert "closedWith" not in detail["triage"]


async def test_exactly_those_are_opened_again(api: Api) -> None:
    await seeded(api)
    await change(api, CLOSE)
    reply = await change(api, {"status": "Active", "reopenAlerts": True})
    assert reply.json()["alertsChanged"] == {"changed": 3, "complete": True}
    assert await statuses(api) == {
        "in 0": "Active",
        "in 1": "Active",
        "in 2": "Active",
        "closed before": "Dismissed",
        "outside": "Active",
    }


async def test_an_alert_that_somebody_closed_meanwhile_is_not_opened(api: Api) -> None:
    await seeded(api)
    await change(api, CLOSE)
    (row,) = [r for r in await api.follow("/api/alerts") if r["title"] == "in 1"]
    await api.change(f"/api/alerts/{row['alertId']}", "*", {"status": "Dismissed"})
    await change(api, {"status": "Active", "reopenAlerts": True})
    assert await statuses(api, {"in 0", "in 1"}) == {"in 0": "Active", "in 1": "Dismissed"}


async def test_many_alerts_take_several_requests(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("http_api.cascade.MOST", 4)
    await seeded(api, alerts=9)
    outcomes = [(await change(api, CLOSE)).json()["alertsChanged"]]
    while not outcomes[-1]["complete"]:
        outcomes.append((await change(api, {"closeAlerts": True})).json()["alertsChanged"])
    assert [each["changed"] for each in outcomes] == [4, 4, 1]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param({"closeAlerts": True}, "closeAlerts", id="of an open incident"),
        pytest.param(
            {"status": "InProgress", "closeAlerts": True}, "closeAlerts", id="while it stays open"
        ),
        pytest.param(
            {"status": "Resolved", "reopenAlerts": True}, "reopenAlerts", id="while it is closed"
        ),
    ],
)
async def test_alerts_follow_only_where_the_incident_goes(api: Api, body: Any, field: str) -> None:
    await seeded(api)
    reply = await change(api, body)
    assert (reply.status, list(reply.errors)) == (400, [field])
    assert (await api.get(PATH))["status"] == "Active"


async def test_correlation_hears_of_a_change_of_state_and_of_no_other(api: Api) -> None:
    await seeded(api)
    await change(api, {"labels": ["vip"]})
    await change(api, {"status": "Resolved"})
    rows = [row async for row in api.database.container(NEWS).read_all_items()]
    assert [(row["kind"], row["incidentId"], row["organisation"]) for row in rows] == [
        ("person", "i-1", "i")
    ]
