"""The Cosmos DB trigger, statement by statement (docs: Azure Cosmos DB trigger for Functions)."""

import asyncio
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from local.host.change_feed.listener import ChangeFeedListener
from local.host.change_feed.partition import FeedOptions
from local.host.invocation import Pause
from tests.unit.host.fake_feed import FakeFeed, FakeLeaseStore, throttled
from tests.unit.host.virtual_time import EPOCH, now, run, seconds, seeded


def changes(*names: str) -> list[dict[str, Any]]:
    return [{"id": name} for name in names]


@dataclass
class Function:
    """A function with the host's retries around it: how an attempt ends is `attempt`'s to say."""

    attempt: Callable[[list[str]], bool] = lambda _ids: True
    retries: bool = True
    takes: float = 0.0
    #: (seconds, ids) of each attempt.
    attempts: list[tuple[float, list[str]]] = field(default_factory=list)

    async def __call__(self, documents: str, pause: Pause) -> bool:
        ids = [document["id"] for document in json.loads(documents)]
        while True:
            self.attempts.append((seconds(), ids))
            await asyncio.sleep(self.takes)
            if self.attempt(ids) or not self.retries:
                return True  # succeeded, or no policy: either way the batch is done with
            if not await pause(10):
                return False

    @property
    def batches(self) -> list[list[str]]:
        return [ids for _, ids in self.attempts]

    @property
    def ids(self) -> list[str]:
        return [name for batch in self.batches for name in batch]


def options(since: datetime | None = None, **seconds_of: float) -> FeedOptions:
    given = {"poll": 5.0, "renew": 17.0, "acquire": 13.0, "expire": 60.0, **seconds_of}
    return FeedOptions(
        poll_delay=timedelta(seconds=given["poll"]),
        renew_interval=timedelta(seconds=given["renew"]),
        acquire_interval=timedelta(seconds=given["acquire"]),
        expiration_interval=timedelta(seconds=given["expire"]),
        max_items=2,
        since=since,
    )


def listener(
    feed: FakeFeed,
    store: FakeLeaseStore,
    function: Function,
    owner: str = "me",
    reads: FeedOptions | None = None,
) -> ChangeFeedListener:
    async def open_store(database_rid: str, container_rid: str) -> FakeLeaseStore:
        assert (database_rid, container_rid) == ("dbRid", "collRid")
        return store

    return ChangeFeedListener(feed, open_store, reads or options(), function, owner, now, seeded())


def play(
    feed: FakeFeed,
    function: Function,
    store: FakeLeaseStore | None = None,
    *,
    for_seconds: float = 60.0,
    grace: float = 0.0,
    reads: FeedOptions | None = None,
) -> FakeLeaseStore:
    """Let one listener run for a while, then stop it."""
    held = store or FakeLeaseStore()

    async def scenario() -> None:
        one = listener(feed, held, function, reads=reads)
        await one.start()
        await asyncio.sleep(for_seconds)
        await one.stop(grace)

    run(scenario())
    return held


def test_changes_arrive_in_order_in_pages_of_max_items() -> None:
    function = Function()
    play(FakeFeed({"0": changes("a", "b", "c")}), function)
    assert function.batches == [["a", "b"], ["c"]]


def test_each_batch_is_checkpointed_with_the_feeds_continuation() -> None:
    store = play(FakeFeed({"0": changes("a", "b", "c")}), Function())
    assert store.of("0").continuation == "3"


def test_a_poll_that_finds_nothing_is_followed_by_the_delay_and_others_are_not() -> None:
    feed = FakeFeed({"0": changes("a", "b", "c")})
    play(feed, Function(), for_seconds=11, reads=options(poll=5))
    assert [when for when, *_ in feed.reads] == [0, 0, 0, 5, 10]


def test_an_empty_poll_is_not_checkpointed() -> None:
    store = play(FakeFeed({"0": []}), Function())
    assert store.of("0").continuation is None


def test_it_goes_on_from_the_leases_continuation() -> None:
    feed, function = FakeFeed({"0": changes("a", "b")}), Function()
    store = play(feed, function)
    feed.changes["0"] += changes("c")
    play(feed, function, store)
    assert function.ids == ["a", "b", "c"]


def test_the_start_counts_only_until_there_is_a_continuation() -> None:
    feed = FakeFeed({"0": []})
    play(feed, Function(), for_seconds=6, reads=options(since=EPOCH))
    first, second = feed.reads
    assert first[2:] == (None, EPOCH)
    assert second[2] == "0"


def test_a_batch_that_fails_without_retries_is_lost() -> None:
    function = Function(lambda ids: "a" not in ids, retries=False)
    store = play(FakeFeed({"0": changes("a", "b", "c")}), function)
    assert function.batches == [["a", "b"], ["c"]]
    assert store.of("0").continuation == "3"


def test_a_batch_that_is_retried_blocks_its_partition_uncheckpointed() -> None:
    function = Function(lambda ids: "a" not in ids)
    store = play(FakeFeed({"0": changes("a", "b", "c")}), function, for_seconds=35)
    assert function.batches == [["a", "b"]] * 4
    assert store.of("0").continuation is None


def test_but_not_the_other_partitions() -> None:
    function = Function(lambda ids: "a" not in ids)
    feed = FakeFeed({"0": changes("a"), "1": changes("x", "y")})
    store = play(feed, function, for_seconds=35)
    assert store.of("1").continuation == "2"


def test_a_stop_in_mid_retry_leads_to_redelivery() -> None:
    feed = FakeFeed({"0": changes("a", "b")})
    store = play(feed, Function(lambda _ids: False), for_seconds=15)
    again = Function()
    play(feed, again, store)
    assert again.batches == [["a", "b"]]


def test_one_batch_at_a_time_a_lease() -> None:
    function = Function(takes=3)
    play(FakeFeed({"0": changes("a", "b", "c", "d")}), function, for_seconds=20)
    assert [when for when, _ in function.attempts] == [0, 3]


def test_a_batch_that_ends_within_the_grace_time_is_checkpointed() -> None:
    store = play(FakeFeed({"0": changes("a")}), Function(takes=5), for_seconds=2, grace=10)
    assert store.of("0").continuation == "1"


def test_a_batch_that_does_not_is_abandoned_uncheckpointed() -> None:
    store = play(FakeFeed({"0": changes("a")}), Function(takes=1e6), for_seconds=2, grace=10)
    assert store.of("0").continuation is None
    assert store.of("0").owner is None


def test_stopping_releases_the_leases() -> None:
    store = play(FakeFeed({"0": [], "1": []}), Function())
    assert store.owners() == {"0": None, "1": None}


def test_leases_are_renewed_while_a_batch_runs_long() -> None:
    function = Function(takes=600)
    store = FakeLeaseStore()

    async def scenario() -> None:
        one = listener(FakeFeed({"0": changes("a")}), store, function)
        await one.start()
        await asyncio.sleep(500)
        assert now() - store.of("0").timestamp <= timedelta(seconds=17)
        await one.stop(0)

    run(scenario())


def test_a_read_that_is_throttled_waits_as_told() -> None:
    feed, function = FakeFeed({"0": changes("a")}, faults=[throttled(7)]), Function()
    play(feed, function)
    assert [when for when, *_ in feed.reads][:2] == [0, 7]
    assert function.ids == ["a"]


def test_reads_that_fail_for_a_while_lose_nothing() -> None:
    feed, function = FakeFeed({"0": changes("a", "b", "c")}), Function()
    feed.faults = [throttled(0) for _ in range(20)]
    play(feed, function, for_seconds=300)
    assert function.ids == ["a", "b", "c"]


def test_a_checkpoint_that_fails_for_a_while_is_repeated() -> None:
    store = FakeLeaseStore()

    def attempt(_ids: list[str]) -> bool:
        store.faults = 3
        return True

    function = Function(attempt)
    play(FakeFeed({"0": changes("a")}), function, store)
    assert store.of("0").continuation == "1"
    assert function.batches == [["a"]]


def test_after_a_split_the_children_go_on_from_where_the_parent_was() -> None:
    feed, function = FakeFeed({"0": changes("a", "b")}), Function()
    store = FakeLeaseStore()

    async def scenario() -> None:
        one = listener(feed, store, function)
        await one.start()
        await asyncio.sleep(20)
        feed.children["0"] = ["1", "2"]
        feed.changes |= {"1": changes("a", "b", "c"), "2": changes("a", "b", "d")}
        await asyncio.sleep(60)
        await one.stop(0)

    run(scenario())
    assert sorted(function.ids) == ["a", "b", "c", "d"]
    assert sorted(store.owners()) == ["1", "2"]


def several(hosts: int, partitions: int, scenario: Callable[..., Any]) -> FakeLeaseStore:
    """Run a scenario with several listeners that have been started on one lease container."""
    store = FakeLeaseStore()
    feed = FakeFeed({str(n): [] for n in range(partitions)})

    async def play_out() -> None:
        listeners = [listener(feed, store, Function(), f"host {n}") for n in range(hosts)]
        await asyncio.gather(*(one.start() for one in listeners))
        await asyncio.sleep(200)
        await scenario(listeners, store)

    run(play_out())
    return store


def shares(owners: Iterable[str | None]) -> list[int]:
    counted = list(owners)
    return sorted(counted.count(owner) for owner in set(counted))


@pytest.mark.parametrize(
    ("hosts", "partitions", "expected"),
    [(1, 4, [4]), (2, 4, [2, 2]), (3, 4, [1, 1, 2]), (4, 4, [1, 1, 1, 1]), (2, 5, [2, 3])],
)
def test_hosts_balance_their_leases(hosts: int, partitions: int, expected: list[int]) -> None:
    async def look(listeners: list[ChangeFeedListener], store: FakeLeaseStore) -> None:
        assert shares(store.owners().values()) == expected
        for one in listeners:
            await one.stop(0)

    several(hosts, partitions, look)


def test_a_stopped_hosts_leases_move_to_the_others_at_their_next_look() -> None:
    async def stop_one(listeners: list[ChangeFeedListener], store: FakeLeaseStore) -> None:
        await listeners[0].stop(0)
        await asyncio.sleep(13)
        assert set(store.owners().values()) == {"host 1"}
        await listeners[1].stop(0)

    several(2, 4, stop_one)


def test_a_killed_hosts_leases_expire_first() -> None:
    feed = FakeFeed({"0": changes("a"), "1": []})
    store = FakeLeaseStore()
    play(feed, Function(), store, for_seconds=1)
    for lease in list(store.leases.values()):  # as if it had been killed just now
        store.leases[lease.id] = type(lease)(
            lease.id, lease.token, "killed", lease.continuation, EPOCH, lease.etag
        )
    owners: list[set[str | None]] = []

    async def scenario() -> None:
        one = listener(feed, store, Function(), "next")
        await one.start()
        await asyncio.sleep(60)
        owners.append(set(store.owners().values()))
        await asyncio.sleep(2 * 13)
        owners.append(set(store.owners().values()))
        await one.stop(0)

    run(scenario())
    assert "killed" in owners[0]
    assert owners[1] == {"next"}


def test_leases_are_created_once_even_by_hosts_that_start_together() -> None:
    async def look(listeners: list[ChangeFeedListener], store: FakeLeaseStore) -> None:
        assert len(store.leases) == 4
        assert store.initialized
        assert not store.locked
        for one in listeners:
            await one.stop(0)

    several(3, 4, look)
