"""`select` on lists and details: only what the view needs, out of the store and over the wire."""

from collections.abc import AsyncIterator

import pytest

from local.stack import Stack
from shared.store import alert_reads
from shared.store.filters import Filter
from shared.store.incident_reads import IncidentReads
from shared.store.queries import Order
from shared.times import HOUR
from tests.integration.api_support import (
    ALERTS,
    INCIDENTS,
    START,
    Api,
    alert_stored,
    api_over,
    coverage_stored,
    host,
    incident_stored,
)

WEB = host("web01")
ALERT = alert_stored(title="one", resource=WEB, start=START)


@pytest.fixture
async def api(services: Stack, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Api]:
    async with api_over(services.cosmos_connection, monkeypatch) as opened:
        await opened.store(
            INCIDENTS, incident_stored("i-1"), coverage_stored("i-1", WEB, (START, START + HOUR))
        )
        await opened.store(ALERTS, ALERT, alert_stored(title="two", resource=WEB, start=START + 1))
        yield opened


ROWS = [
    pytest.param("/api/incidents", "incidentId,score", id="incidents"),
    pytest.param("/api/alerts", "systemAlertId,resource,incident,part", id="alerts"),
    pytest.param("/api/incidents/i-1/alerts", "alertId,etag", id="an incident's alerts"),
]
ITEMS = [
    pytest.param("/api/incidents/i-1", "title,why,resources", id="an incident"),
    pytest.param("/api/incidents/i-1", "etag,history", id="its history"),
    pytest.param(f"/api/alerts/{ALERT['alertId']}", "title,original", id="an alert"),
    pytest.param(f"/api/alerts/{ALERT['alertId']}", "etag,incident,part", id="its incident"),
]


@pytest.mark.parametrize(("path", "names"), ROWS)
async def test_rows_have_the_selected_fields_as_they_are_without(
    api: Api, path: str, names: str
) -> None:
    whole = await api.get(path)
    some = await api.get(f"{path}?select={names}")
    chosen = names.split(",")
    assert some["value"] == [{name: row[name] for name in chosen} for row in whole["value"]]


@pytest.mark.parametrize(("path", "names"), ITEMS)
async def test_an_item_has_the_selected_fields(api: Api, path: str, names: str) -> None:
    assert (await api.get(f"{path}?select={names}")).keys() == set(names.split(","))


@pytest.mark.parametrize(("path", "names"), [*ROWS, *ITEMS])
async def test_each_selection_has_a_version_of_its_own(api: Api, path: str, names: str) -> None:
    whole = await api.call("GET", path)
    some = await api.call("GET", f"{path}?select={names}")
    assert whole.headers["etag"] != some.headers["etag"]
    known = {"If-None-Match": some.headers["etag"]}
    assert (await api.call("GET", f"{path}?select={names}", headers=known)).status == 304
    assert (await api.call("GET", path, headers=known)).status == 200


@pytest.mark.parametrize(("path", "names"), [*ROWS, *ITEMS])
async def test_a_field_that_is_unknown_is_named(api: Api, path: str, names: str) -> None:
    reply = await api.call("GET", f"{path}?select={names},evidence")
    assert reply.status == 400
    assert reply.errors == {"select": "'evidence' is no field here"}


async def test_entries_of_the_feed_have_their_kind_and_what_they_have_of_the_selection(
    api: Api,
) -> None:
    names = {"incident": ("title", "score"), "alert": ("title", "resource")}
    whole = await api.get("/api/feed")
    some = await api.get("/api/feed?select=resource,title,score")
    assert some["value"] == [
        {name: row[name] for name in ("kind", *names[row["kind"]])} for row in whole["value"]
    ]


async def test_a_field_that_the_feed_has_not_is_named(api: Api) -> None:
    reply = await api.call("GET", "/api/feed?select=kind,title,evidence")
    assert reply.errors == {"select": "'evidence' is no field here"}


async def test_pages_follow_whatever_is_selected(api: Api) -> None:
    for path, name in (("/api/alerts", "title"), ("/api/incidents/i-1/alerts", "title")):
        rows = await api.follow(f"{path}?limit=1&select={name}")
        assert sorted(row["title"] for row in rows) == ["one", "two"]
    rows = await api.follow("/api/feed?limit=1&select=title")
    assert len(rows) == 3


async def test_a_version_of_a_selection_does_for_a_change(api: Api) -> None:
    for path in ("/api/incidents/i-1", f"/api/alerts/{ALERT['alertId']}"):
        reply = await api.call("GET", f"{path}?select=title")
        changed = await api.change(path, reply.headers["etag"], {"status": "Resolved"})
        assert changed.status == 200


async def test_what_is_not_selected_is_not_read(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the history nor the incident of an alert is looked up for a title alone."""
    for reads, name in ((IncidentReads, "history"), (type(api.services.membership), "of_alerts")):
        monkeypatch.delattr(reads, name)
    await api.get("/api/incidents/i-1?select=title")
    await api.get(f"/api/alerts/{ALERT['alertId']}?select=title")


async def test_the_store_gives_only_the_columns_wanted_and_those_of_paging(api: Api) -> None:
    order = Order(alert_reads.ORDERS["severity"])
    (row, _) = await api.services.alerts.page(Filter(), order, None, 2, only=("title",))
    place = {"id", "organisation", "entity", "sid", "startTimeUtc", "takesPart"}
    assert row.keys() == {"title", "severityRank"} | place
