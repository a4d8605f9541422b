import random
from collections.abc import Sequence
from typing import Any

import pytest

from shared.alert import Alert, Finding, counter_id
from shared.alert_versions import Keeping
from shared.severity import Severity
from shared.store import alert_writes
from shared.store.alert_writes import AlertWriter, Outcome
from shared.store.documents import ConflictError
from shared.times import DAY, HOUR, MINUTE, SECOND, format_time
from tests.unit.shared.alerts import START, make_alert
from tests.unit.shared.fake_container import FakeContainer, Fault, batch_fault, request_fault

ONE_BUCKET = Keeping(buckets=1, retention_days=90)


def counter(start: int = START, **facts: Any) -> str:
    """The id of the counter of an alert like `make_alert`'s."""
    alert = make_alert(start=start, **facts)
    return counter_id(alert.entity, start // HOUR, alert.sid)


async def no_sleep(_seconds: float) -> None:
    """Time does not pass in tests."""


def writer_of(container: FakeContainer) -> AlertWriter:
    return AlertWriter(container.database, ONE_BUCKET, sleep=no_sleep)


async def add(container: FakeContainer, alerts: Sequence[Alert]) -> Outcome:
    """Store alerts by a writer that knows nothing yet."""
    return await writer_of(container).add(alerts, received=START)


def counts(outcome: Outcome) -> tuple[int, int, int, int]:
    """Stored, duplicate, updated, refused."""
    return (
        len(outcome.stored),
        len(outcome.duplicates),
        len(outcome.updated),
        len(outcome.refused),
    )


def counted(container: FakeContainer) -> dict[str, int]:
    """The counters by id, without those that are back at nothing."""
    return {item["id"]: item["n"] for item in container.of_type("count") if item["n"]}


async def test_alerts_of_a_partition_take_one_request() -> None:
    container = FakeContainer()
    outcome = await add(container, [make_alert(n, start=START + n * MINUTE) for n in range(50)])
    assert counts(outcome) == (50, 0, 0, 0)
    assert container.requests == ["batch"]
    assert counted(container) == {counter(): 50}


async def test_each_hour_each_resource_and_each_signal_has_its_counter() -> None:
    container = FakeContainer()
    later, elsewhere = make_alert(2, start=START + HOUR), make_alert(3, host="db01")
    await add(container, [make_alert(1), later, elsewhere, make_alert(4, severity=Severity.High)])
    assert container.requests == ["batch"]
    assert [item["n"] for item in container.of_type("count")] == [1, 1, 1, 1]


async def test_alerts_are_spread_over_the_partitions_by_their_ids() -> None:
    container = FakeContainer()
    writer = AlertWriter(container.database, Keeping(buckets=4), sleep=no_sleep)
    await writer.add([make_alert(n) for n in range(50)], received=START)
    assert container.requests == ["batch"] * 4
    assert {item["bucket"] for item in container.of_type("alert")} == set("0123")
    assert sum(item["n"] for item in container.of_type("count")) == 50


async def test_what_takes_no_part_is_stored_and_not_counted() -> None:
    container = FakeContainer()
    dismissed, check = make_alert(1), make_alert(2, finding=Finding.POSTURE)
    await writer_of(container).add(
        [dismissed, check], received=START, dismissed={dismissed.id: "rule"}
    )
    assert [item["takesPart"] for item in container.of_type("alert")] == [False, False]
    assert container.of_type("count") == []


async def test_an_alert_lives_from_its_own_day_on_however_often_it_is_written() -> None:
    container = FakeContainer()
    received = START + 3 * DAY
    await writer_of(container).add([make_alert(1)], received=received)
    (stored,) = container.of_type("alert")
    expires = (START // DAY + 1 + 90) * DAY
    assert stored["expiresUtc"] == format_time(expires)
    assert stored["ttl"] == (expires - received) // SECOND
    assert [item["ttl"] for item in container.of_type("count")] == [stored["ttl"]]


async def test_an_alert_that_is_too_old_is_refused_with_the_setting_to_change() -> None:
    container = FakeContainer()
    outcome = await writer_of(container).add([make_alert(1)], received=START + 92 * DAY)
    assert counts(outcome) == (0, 0, 0, 1)
    assert "ALERT_RETENTION_DAYS" in outcome.refused[0].reason
    assert not container.documents


async def test_a_version_of_another_resource_moves_the_alert_and_leaves_no_second_one() -> None:
    container = FakeContainer()
    await add(container, [make_alert(1)])
    await add(container, [make_alert(1, host="db01", modified=START + 1)])
    (stored,) = container.of_type("alert")
    assert stored["resource"]["name"] == "db01"
    assert counted(container) == {counter(host="db01"): 1}
    days = {(entity, day) for entity, day in stored["recount"]}
    both = (make_alert(1).entity, make_alert(1, host="db01").entity)
    assert days == {(entity, START // DAY) for entity in both}


async def test_a_counters_version_grows_with_each_change() -> None:
    container = FakeContainer()
    writer = writer_of(container)
    for n in range(3):
        await writer.add([make_alert(n)], received=START)
    assert [(item["n"], item["v"]) for item in container.of_type("count")] == [(3, 3)]


async def test_a_version_that_changes_words_alone_has_nothing_counted_anew() -> None:
    container = FakeContainer()
    await add(container, [make_alert(1)])
    await add(container, [make_alert(1, description="More", modified=START + 1)])
    assert "recount" not in container.of_type("alert")[0]


async def test_a_known_counter_is_counted_up() -> None:
    container = FakeContainer()
    writer = writer_of(container)
    await writer.add([make_alert(1)], received=START)
    await writer.add([make_alert(2)], received=START)
    assert container.requests == ["batch", "batch"]
    assert counted(container) == {counter(): 2}


async def test_a_counter_that_another_worker_made_costs_one_look() -> None:
    container = FakeContainer()
    await add(container, [make_alert(1)])
    container.requests.clear()
    assert counts(await add(container, [make_alert(2)])) == (1, 0, 0, 0)
    assert container.requests == ["batch", "query", "batch"]
    assert counted(container) == {counter(): 2}


async def test_a_known_counter_that_is_gone_is_made_again() -> None:
    container = FakeContainer()
    writer = writer_of(container)
    await writer.add([make_alert(1)], received=START)
    container.documents.clear()
    await writer.add([make_alert(2)], received=START)
    assert counted(container) == {counter(): 1}


async def test_a_redelivery_changes_nothing_and_is_told() -> None:
    container = FakeContainer()
    alerts = [make_alert(n) for n in range(10)]
    await add(container, alerts)
    before = dict(container.documents)
    container.requests.clear()
    assert counts(await add(container, alerts)) == (0, 10, 0, 0)
    assert container.documents == before
    assert container.requests == ["batch", "query"]


async def test_the_new_ones_among_duplicates_are_stored() -> None:
    container = FakeContainer()
    await add(container, [make_alert(1), make_alert(2)])
    outcome = await add(container, [make_alert(n) for n in (1, 2, 3)])
    assert counts(outcome) == (1, 2, 0, 0)
    assert counted(container) == {counter(): 3}


async def test_one_alert_twice_in_a_message_is_one_and_the_newest() -> None:
    container = FakeContainer()
    twice = [make_alert(1, title="Old"), make_alert(1, title="New", modified=START + 9)]
    assert counts(await add(container, twice)) == (1, 1, 0, 0)
    assert [item["title"] for item in container.of_type("alert")] == ["New"]


async def test_a_newer_version_updates_the_alert_and_an_older_one_does_not() -> None:
    versions = [make_alert(1, modified=START + n, description=f"v{n}") for n in range(4)]
    for order in ([0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2]):
        container = FakeContainer()
        for index in order:
            await add(container, [versions[index]])
        assert [item["description"] for item in container.of_type("alert")] == ["v3"]
        assert counted(container) == {counter(): 1}


async def test_an_update_that_moves_the_start_moves_the_count() -> None:
    container = FakeContainer()
    await add(container, [make_alert(1)])
    later = make_alert(1, start=START + HOUR, end=START + HOUR, modified=START + 1)
    assert counts(await add(container, [later])) == (0, 0, 1, 0)
    assert counted(container) == {counter(START + HOUR): 1}


async def test_an_update_is_redone_when_a_person_writes_meanwhile() -> None:
    container = FakeContainer()
    await add(container, [make_alert(1)])
    container.faults = [batch_fault(409, 0), batch_fault(412, 0)]
    assert counts(await add(container, [make_alert(1, modified=START + 1)])) == (0, 0, 1, 0)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(batch_fault(449, 0), id="retry with, of an operation"),
        pytest.param(request_fault(449), id="retry with, of the request"),
        pytest.param(request_fault(429), id="throttled"),
        pytest.param(request_fault(503), id="unavailable"),
    ],
)
async def test_what_passes_is_waited_for(fault: Fault) -> None:
    container = FakeContainer()
    container.faults = [fault, fault]
    assert counts(await add(container, [make_alert(1)])) == (1, 0, 0, 0)
    assert container.requests == ["batch"] * 3


async def test_what_does_not_pass_is_raised() -> None:
    container = FakeContainer()
    container.faults = [request_fault(403)]
    with pytest.raises(type(request_fault(403))):
        await add(container, [make_alert(1)])
    assert not container.documents


async def test_conflicts_without_end_are_raised() -> None:
    container = FakeContainer()
    container.faults = [batch_fault(409, 0)] * 100
    with pytest.raises(ConflictError, match="conflicts in a row"):
        await add(container, [make_alert(1)])


async def test_an_alert_that_the_store_refuses_is_set_aside_alone() -> None:
    container = FakeContainer()
    container.faults = [batch_fault(400, 1, 3)]
    outcome = await add(container, [make_alert(n) for n in range(3)])
    assert counts(outcome) == (2, 0, 0, 1)
    assert outcome.refused[0].alert.source_id == "alert-1"
    assert "status 400" in outcome.refused[0].reason


async def test_a_request_that_is_too_large_is_halved() -> None:
    container = FakeContainer()
    container.faults = [request_fault(413)]
    outcome = await add(container, [make_alert(n) for n in range(4)])
    assert counts(outcome) == (4, 0, 0, 0)
    assert container.requests[0:3] == ["batch", "batch", "batch"]
    assert counted(container) == {counter(): 4}


@pytest.mark.parametrize(
    ("alerts", "batches"),
    [
        pytest.param([make_alert(n) for n in range(99)], 1, id="as many as fit"),
        pytest.param([make_alert(n) for n in range(100)], 2, id="one more"),
        pytest.param(
            [make_alert(n, start=START + n * HOUR) for n in range(51)], 2, id="a counter each"
        ),
    ],
)
async def test_batches_are_as_large_as_they_may_be(alerts: list[Alert], batches: int) -> None:
    container = FakeContainer()
    outcome = await writer_of(container).add(alerts, received=START)
    assert counts(outcome) == (len(alerts), 0, 0, 0)
    assert len(container.of_type("alert")) == len(alerts)
    assert container.requests.count("batch") >= batches
    assert sum(counted(container).values()) == len(alerts)


async def test_batches_are_bounded_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alert_writes, "MOST_BATCH_BYTES", 5_000)
    container = FakeContainer()
    alerts = [make_alert(n, description="x" * 3_000) for n in range(3)]
    await writer_of(container).add(alerts, received=START)
    assert container.requests.count("batch") >= 3


async def test_any_order_of_any_deliveries_ends_the_same() -> None:
    alerts = [
        make_alert(n, host=f"h{n % 3}", modified=START + version, description=f"v{version}")
        for n in range(12)
        for version in range(3)
    ]
    ends = set()
    for seed in range(10):
        container = FakeContainer()
        shuffled = alerts * 2
        random.Random(seed).shuffle(shuffled)  # noqa: S311 - an order that can be repeated
        for at in range(0, len(shuffled), 7):
            await add(container, shuffled[at : at + 7])
        ends.add(
            tuple(
                sorted(
                    (place, item.get("description"), item.get("n"))
                    for place, item in container.documents.items()
                )
            )
        )
    assert len(ends) == 1
