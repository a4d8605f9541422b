"""The Cosmos DB trigger against the emulator with four partitions, through the real SDK."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from azure.cosmos import ContainerProxy, CosmosClient, PartitionKey

from local.stack import Stack
from shared.settings import Settings
from shared.store.definitions import LEASES, containers
from tests.integration.conftest import PARTITIONS, HostRunner, RunningHost
from tests.integration.stack_client import wait_until


@pytest.fixture(scope="module")
def cosmos(services: Stack) -> Iterator[CosmosClient]:
    """The account."""
    with CosmosClient.from_connection_string(services.cosmos_connection) as client:
        yield client


@pytest.fixture
def database(cosmos: CosmosClient) -> str:
    """A database of the test's own, with an empty container `items`."""
    name = f"db{uuid.uuid4().hex[:12]}"
    cosmos.create_database(name).create_container("items", PartitionKey("/pk"))
    return name


@pytest.fixture
def items(cosmos: CosmosClient, database: str) -> ContainerProxy:
    """The container that is watched."""
    return cosmos.get_database_client(database).get_container_client("items")


def watch(hosts: HostRunner, database: str) -> RunningHost:
    return hosts.run("recorder", RECORDER_QUEUE="none", RECORDER_DB=database)


def fill(items: ContainerProxy, count: int, prefix: str = "item") -> list[str]:
    """Add items, each in a logical partition of its own; return their ids."""
    names = [f"{prefix}-{n}" for n in range(count)]
    for name in names:
        items.create_item({"id": name, "pk": name, "nested": {"n": 1}})
    return names


def batches(host: RunningHost, function: str = "follow") -> list[dict[str, Any]]:
    return list(host.site.get("/seen").get(function, []))


def ids(host: RunningHost, function: str = "follow") -> list[str]:
    return [document["id"] for batch in batches(host, function) for document in batch["documents"]]


def leases(cosmos: CosmosClient, database: str, prefix: str = "127.0.0.1_") -> list[dict[str, Any]]:
    """The lease documents, whose ids begin with the prefix."""
    container = cosmos.get_database_client(database).get_container_client("leases")
    found = container.query_items(
        "SELECT * FROM c WHERE STARTSWITH(c.id, @prefix)",
        parameters=[{"name": "@prefix", "value": prefix}],
        enable_cross_partition_query=True,
    )
    return [lease for lease in found if ".." in lease["id"]]


def owners(cosmos: CosmosClient, database: str) -> list[str | None]:
    return [lease["Owner"] for lease in leases(cosmos, database)]


def shares(cosmos: CosmosClient, database: str) -> list[int]:
    """How many leases each owner has, the fewest first."""
    held = owners(cosmos, database)
    return sorted(held.count(owner) for owner in set(held) if owner)


def test_documents_arrive_whole_in_pages_of_max_items(
    hosts: HostRunner, database: str, items: ContainerProxy
) -> None:
    names = fill(items, 30)
    host = watch(hosts, database)
    wait_until(lambda: sorted(ids(host)) == sorted(names), "all items arrived once")
    assert all(len(batch["documents"]) <= 5 for batch in batches(host))
    document = batches(host)[0]["documents"][0]
    assert {"_etag", "_ts", "_lsn", "_rid"} <= document.keys()
    assert document["nested"] == {"n": 1}
    host.part.stop()


def test_lease_documents_are_those_of_the_change_feed_processor(
    hosts: HostRunner, cosmos: CosmosClient, database: str, items: ContainerProxy
) -> None:
    fill(items, 40)
    host = watch(hosts, database)
    wait_until(lambda: len(ids(host)) == 40, "all items arrived")
    database_rid = cosmos.get_database_client(database).read()["_rid"]
    prefix = f"127.0.0.1_{database_rid}_{items.read()['_rid']}"
    wait_until(
        lambda: all(lease["ContinuationToken"] for lease in leases(cosmos, database, prefix)),
        "each partition was checkpointed",
    )
    found = leases(cosmos, database, prefix)
    assert sorted(lease["id"] for lease in found) == [
        f"{prefix}..{lease['LeaseToken']}" for lease in sorted(found, key=lambda one: one["id"])
    ]
    assert len(found) == PARTITIONS
    assert len({lease["Owner"] for lease in found}) == 1
    host.part.stop()


def test_a_policy_without_end_blocks_the_partition_until_the_batch_succeeds(
    hosts: HostRunner, database: str, items: ContainerProxy
) -> None:
    host = watch(hosts, database)
    host.site.call("POST", "/fail", ["bad"])
    for name in ("bad", "good"):
        items.create_item({"id": name, "pk": "same partition"})
    attempts = wait_until(
        lambda: [batch for batch in batches(host) if batch["retry"] >= 2], "it was retried twice"
    )
    assert all("bad" in {one["id"] for one in batch["documents"]} for batch in attempts)
    host.site.call("POST", "/fail", [])
    wait_until(lambda: "good" in ids(host), "the partition went on")
    host.part.stop()


def test_a_stop_in_mid_retry_leads_to_redelivery(
    hosts: HostRunner, database: str, items: ContainerProxy
) -> None:
    host = watch(hosts, database)
    host.site.call("POST", "/fail", ["bad"])
    items.create_item({"id": "bad", "pk": "1"})
    wait_until(lambda: "bad" in ids(host), "it was tried")
    host.part.stop()
    second = watch(hosts, database)
    wait_until(lambda: "bad" in ids(second), "it came again")
    second.part.stop()


def test_without_a_policy_a_failed_batch_is_lost(
    hosts: HostRunner, database: str, items: ContainerProxy
) -> None:
    host = watch(hosts, database)
    host.site.call("POST", "/fail", ["bad"])
    items.create_item({"id": "bad", "pk": "1"})
    wait_until(lambda: "bad" in ids(host, "lossy"), "it was tried")
    items.create_item({"id": "good", "pk": "1"})
    wait_until(lambda: "good" in ids(host, "lossy"), "the next arrived")
    assert ids(host, "lossy").count("bad") == 1
    host.part.stop()


def test_without_start_from_beginning_only_later_changes_arrive(
    hosts: HostRunner, database: str, items: ContainerProxy
) -> None:
    early = fill(items, 8, "early")
    host = watch(hosts, database)
    wait_until(lambda: sorted(ids(host)) == sorted(early), "the other function saw the early ones")
    # The start is a time in whole seconds: what was written in the same second may arrive.
    wait_until(lambda: _write_until_seen(items, host), "a later one arrived")
    host.part.stop()


def test_a_lock_left_by_a_crash_at_the_first_start_goes_away(
    hosts: HostRunner, cosmos: CosmosClient, database: str, items: ContainerProxy
) -> None:
    leases = cosmos.get_database_client(database).create_container(
        "leases", PartitionKey("/id"), default_ttl=lease_ttl()
    )
    database_rid = cosmos.get_database_client(database).read()["_rid"]
    prefix = f"127.0.0.1_{database_rid}_{items.read()['_rid']}"
    leases.create_item({"id": f"{prefix}.lock", "ttl": 3600})
    names = fill(items, 8)
    host = hosts.start("recorder", RECORDER_QUEUE="none", RECORDER_DB=database)
    wait_until(lambda: "Another host is creating the leases" in host.log, "it waited for the lock")
    leases.upsert_item({"id": f"{prefix}.lock", "ttl": 1})
    host.part.wait_ready()
    wait_until(lambda: sorted(ids(host)) == sorted(names), "it went on after the lock had expired")
    host.part.stop()


def lease_ttl() -> int | None:
    """The time to live that the app's own lease container is given."""
    return next(each.ttl for each in containers(Settings()) if each.name == LEASES)


def _write_until_seen(items: ContainerProxy, host: RunningHost) -> bool:
    name = f"late-{uuid.uuid4().hex}"
    items.create_item({"id": name, "pk": name})
    return any(one.startswith("late-") for one in ids(host, "from_now"))


def test_two_functions_without_prefixes_split_the_changes(
    hosts: HostRunner, cosmos: CosmosClient, database: str, items: ContainerProxy
) -> None:
    host = hosts.run("twins", RECORDER_DB=database)
    wait_until(lambda: shares(cosmos, database) == [2, 2], "each has half of the leases")

    def is_split() -> bool:
        """Whether of new items each function gets some, and none comes to both.

        Who has just lost a lease may read on until it notices, so the first may come twice.
        """
        names = set(fill(items, 20, uuid.uuid4().hex))
        wait_until(lambda: names <= set().union(*host.site.get("/seen").values()), "all were seen")
        one, other = (names & set(ids) for ids in host.site.get("/seen").values())
        return bool(one) and bool(other) and not one & other

    wait_until(is_split, "the changes are split")
    host.part.stop()


def test_hosts_share_the_leases_which_move_on_a_stop_and_after_a_kill(
    hosts: HostRunner, cosmos: CosmosClient, database: str, items: ContainerProxy
) -> None:
    first = watch(hosts, database)
    wait_until(lambda: shares(cosmos, database) == [4], "the first has all")
    second = watch(hosts, database)
    wait_until(lambda: shares(cosmos, database) == [2, 2], "they share")
    first.part.stop()
    wait_until(lambda: shares(cosmos, database) == [4], "the second took over what was released")
    (survivor,) = set(owners(cosmos, database))
    third = watch(hosts, database)
    wait_until(lambda: shares(cosmos, database) == [2, 2], "they share again")
    second.part.kill()
    wait_until(lambda: shares(cosmos, database) == [4], "the third took over what expired")
    assert survivor not in owners(cosmos, database)
    names = fill(items, 20)
    wait_until(lambda: set(names) <= set(ids(third)), "it reads all partitions")
    third.part.stop()
