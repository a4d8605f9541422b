"""Throughput: the least that a container may have, and what more of it does."""

from typing import Any

import orjson
import pytest

from local.cosmos.messages import Response
from tests.unit.cosmos.emulated import ITEMS, Emulated, header, message

LEAST = "x-ms-cosmos-min-throughput"


def offered(**headers: str) -> tuple[Emulated, str]:
    """A container with throughput of its own, and its offer's id."""
    emulated = Emulated()
    emulated.ask("POST", "dbs", {"id": "db"})
    key = {"paths": ["/pk"], "kind": "Hash", "version": 2}
    made = emulated.ask("POST", "dbs/db/colls", {"id": "items", "partitionKey": key}, headers)
    assert made.status == 201, made.body
    (offer,) = orjson.loads(emulated.ask("GET", "offers").body)["Offers"]
    return emulated, offer["id"]


def replace(emulated: Emulated, offer: str, **content: Any) -> Response:
    body = orjson.loads(emulated.ask("GET", f"offers/{offer}").body)
    return emulated.ask("PUT", f"offers/{offer}", {**body, "content": content})


def autoscale(most: int) -> dict[str, Any]:
    return {"offerAutopilotSettings": {"maxThroughput": most}}


@pytest.mark.parametrize(
    ("first", "then", "least"),
    [
        pytest.param({"offerThroughput": 400}, None, 400, id="at first"),
        pytest.param({"offerThroughput": 90_000}, {"offerThroughput": 900}, 900, id="hundredth"),
        pytest.param(autoscale(1000), None, 1000, id="autoscale"),
        pytest.param(autoscale(30_000), autoscale(3000), 3000, id="a tenth with autoscale"),
    ],
)
def test_the_least_follows_the_most_that_there_ever_was(
    first: dict[str, Any], then: dict[str, Any] | None, least: int
) -> None:
    emulated, offer = offered()
    assert replace(emulated, offer, **first).status == 200
    if then is not None:
        assert replace(emulated, offer, **then).status == 200
    assert header(emulated.ask("GET", f"offers/{offer}"), LEAST) == str(least)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"offerThroughput": 300}, "minimum throughput 400"),
        ({"offerThroughput": 450}, "steps of 100"),
        (autoscale(900), "minimum throughput 1000"),
        (autoscale(1500), "steps of 1000"),
    ],
    ids=["little", "step", "little autoscale", "autoscale step"],
)
def test_too_little_or_no_step_is_refused(content: dict[str, Any], words: str) -> None:
    emulated, offer = offered()
    refused = replace(emulated, offer, **content)
    assert (refused.status, words in message(refused)) == (400, True)


def test_less_than_the_least_is_refused() -> None:
    emulated, offer = offered()
    replace(emulated, offer, offerThroughput=90_000)
    assert replace(emulated, offer, offerThroughput=800).status == 400


def test_an_offer_needs_its_content() -> None:
    emulated, offer = offered()
    assert emulated.ask("PUT", f"offers/{offer}", {"id": offer}).status == 400
    assert emulated.ask("DELETE", f"offers/{offer}").status == 405


def test_more_throughput_than_its_partitions_can_serve_splits_them() -> None:
    emulated, offer = offered()
    replace(emulated, offer, offerThroughput=25_000)
    ranges = orjson.loads(emulated.ask("GET", f"{ITEMS}/pkranges").body)["PartitionKeyRanges"]
    assert len(ranges) == 3
    assert all(each["parents"] for each in ranges)


def test_a_container_takes_its_throughput_from_the_request() -> None:
    emulated, offer = offered(**{"x-ms-offer-throughput": "700"})
    content = orjson.loads(emulated.ask("GET", f"offers/{offer}").body)["content"]
    assert content["offerThroughput"] == 700
