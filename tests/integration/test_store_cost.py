"""What an alert costs in requests, through the real store; `docs/performance.md` gives reasons."""

import asyncio

import pytest

from local.bench_store import Cost, loads, measure
from shared.settings import Settings
from shared.store.client import open_database
from tests.integration.cosmos_support import KEY, emulator


@pytest.fixture(scope="module")
def costs() -> dict[str, Cost]:
    """By load; of each a hundred alerts."""
    with emulator("--data", ":memory:") as running:
        connection = f"AccountEndpoint={running.address};AccountKey={KEY};"
        return asyncio.run(_measure(connection, "isolated", "burst"))


async def _measure(connection: str, *names: str) -> dict[str, Cost]:
    found = {}
    for name, alerts, batch in loads(100, 100, 50):
        if name in names:
            settings = Settings(cosmos_connection=connection, database=name, create_containers=True)
            async with await open_database(settings) as database:
                found[name] = await measure(database, connection, alerts, batch)
    return found


@pytest.mark.parametrize(
    ("load", "most"),
    [
        pytest.param("isolated", 6.0, id="an isolated alert with three keys, in a mixed batch"),
        pytest.param("burst", 1.2, id="a burst of a hundred on one resource, pushed as arrays"),
    ],
)
def test_requests_an_alert(load: str, most: float, costs: dict[str, Cost]) -> None:
    assert costs[load].alerts == 100
    assert costs[load].requests_an_alert <= most


def test_alerts_that_stay_alone_write_no_component(costs: dict[str, Cost]) -> None:
    assert ("correlation", "batch") not in costs["isolated"].requests
