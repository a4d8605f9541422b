"""Killed with SIGKILL at any moment, the emulator comes back with all that it acknowledged."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from azure.core.exceptions import AzureError
from azure.cosmos import CosmosClient, PartitionKey
from azure.cosmos.aio import CosmosClient as AsyncClient

from tests.integration.cosmos_support import KEY, emulator

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.cosmos_support import Emulator

WRITERS = 8


async def write_until_killed(running: Emulator, kill_after: int) -> dict[str, int]:
    """Upsert and batch until the emulator is gone; gives the version acknowledged for each id."""
    acknowledged: dict[str, int] = {}
    done = asyncio.Event()

    async def writer(container: Any, number: int) -> None:
        for version in range(10_000):
            ids = [f"w{number}-{version % 7}", f"w{number}-b"]
            batch = [("upsert", ({"id": i, "pk": f"p{number}", "v": version},)) for i in ids]
            try:
                await container.execute_item_batch(batch, f"p{number}")
            except AzureError:
                return
            acknowledged.update(dict.fromkeys(ids, version))
            if sum(acknowledged.values()) > kill_after:
                done.set()

    async with AsyncClient(running.address, KEY, retry_total=0) as client:
        database = await client.create_database_if_not_exists("durable")
        container = await database.create_container_if_not_exists("items", PartitionKey("/pk"))
        writers = [asyncio.create_task(writer(container, n)) for n in range(WRITERS)]
        await done.wait()
        running.kill()
        await asyncio.gather(*writers)
    return acknowledged


@pytest.mark.parametrize("kill_after", [50, 700])
async def test_every_acknowledged_write_survives_a_kill(tmp_path: Path, kill_after: int) -> None:
    with emulator("--data", str(tmp_path)) as running:
        acknowledged = await write_until_killed(running, kill_after)
    with emulator("--data", str(tmp_path)) as again, CosmosClient(again.address, KEY) as client:
        container = client.get_database_client("durable").get_container_client("items")
        stored = {item["id"]: item["v"] for item in container.read_all_items()}
        lost = {i: v for i, v in acknowledged.items() if stored.get(i, -1) < v}
        assert lost == {}
        batches = {number: stored[f"w{number}-b"] for number in range(WRITERS)}
        for number, version in batches.items():
            assert stored[f"w{number}-{version % 7}"] == version, "a batch was torn"


def test_a_lease_that_reads_on_after_a_kill_skips_and_repeats_nothing(tmp_path: Path) -> None:
    with emulator("--data", str(tmp_path)) as running, CosmosClient(running.address, KEY) as client:
        database = client.create_database("durable")
        container = database.create_container("items", PartitionKey("/pk"))
        for n in range(10):
            container.create_item({"id": str(n), "pk": "a"})
        seen = [item["id"] for item in container.query_items_change_feed(start_time="Beginning")]
        etag = client.client_connection.last_response_headers["etag"]
        container.delete_item("9", "a")
        running.kill()
    with emulator("--data", str(tmp_path)) as again, CosmosClient(again.address, KEY) as client:
        container = client.get_database_client("durable").get_container_client("items")
        for n in range(10, 20):
            container.create_item({"id": str(n), "pk": "a"})
        seen += [item["id"] for item in container.query_items_change_feed(continuation=etag)]
    assert seen == [str(n) for n in range(20)]
