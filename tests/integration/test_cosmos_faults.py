"""Faults on demand as the SDK meets them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from azure.core.exceptions import AzureError
from azure.cosmos import ContainerProxy, CosmosClient, PartitionKey, exceptions

from tests.integration.cosmos_support import KEY, Emulator, emulator

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def running() -> Iterator[Emulator]:
    with emulator("--data", ":memory:") as started:
        yield started


@pytest.fixture
def container(running: Emulator) -> Iterator[ContainerProxy]:
    with CosmosClient(running.address, KEY) as client:
        database = client.create_database_if_not_exists("faults")
        yield database.create_container_if_not_exists("items", PartitionKey("/pk"))
        running.admin("DELETE", "faults")
        client.delete_database("faults")


def fail(running: Emulator, fault: str, kind: str, limit: int = 1) -> None:
    rule = {"fault": fault, "kinds": [kind], "every": 1, "limit": limit, "waitMs": 5}
    running.admin("PUT", "faults", {"rules": [rule]})


@pytest.mark.parametrize("kind", ["create", "read"])
def test_the_sdk_waits_and_tries_again_when_throttled(
    running: Emulator, container: ContainerProxy, kind: str
) -> None:
    container.upsert_item({"id": "1", "pk": "a"})
    fail(running, "429", kind, limit=3)
    if kind == "create":
        container.create_item({"id": "2", "pk": "a"})
    else:
        container.read_item("1", "a")
    assert running.admin("GET", "faults")["rules"][0]["struck"] == 3


@pytest.mark.parametrize("fault", ["449", "410"])
def test_the_sdk_passes_these_on_from_a_write(
    running: Emulator, container: ContainerProxy, fault: str
) -> None:
    fail(running, fault, "upsert", limit=10)
    with pytest.raises(exceptions.CosmosHttpResponseError) as refusal:
        container.upsert_item({"id": "1", "pk": "a"})
    assert refusal.value.status_code == int(fault)


@pytest.mark.parametrize(("fault", "stored"), [("reset", False), ("lost-reply", True)])
def test_a_taken_away_reply_is_a_transport_error(
    running: Emulator, container: ContainerProxy, fault: str, *, stored: bool
) -> None:
    fail(running, fault, "create")
    with pytest.raises(AzureError):
        container.create_item({"id": "1", "pk": "a"})
    assert bool(list(container.read_all_items())) is stored


def test_a_span_of_the_meter_counts_what_the_sdk_sends(
    running: Emulator, container: ContainerProxy
) -> None:
    container.upsert_item({"id": "1", "pk": "a"})
    container.read_item("1", "a")  # the first read also asks for the ranges
    running.admin("PUT", "meter/reads")
    for _ in range(3):
        container.read_item("1", "a")
    counted = running.admin("DELETE", "meter/reads")
    assert counted["requests"] == {"total": 3, "read": 3}
    assert counted["requestUnits"]["total"] == 3.0
