"""Who asks, and whether anything is new, over HTTP on the emulator."""

from collections.abc import AsyncIterator

import pytest

from local.stack import Stack
from shared.store.definitions import ALERTS, INCIDENTS
from shared.times import SECOND, now
from tests.integration.api_support import Api, alert_stored, api_over, incident_stored


@pytest.fixture
async def api(services: Stack, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Api]:
    async with api_over(services.cosmos_connection, monkeypatch) as opened:
        yield opened


class Clock:
    """Our clock, some seconds ahead of the store's: whatever was written has settled."""

    def __init__(self) -> None:
        self.ahead = 10 * SECOND

    def __call__(self) -> int:
        return now() + self.ahead

    def tick(self) -> None:
        self.ahead += 2 * SECOND


@pytest.fixture
def clock(api: Api, monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(api.services.changes, "_now", clock)
    return clock


async def version(api: Api, clock: Clock) -> str:
    clock.tick()
    return str((await api.get("/api/changes"))["version"])


async def test_the_caller_is_told_their_roles_and_what_they_see(api: Api) -> None:
    body = await api.get("/api/me")
    assert body == {
        "name": "function key",
        "roles": ["Incidents.Read", "Incidents.Triage", "Alerts.Write", "Admin"],
        "organisations": ["i"],
    }


async def test_the_roles_are_those_that_the_key_has(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FUNCTION_KEY_ROLES", "Incidents.Triage")
    assert (await api.get("/api/me"))["roles"] == ["Incidents.Read", "Incidents.Triage"]


async def test_the_version_stays_until_something_is_written(api: Api, clock: Clock) -> None:
    before = await version(api, clock)
    assert await version(api, clock) == before
    reply = await api.call("GET", "/api/changes", headers={"If-None-Match": f'"{before}"'})
    assert (reply.status, reply.body) == (304, b"")


@pytest.mark.parametrize(
    ("container", "document"),
    [(ALERTS, alert_stored()), (INCIDENTS, incident_stored("i-1"))],
    ids=["alert", "incident"],
)
async def test_the_version_differs_after_a_write(
    api: Api, clock: Clock, container: str, document: dict[str, object]
) -> None:
    before = await version(api, clock)
    await api.store(container, document)
    assert await version(api, clock) != before


async def test_the_version_differs_each_time_while_a_write_is_fresh(api: Api, clock: Clock) -> None:
    await api.store(ALERTS, alert_stored())
    clock.ahead = 0
    first = (await api.get("/api/changes"))["version"]
    assert await version(api, clock) != first


async def test_what_correlation_writes_for_itself_is_no_news(api: Api, clock: Clock) -> None:
    before = await version(api, clock)
    await api.store(INCIDENTS, {"id": "head", "organisation": "i", "type": "head"})
    assert await version(api, clock) == before
