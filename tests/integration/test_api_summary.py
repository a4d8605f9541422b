"""The summary over HTTP, on the emulator with the real SDK."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from azure.cosmos.exceptions import CosmosResourceNotFoundError

from http_api.services import Services
from local.stack import Stack
from shared.alert import STATUSES
from shared.severity import Severity
from shared.store import alert_counts
from shared.store.alert_counts import SETTLING, STATE, AlertCounts
from shared.store.alert_lifetimes import live_until
from shared.store.definitions import ALERTS, INCIDENTS
from shared.store.documents import ConflictError
from shared.store.queries import rows
from shared.store.tally import split_key
from shared.times import DAY, HOUR, SECOND, format_time, now
from tests.integration.api_support import (
    OWN,
    START,
    Api,
    alert_stored,
    api_over,
    incident_stored,
    redirect_stored,
)

NONE = dict.fromkeys(STATUSES, 0)


@pytest.fixture
async def api(services: Stack, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Api]:
    async with api_over(services.cosmos_connection, monkeypatch) as opened:
        yield opened


async def test_the_summary_counts_everything_there_is(api: Api) -> None:
    await api.store(
        ALERTS,
        alert_stored(severity=Severity.High, start=START),
        alert_stored(severity=Severity.High, start=START + HOUR),
        alert_stored(severity=Severity.Low, start=START + HOUR, status="Resolved"),
        {"id": "n-1", "type": "count", "organisation": OWN, "bucket": "0", "hour": 1, "n": 3},
    )
    await api.store(
        INCIDENTS,
        incident_stored("i-1", severity="Critical"),
        incident_stored("i-2", confidence="low"),
        incident_stored("i-3", visible=False),
    )
    body = await api.get("/api/summary")
    assert body["alerts"]["total"] == 3
    assert body["alerts"]["bySeverity"]["High"] == 2
    assert body["alerts"]["byStatus"]["Resolved"] == 1
    assert body["incidents"]["total"] == 1
    assert body["incidents"]["bySeverity"]["Critical"] == 1
    assert body["incidents"]["byConfidence"] == {"high": 1, "medium": 0, "low": 1}
    assert body["stages"]["Execution"] == 1
    assert body["reduction"] == pytest.approx(0.6667)
    assert sum(sum(point["alerts"].values()) for point in body["series"]) == 3
    every = await api.get("/api/summary?confidence=all")
    assert every["incidents"]["total"] == 2


async def test_a_period_narrows_the_numbers_and_the_series(api: Api) -> None:
    for hour in range(6):
        await api.store(ALERTS, alert_stored(start=START + hour * HOUR))
    body = await api.get("/api/summary?from=2026-11-20T01:00:00Z&to=2026-11-20T04:00:00Z&bucket=1h")
    assert body["alerts"]["total"] == 3
    assert [point["startUtc"][11:13] for point in body["series"]] == ["01", "02", "03"]
    assert (body["from"], body["to"]) == ("2026-11-20T01:00:00.000Z", "2026-11-20T04:00:00.000Z")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("bucket=5m", "bucket"),
        ("from=2020-01-01&to=2026-01-01&bucket=1h", "bucket"),
        ("from=x", "from"),
        ("last=7d", "last"),
    ],
)
async def test_a_bad_parameter_is_named(api: Api, query: str, field: str) -> None:
    reply = await api.call("GET", f"/api/summary?{query}")
    assert reply.status == 400
    assert reply.errors.keys() == {field}


async def test_a_change_of_state_moves_an_alert_at_once(api: Api) -> None:
    alert = alert_stored(start=START)
    await api.store(ALERTS, alert)
    assert (await api.get("/api/summary"))["alerts"]["byStatus"]["Active"] == 1
    await api.change(f"/api/alerts/{alert['alertId']}", "*", {"status": "Dismissed"})
    numbers = (await api.get("/api/summary"))["alerts"]
    assert numbers["total"] == 1
    assert (numbers["byStatus"]["Active"], numbers["byStatus"]["Dismissed"]) == (0, 1)


async def test_a_merged_incident_is_counted_no_longer(api: Api) -> None:
    await api.store(INCIDENTS, incident_stored("i-1"), incident_stored("i-2"))
    assert (await api.get("/api/summary"))["incidents"]["total"] == 2
    redirect = redirect_stored("i-2", "i-1")
    await api.store(INCIDENTS, redirect)
    assert (await api.get("/api/summary"))["incidents"]["total"] == 1


async def test_the_summary_costs_a_304_when_nothing_changed(api: Api) -> None:
    await api.store(ALERTS, alert_stored(start=START))
    first = await api.call("GET", "/api/summary")
    known = {"If-None-Match": first.headers["etag"]}
    assert (await api.call("GET", "/api/summary", headers=known)).status == 304
    await api.store(ALERTS, alert_stored(start=START))
    assert (await api.call("GET", "/api/summary", headers=known)).status == 200


def later(seconds: int) -> int:
    """An instant by which everything written so far is settled, in seconds."""
    return now() // SECOND + seconds


async def next_second() -> None:
    """Wait until what is written next has a later `_ts` than all that was."""
    second = now() // SECOND
    while now() // SECOND == second:  # noqa: ASYNC110 - a clock raises no event
        await asyncio.sleep(0.02)


async def statuses(counts: AlertCounts, at: int) -> Counter[str]:
    found: Counter[str] = Counter()
    for part in (await counts.read(at)).parts:
        for keys in part.values():
            for key, number in keys.items():
                found[split_key(key)[1]] += number
    return +found


async def state_of(api: Api) -> Any:
    return await api.database.container(INCIDENTS).read_item(STATE, OWN)


async def test_counts_are_kept_so_that_alerts_are_read_once(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alert_counts, "MUCH", 1)
    alerts = [alert_stored(start=START + n) for n in range(20)]
    await api.store(ALERTS, *alerts)
    counts = AlertCounts(api.database, 90, OWN)
    assert await statuses(counts, later(100)) == Counter(Active=20)
    read = 0

    async def counting(container: Any, *arguments: Any, **more: Any) -> Any:
        nonlocal read
        found = await rows(container, *arguments, **more)
        read += len(found) if container.id == ALERTS else 0
        return found

    monkeypatch.setattr("shared.store.alert_backlog.rows", counting)
    another_process = AlertCounts(api.database, 90, OWN)
    assert await statuses(another_process, later(100)) == Counter(Active=20)
    assert read == 0
    await next_second()
    await api.change(f"/api/alerts/{alerts[0]['alertId']}", "*", {"status": "Resolved"})
    assert await statuses(counts, later(100)) == Counter(Active=19, Resolved=1)
    assert await statuses(another_process, later(200)) == Counter(Active=19, Resolved=1)
    assert (await state_of(api))["version"] == 2


async def test_whoever_processes_alerts_can_keep_the_counts_up(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alert_counts, "MUCH", 1)
    counts = AlertCounts(api.database, 90, OWN)
    await api.store(ALERTS, alert_stored(start=START))
    await counts.keep_up(later(100))
    assert (await state_of(api))["version"] == 1
    await next_second()
    await api.store(ALERTS, alert_stored(start=START))
    await counts.keep_up(later(110))
    assert (await state_of(api))["version"] == 1
    await counts.keep_up(later(200))
    assert (await state_of(api))["version"] == 2


async def test_right_after_a_burst_the_counts_are_exact_as_of_an_instant_that_moves_on(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alert_counts, "MUCH", 1)
    counts = api.services.alert_counts
    monkeypatch.setattr(counts, "read", partial(counts.read, most=4))
    alerts = [alert_stored(start=START + n) for n in range(3)]
    await api.store(ALERTS, *alerts)
    await next_second()
    at = now() // SECOND
    await api.change(f"/api/alerts/{alerts[0]['alertId']}", "*", {"status": "Resolved"})
    await api.store(ALERTS, *(alert_stored(start=START + n) for n in range(3, 6)))
    first = await api.get("/api/summary")
    assert first["alertsUntilUtc"] == format_time(at * SECOND)
    assert first["alerts"]["byStatus"] == {**NONE, "Active": 3}
    facets = await api.get("/api/alerts/facets")
    assert (facets["total"], facets["complete"]) == (3, False)
    await counts.read(later(100))
    second = await api.get("/api/summary")
    assert "alertsUntilUtc" not in second
    assert second["alerts"]["byStatus"] == {**NONE, "Active": 5, "Resolved": 1}


async def test_what_is_seen_to_stay_the_newest_settles_whatever_our_clock_says(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alert_counts, "MUCH", 1)
    counts = AlertCounts(api.database, 90, OWN)
    await api.store(ALERTS, alert_stored(start=START))
    behind = later(-100)
    for seconds in (0, SETTLING):
        await counts.read(behind + seconds)
        with pytest.raises(CosmosResourceNotFoundError):
            await state_of(api)
    await counts.read(behind + SETTLING + 1)
    assert (await state_of(api))["version"] == 1


async def test_of_two_readers_that_keep_counts_at_once_one_wins(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alert_counts, "MUCH", 1)
    await api.store(ALERTS, *(alert_stored(start=START + n) for n in range(10)))
    one, two = AlertCounts(api.database, 90, OWN), AlertCounts(api.database, 90, OWN)
    at = later(100)
    monkeypatch.setattr(one, "_read_kept", _same(await one._read_kept()))
    assert await statuses(two, at) == Counter(Active=10)
    assert await statuses(one, at) == Counter(Active=10)
    assert (await state_of(api))["version"] == 1
    assert await statuses(AlertCounts(api.database, 90, OWN), at) == Counter(Active=10)


def _same(kept: Any) -> Any:
    async def read() -> Any:
        return kept

    return read


async def test_an_old_alert_is_counted_no_longer_than_it_is_kept(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It expires by the day on which it starts, and not by the one on which it was stored."""
    await api.store(ALERTS, alert_stored(start=START), alert_stored(start=START - 60 * DAY))
    for much in (1_000, 1):
        monkeypatch.setattr(alert_counts, "MUCH", much)
        counts = AlertCounts(api.database, 90, OWN)
        assert await statuses(counts, later(100)) == Counter(Active=2)
        assert await statuses(counts, later(40 * 86_400)) == Counter(Active=1)


async def test_an_alert_whose_life_is_lengthened_is_counted_once(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alert_counts, "MUCH", 1)
    stored = alert_stored(start=START)
    await api.store(ALERTS, stored)
    assert await statuses(AlertCounts(api.database, 90, OWN), later(100)) == Counter(Active=1)
    alerts = api.database.container(ALERTS)
    until = START + 200 * DAY
    await live_until(alerts, await alerts.read_item(stored["id"], stored["bucket"]), until, START)
    lengthened = await alerts.read_item(stored["id"], stored["bucket"])
    assert lengthened["expiresUtc"] == format_time(until)
    assert await statuses(AlertCounts(api.database, 90, OWN), later(100)) == Counter(Active=1)
    with pytest.raises(ConflictError):
        await live_until(alerts, {**lengthened, "_etag": "older"}, until, START)


async def test_counts_expire_with_the_alerts(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alert_counts, "MUCH", 1)
    await api.store(ALERTS, alert_stored(start=START))
    counts = AlertCounts(api.database, 90, OWN)
    await counts.read(later(100))
    (day,) = [
        row
        async for row in api.database.container(INCIDENTS).query_items(
            "SELECT * FROM c WHERE c.type = 'tally-day'", partition_key=OWN
        )
    ]
    assert 89 * 86_400 <= day["ttl"] <= 92 * 86_400
    assert await statuses(counts, later(92 * 86_400)) == Counter()


async def test_a_day_that_is_newer_than_the_state_is_read_again(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when another reader writes between our two reads: never are both halves mixed."""
    monkeypatch.setattr(alert_counts, "MUCH", 1)
    await api.store(ALERTS, alert_stored(start=START))
    await AlertCounts(api.database, 90, OWN).read(later(100))
    reader = AlertCounts(api.database, 90, OWN)
    read_state = reader._read_state
    states = [{**(await state_of(api)), "version": 0, "until": 0, "_etag": "old"}]

    async def lagging() -> Any:
        return states.pop() if states else await read_state()

    monkeypatch.setattr(reader, "_read_state", lagging)
    assert await statuses(reader, later(100)) == Counter(Active=1)


async def test_only_what_was_written_since_is_read_of_incidents(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    later_on = replace(api.services, now=lambda: now() + 200 * SECOND)

    async def opened() -> Services:
        return later_on

    monkeypatch.setattr("http_api.blueprint.process_services", opened)
    await api.store(INCIDENTS, incident_stored("i-1"))
    assert (await api.get("/api/summary"))["incidents"]["total"] == 1
    await next_second()
    await api.store(INCIDENTS, incident_stored("i-1", severity="Low"), incident_stored("i-2"))
    numbers = (await api.get("/api/summary"))["incidents"]
    assert numbers["total"] == 2
    assert numbers["bySeverity"]["Low"] == 1
