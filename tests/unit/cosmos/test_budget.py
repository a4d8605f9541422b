"""The throughput budget: 429 once it is spent, and how long to wait."""

from typing import Any

import orjson
import pytest

from local.cosmos.messages import Response
from tests.unit.cosmos.emulated import ITEMS, Emulated, header, key_of, message

WAIT = "x-ms-retry-after-ms"


def limited(rate: float = 20.0) -> Emulated:
    emulated = Emulated(throughput=rate)
    emulated.container()
    return emulated


def spend(emulated: Emulated) -> int:
    """Create items until one is refused; return how many were made."""
    for number in range(1000):
        made = emulated.create({"id": f"{emulated.clock.now}-{number}", "pk": "a"})
        if made.status == 429:
            return number
    raise AssertionError("nothing was refused")


def test_what_is_left_lets_a_request_in_and_the_next_is_refused() -> None:
    emulated = limited()
    made = spend(emulated)
    each = emulated.service.meter.total.units["create"] / made
    assert (made - 1) * each < 20 <= made * each


def test_a_refusal_says_how_long_to_wait_and_waiting_helps() -> None:
    emulated = limited()
    spend(emulated)
    refused = emulated.create({"id": "late", "pk": "a"})
    assert header(refused, "x-ms-substatus") == "3200"
    assert "20 request units" in message(refused)
    wait = int(header(refused, WAIT) or 0)
    assert 1 <= wait <= 1000
    emulated.clock.now += (wait - 2) / 1000
    assert emulated.create({"id": "late", "pk": "a"}).status == 429
    emulated.clock.now += 3 / 1000
    assert emulated.create({"id": "late", "pk": "a"}).status == 201


def test_the_budget_is_what_a_minute_gets_done() -> None:
    emulated = limited(100)
    made = 0
    for _ in range(600):
        made += spend(emulated)
        emulated.clock.now += 0.1
    total = emulated.service.meter.total
    assert total.units["create"] == pytest.approx(100 * 61, rel=0.02)
    assert total.statuses[201] == made + 2  # the database and the container
    assert total.statuses[429] == 600


def test_what_is_not_spent_within_a_second_is_lost() -> None:
    emulated = limited()
    first = spend(emulated)
    emulated.clock.now += 3600
    assert spend(emulated) in (first, first - 1)


def test_a_refused_request_does_nothing_and_costs_nothing() -> None:
    emulated = limited()
    spend(emulated)
    refused = emulated.create({"id": "late", "pk": "a"})
    assert refused.charge == 0
    emulated.clock.now += 1
    assert emulated.read("late", "a").status == 404


@pytest.mark.parametrize("path", ["", "dbs/db", ITEMS, f"{ITEMS}/pkranges"])
def test_metadata_has_a_budget_of_its_own(path: str) -> None:
    emulated = limited()
    spend(emulated)
    segments = emulated.ask("GET", path) if path else emulated.ask("GET", "dbs")
    assert segments.status == 200


@pytest.mark.parametrize("kind", ["query", "read", "batch", "changes"])
def test_everything_else_is_refused(kind: str) -> None:
    emulated = limited()
    spend(emulated)
    assert ask(emulated, kind).status == 429


def ask(emulated: Emulated, kind: str) -> Response:
    match kind:
        case "query":
            return emulated.query("SELECT * FROM c")
        case "read":
            return emulated.read("1", "a")
        case "batch":
            headers = {**key_of({"pk": "a"}), "x-ms-cosmos-is-batch-request": "True"}
            return emulated.ask("POST", f"{ITEMS}/docs", [{}], headers)
        case _:
            return emulated.changes()


def set_budget(emulated: Emulated, method: str, body: Any = None) -> Any:
    return emulated.ask(method, "_emulator/throughput", body)


def test_it_can_be_changed_while_clients_run(emulated: Emulated) -> None:
    set_budget(emulated, "PUT", {"requestUnits": 10})
    assert spend(emulated) == 2
    assert orjson.loads(set_budget(emulated, "GET").body) == {"requestUnits": 10}
    set_budget(emulated, "DELETE")
    assert emulated.create({"id": "free", "pk": "a"}).status == 201


@pytest.mark.parametrize("units", [0, -1, "many", True, None])
def test_a_wrong_budget_is_refused(emulated: Emulated, units: Any) -> None:
    refused = set_budget(emulated, "PUT", {"requestUnits": units})
    assert (refused.status, "requestUnits" in message(refused)) == (400, True)


def test_the_budget_takes_no_other_method(emulated: Emulated) -> None:
    assert set_budget(emulated, "POST").status == 405
