"""What an alert costs in requests, through the real store; `docs/performance.md` gives reasons."""

import asyncio
from collections.abc import Iterator

import pytest

from ingest_alert.bootstrap import compose
from ingest_alert.handling import ingest
from local.bench_store import ORGANISATION, START, Correlator, Cost, Meter, loads, measure
from local.bench_store import messages as messages_of
from local.demo.cast import Happening, account, arm_alert, machine
from shared.settings import Settings
from shared.store.client import open_database
from shared.store.definitions import INCIDENTS
from tests.integration.cosmos_support import KEY, emulator


@pytest.fixture(scope="module")
def connection() -> Iterator[str]:
    with emulator("--data", ":memory:") as running:
        yield f"AccountEndpoint={running.address};AccountKey={KEY};"


@pytest.fixture(scope="module")
def costs(connection: str) -> dict[str, Cost]:
    """By load; of each two hundred alerts."""
    return asyncio.run(_measure(connection))


async def _measure(connection: str) -> dict[str, Cost]:
    found = {}
    for name, alerts, batch in loads(200, 200, 100):
        settings = Settings(
            cosmos_connection=connection, database=name.replace(" ", "-"), create_containers=True
        )
        async with await open_database(settings) as database:
            found[name] = await measure(database, settings, alerts, batch)
    return found


@pytest.mark.parametrize(
    ("load", "most"),
    [
        pytest.param("one by one", 5.0, id="an isolated alert with three keys, by itself"),
        pytest.param("isolated", 0.3, id="isolated alerts that come together"),
        pytest.param("burst", 0.15, id="a burst of two hundred on one resource, in arrays"),
        pytest.param("arrays over many resources", 1.0, id="arrays of fifty over 200 resources"),
    ],
)
def test_requests_an_alert(load: str, most: float, costs: dict[str, Cost]) -> None:
    assert 0 < costs[load].requests_an_alert <= most


async def test_a_union_takes_few_requests(connection: str) -> None:
    settings = Settings(cosmos_connection=connection, database="union", create_containers=True)
    async with await open_database(settings) as database:
        services, correlator = compose(database), Correlator(database, settings)

        async def push(happenings: list[Happening]) -> int:
            for message in messages_of([arm_alert(each, START) for each in happenings]):
                await ingest(message, services)
            for pages in (correlator.alerts, correlator.news):
                meter = Meter(connection)
                step = correlator.record if pages is correlator.alerts else correlator.reconcile
                found = [page async for page in pages.pages()]
                meter.begin()
                for page in found:
                    await step(page)
                spent = meter.end()["requests"]["total"]
            return int(spent)

        for name in ("a", "b"):
            for n, stage in enumerate(("InitialAccess", "Execution", "CredentialAccess")):
                kind = (f"{name}{n}", f"T_{name}{n}", "High", stage)
                await push([Happening(20 * n, *kind, machine(name), ())])
        joint = (account("joe"),)
        requests = await push(
            [
                Happening(70, "x", "T_x", "High", "Discovery", machine("a"), joint),
                Happening(75, "y", "T_y", "High", "LateralMovement", machine("b"), joint),
            ]
        )
        query = "SELECT VALUE c.type FROM c WHERE c.type IN ('incident', 'redirect')"
        rows = database.container(INCIDENTS).query_items(query, partition_key=ORGANISATION)
        assert sorted([str(row) async for row in rows]) == ["incident", "redirect"]
        assert requests <= 9
