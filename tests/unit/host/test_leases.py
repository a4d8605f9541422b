"""Leases: documents, conditional writes, and how hosts share them."""

from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from local.host.change_feed.balancing import select_leases
from local.host.change_feed.leases import Lease, LeaseLostError, LeaseManager
from tests.unit.host.fake_feed import FakeLeaseStore
from tests.unit.host.virtual_time import EPOCH, now, run

EXPIRATION = timedelta(seconds=60)


def leases(*owners: str | None) -> list[Lease]:
    """One lease an owner, renewed just now."""
    return [Lease(f"p..{n}", str(n), owner, timestamp=EPOCH) for n, owner in enumerate(owners)]


def test_a_lease_document_holds_what_the_sdk_writes() -> None:
    lease = Lease("p..0", "0", "me", '"12"', EPOCH, bounds=("", "7F"))
    assert lease.document() == {
        "id": "p..0",
        "version": 0,
        "LeaseToken": "0",
        "FeedRange": {"Range": {"min": "", "max": "7F"}},
        "Owner": "me",
        "ContinuationToken": '"12"',
        "properties": {},
        "timestamp": "2026-01-01T00:00:00+00:00",
        "Mode": "Incremental Feed",
    }


def test_a_lease_survives_writing_and_reading() -> None:
    lease = Lease("p..0", "0", "me", '"12"', EPOCH, etag="e", bounds=("", "7F"))
    assert Lease.from_document({**lease.document(), "_etag": "e"}) == lease


@pytest.mark.parametrize(
    ("owners", "wanted"),
    [
        pytest.param([None] * 4, ["0", "1", "2", "3"], id="alone, it takes all that are free"),
        pytest.param(["me", None, None, None], ["1", "2", "3"], id="alone, it takes the rest"),
        pytest.param(["a", "a", None, None], ["2", "3"], id="two hosts, two are free"),
        pytest.param(["a", None, None, None], ["1", "2"], id="no more than its share"),
        pytest.param(["a", "a", "a", "a"], ["0"], id="it takes one from who has too many"),
        pytest.param(["a", "a", "a", "me"], ["0"], id="until the shares are equal"),
        pytest.param(["a", "a", "me", "me"], [], id="equal shares stay"),
        pytest.param(["a", "a", "me"], [], id="an odd one is not passed around"),
        pytest.param(["a", "b", "c"], [], id="more hosts than leases: one has none"),
        pytest.param([], [], id="no leases"),
    ],
)
def test_which_leases_a_host_tries_to_take(owners: list[str | None], wanted: list[str]) -> None:
    chosen = select_leases(leases(*owners), "me", EPOCH, EXPIRATION)
    assert [lease.token for lease in chosen] == wanted


@pytest.mark.parametrize(
    ("seconds", "wanted"),
    [
        pytest.param(60, ["0"], id="not yet: one is its share beside a host that lives"),
        pytest.param(61, ["0", "1"], id="expired: all are free"),
    ],
)
def test_a_lease_that_nobody_renews_expires(seconds: int, wanted: list[str]) -> None:
    at = EPOCH + timedelta(seconds=seconds)
    chosen = select_leases(leases("dead", "dead"), "me", at, EXPIRATION)
    assert [lease.token for lease in chosen] == wanted


@pytest.mark.parametrize("hosts", [2, 3, 4])
def test_hosts_that_balance_in_turn_end_with_equal_shares(hosts: int) -> None:
    held = leases(*["h0"] * 8)
    for _ in range(16):
        for host in (f"h{n}" for n in range(hosts)):
            for lease in select_leases(held, host, EPOCH, EXPIRATION):
                held[int(lease.token)] = replace(lease, owner=host)
    counts = Counter(lease.owner for lease in held)
    assert len(counts) == hosts
    assert max(counts.values()) - min(counts.values()) <= 1


def stored(owner: str | None = None) -> tuple[FakeLeaseStore, Lease]:
    store = FakeLeaseStore()
    lease = Lease(store.lease_id("0"), "0", owner)
    run(store.create(lease))
    return store, store.of("0")


def test_acquiring_writes_owner_and_time() -> None:
    store, lease = stored()
    run(LeaseManager(store, "me", now).acquire(lease))
    assert (store.of("0").owner, store.of("0").timestamp) == ("me", EPOCH)


def test_of_two_hosts_that_acquire_at_once_one_wins() -> None:
    store, lease = stored()
    run(LeaseManager(store, "first", now).acquire(lease))
    with pytest.raises(LeaseLostError, match="taken by first"):
        run(LeaseManager(store, "second", now).acquire(lease))
    assert store.of("0").owner == "first"


def test_a_checkpoint_after_a_renewal_reads_again_and_keeps_both() -> None:
    store, lease = stored("me")
    manager = LeaseManager(store, "me", now)
    run(manager.renew(lease))
    run(manager.checkpoint(lease, '"7"'))
    assert store.of("0").continuation == '"7"'


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(LeaseManager.renew, id="renew"),
        pytest.param(lambda manager, lease: manager.checkpoint(lease, '"7"'), id="checkpoint"),
        pytest.param(LeaseManager.release, id="release"),
    ],
)
def test_who_has_lost_a_lease_cannot_write_it(
    write: Callable[[LeaseManager, Lease], Coroutine[Any, Any, Any]],
) -> None:
    store, lease = stored("other")
    with pytest.raises(LeaseLostError):
        run(write(LeaseManager(store, "me", now), replace(lease, owner="me", etag="stale")))
    assert store.of("0") == lease


def test_a_released_lease_has_no_owner_and_keeps_its_continuation() -> None:
    store, lease = stored("me")
    manager = LeaseManager(store, "me", now)
    run(manager.checkpoint(lease, '"7"'))
    run(manager.release(lease))
    assert (store.of("0").owner, store.of("0").continuation) == (None, '"7"')


def test_a_write_is_repeated_while_the_container_is_out_of_reach() -> None:
    store, lease = stored("me")
    store.faults = 3
    run(LeaseManager(store, "me", now).checkpoint(lease, '"7"'))
    assert store.of("0").continuation == '"7"'


def test_a_lease_that_is_gone_is_lost() -> None:
    store, lease = stored("me")
    store.leases.clear()
    with pytest.raises(LeaseLostError, match="gone"):
        run(LeaseManager(store, "me", now).renew(lease))
