"""Faults on demand and the meter, through the admin endpoint."""

from typing import Any

import orjson
import pytest

from local.cosmos.faults import FAULTS, Faults
from local.cosmos.kinds import KINDS
from local.cosmos.messages import Request
from tests.unit.cosmos.emulated import ITEMS, Emulated, header, key_of, message

ONE = {"id": "1", "pk": "a"}


def set_faults(emulated: Emulated, *rules: dict[str, Any], seed: int = 0) -> Any:
    return emulated.ask("PUT", "_emulator/faults", {"seed": seed, "rules": list(rules)})


def ask(emulated: Emulated, method: str, path: str, **headers: str) -> Any:
    raw = {n.replace("_", "-").encode(): v.encode() for n, v in headers.items()}
    raw[b"authorization"] = b"key"
    return emulated.app.answer(Request(method, tuple(path.split("/")), raw))


@pytest.mark.parametrize("status", ["429", "449", "503", "410", "408"])
def test_a_status_fault_answers_and_does_nothing(emulated: Emulated, status: str) -> None:
    set_faults(emulated, {"fault": status, "every": 1, "kinds": ["create"]})
    refused = emulated.create(ONE)
    assert refused.status == int(status)
    assert emulated.read("1", "a").status == 404


def test_throttling_says_how_long_to_wait(emulated: Emulated) -> None:
    set_faults(emulated, {"fault": "429", "every": 1, "waitMs": 25})
    refused = emulated.create(ONE)
    assert header(refused, "x-ms-retry-after-ms") == "25"
    assert header(refused, "x-ms-substatus") == "3200"


@pytest.mark.parametrize(("fault", "stored"), [("reset", False), ("lost-reply", True)])
def test_a_taken_away_reply_leaves_the_write_done_or_not(
    emulated: Emulated, fault: str, *, stored: bool
) -> None:
    set_faults(emulated, {"fault": fault, "every": 1, "kinds": ["upsert"]})
    headers = {**key_of(ONE), "authorization": "k", "x-ms-documentdb-is-upsert": "True"}
    raw = {name.encode(): value.encode() for name, value in headers.items()}
    request = Request("POST", tuple(f"{ITEMS}/docs".split("/")), raw, orjson.dumps(ONE))
    assert emulated.app.answer(request) is None
    assert (emulated.read("1", "a").status == 200) is stored


def test_a_rule_strikes_only_what_it_names(emulated: Emulated) -> None:
    set_faults(emulated, {"fault": "503", "every": 1, "kinds": ["create"], "container": "items"})
    assert emulated.create(ONE).status == 503
    assert emulated.upsert(ONE).status == 201
    assert emulated.ask("POST", "dbs/db/colls/other/docs", ONE).status == 404


def test_every_nth_request_fails_up_to_the_limit(emulated: Emulated) -> None:
    set_faults(emulated, {"fault": "503", "every": 3, "limit": 2, "kinds": ["read"]})
    statuses = [emulated.read("1", "a").status for _ in range(12)]
    assert statuses == [404, 404, 503, 404, 404, 503, *[404] * 6]


def test_a_share_of_requests_fails_the_same_way_for_the_same_seed() -> None:
    def run(seed: int) -> list[bool]:
        faults = Faults()
        faults.configure([{"fault": "503", "share": 0.3}], seed)
        return [faults.pick("read", "x") is not None for _ in range(1000)]

    assert run(1) == run(1)
    assert run(1) != run(2)
    assert 250 < sum(run(1)) < 350


def test_the_rules_in_force_are_shown_with_their_counts(emulated: Emulated) -> None:
    set_faults(emulated, {"fault": "503", "every": 2, "kinds": ["read"]}, seed=7)
    for _ in range(5):
        emulated.read("1", "a")
    shown = orjson.loads(ask(emulated, "GET", "_emulator/faults").body)
    assert shown["seed"] == 7
    assert (shown["rules"][0]["seen"], shown["rules"][0]["struck"]) == (5, 2)


def test_faults_can_be_cleared(emulated: Emulated) -> None:
    set_faults(emulated, {"fault": "503", "every": 1})
    emulated.ask("DELETE", "_emulator/faults")
    assert emulated.create(ONE).status == 201


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ({"fault": "404", "every": 1}, "'fault' out of"),
        ({"fault": "503"}, "'share' over 0 or an 'every'"),
        ({"fault": "503", "share": 0.1, "every": 2}, "'share' over 0 or an 'every'"),
        ({"fault": "503", "share": 2}, "from 0 to 1"),
        ({"fault": "503", "every": 1, "kinds": ["fly"]}, "'kinds' out of"),
        ({"fault": "503", "every": 1, "often": 1}, "unknown fields ['often']"),
        ({"fault": "503", "every": 1, "limit": -1}, "whole numbers"),
        ({"fault": "503", "every": 1, "substatus": "x"}, "'substatus'"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_wrong_rule_is_named_and_changes_nothing(
    emulated: Emulated, rule: dict[str, Any], reason: str
) -> None:
    set_faults(emulated, {"fault": "503", "every": 5})
    refused = set_faults(emulated, {"fault": "503", "every": 1}, rule)
    assert (refused.status, "rule 1" in message(refused), reason in message(refused)) == (
        400,
        True,
        True,
    )
    assert len(emulated.service.faults.rules) == 1
    assert emulated.service.faults.rules[0].every == 5


def test_every_fault_can_be_asked_for(emulated: Emulated) -> None:
    assert set_faults(emulated, *[{"fault": name, "share": 0.1} for name in FAULTS]).status == 200


KINDS_OF = {
    "create": ("POST", f"{ITEMS}/docs", {}),
    "upsert": ("POST", f"{ITEMS}/docs", {"x_ms_documentdb_is_upsert": "True"}),
    "batch": ("POST", f"{ITEMS}/docs", {"x_ms_cosmos_is_batch_request": "True"}),
    "query": ("POST", f"{ITEMS}/docs", {"x_ms_documentdb_isquery": "True"}),
    "plan": ("POST", f"{ITEMS}/docs", {"x_ms_cosmos_is_query_plan_request": "True"}),
    "read": ("GET", f"{ITEMS}/docs/1", {}),
    "replace": ("PUT", f"{ITEMS}/docs/1", {}),
    "patch": ("PATCH", f"{ITEMS}/docs/1", {}),
    "delete": ("DELETE", f"{ITEMS}/docs/1", {}),
    "feed": ("GET", f"{ITEMS}/docs", {}),
    "changes": ("GET", f"{ITEMS}/docs", {"a_im": "Incremental Feed"}),
    "ranges": ("GET", f"{ITEMS}/pkranges", {}),
    "metadata": ("GET", ITEMS, {}),
}


def test_every_kind_has_an_example() -> None:
    assert set(KINDS_OF) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_requests_are_counted_by_kind(emulated: Emulated, kind: str) -> None:
    emulated.ask("PUT", "_emulator/meter/one")
    method, path, headers = KINDS_OF[kind]
    ask(emulated, method, path, **headers)
    counted = orjson.loads(ask(emulated, "GET", "_emulator/meter/one").body)
    assert counted["requests"] == {"total": 1, kind: 1}


def test_a_span_counts_from_its_begin_to_its_end(emulated: Emulated) -> None:
    emulated.create(ONE)
    emulated.ask("PUT", "_emulator/meter/work")
    emulated.create({**ONE, "id": "2"})
    emulated.read("2", "a")
    ended = orjson.loads(emulated.ask("DELETE", "_emulator/meter/work").body)
    emulated.read("2", "a")
    assert ended["requests"] == {"total": 2, "create": 1, "read": 1}
    assert ended["statuses"] == {"200": 1, "201": 1}
    assert ended["requestUnits"]["create"] > ended["requestUnits"]["read"] >= 1
    assert emulated.ask("GET", "_emulator/meter/work").status == 404


def test_the_total_runs_from_the_start_and_leaves_out_the_admin_endpoint(
    emulated: Emulated,
) -> None:
    before = orjson.loads(emulated.ask("GET", "_emulator/meter").body)["requests"]["total"]
    emulated.create(ONE)
    after = orjson.loads(emulated.ask("GET", "_emulator/meter").body)["requests"]["total"]
    assert after == before + 1


def test_larger_items_cost_more(emulated: Emulated) -> None:
    small, large = emulated.create(ONE), emulated.create({**ONE, "id": "2", "text": "x" * 10_000})
    assert large.charge > small.charge


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "_emulator/faults"), ("POST", "_emulator/meter/x"), ("GET", "_emulator/x")],
)
def test_the_admin_endpoint_refuses_what_it_does_not_know(
    emulated: Emulated, method: str, path: str
) -> None:
    assert emulated.ask(method, path).status in (404, 405)
