"""Messages through `ingest_alert`, on the emulator with the real SDK."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from azure.cosmos.exceptions import CosmosResourceNotFoundError

from ingest_alert.bootstrap import compose
from ingest_alert.handling import Message, Services, Tally, ingest
from ingest_alert.organisations import Organisations
from local.stack import Stack
from shared.entities import key_id
from shared.rejection import RejectedId, redrive_message
from shared.settings import Settings
from shared.store.client import Database, open_database
from shared.store.definitions import ALERTS, RULES
from shared.store.queries import Position
from shared.store.rejected import RejectedFilter, RejectedStore
from shared.times import DAY, HOUR, format_time, now
from tests.unit.shared.measuring import Measured

YESTERDAY = now() // DAY * DAY - DAY


def at(hour: int) -> str:
    """An hour of yesterday."""
    return format_time(YESTERDAY + hour * HOUR)


@dataclass
class Intake:
    """The services over an open database, and short ways to use them."""

    database: Database
    services: Services
    prefix: str

    def alert(self, number: int, **fields: Any) -> dict[str, Any]:
        """A native alert on one of three hosts, which no other test names."""
        return {
            "systemAlertId": f"{self.prefix}-{number}",
            "alertType": "Scan",
            "alertDisplayName": "Port scan",
            "severity": "Low",
            "startTimeUtc": at(10),
            "compromisedEntity": f"{self.prefix}-{number % 3}",
        } | fields

    async def push(self, *payloads: object, id_: str = "m") -> Tally:
        """Handle a message that holds these payloads."""
        return await self.take(json.dumps(payloads).encode(), id_=id_)

    async def take(self, body: bytes, *, id_: str = "m") -> Tally:
        return await ingest(Message(f"{self.prefix}-{id_}", body, now()), self.services)

    async def counted(self) -> int:
        """How many alerts the counters of the three hosts have counted."""
        entities = {key_id(f"host:{self.prefix}-{number}") for number in range(3)}
        rows = self.database.container(ALERTS).query_items(
            "SELECT c.entity, c.n FROM c WHERE c.type = 'count'"
        )
        return sum([row["n"] async for row in rows if row["entity"] in entities])


@pytest.fixture
async def intake(services: Stack, request: pytest.FixtureRequest) -> AsyncIterator[Intake]:
    settings = Settings(cosmos_connection=services.cosmos_connection, create_containers=True)
    prefix = request.node.name.replace("_", "-")[-40:]
    async with await open_database(settings) as database:
        yield Intake(database, compose(database), prefix)


async def test_alerts_are_stored_and_counted_once_however_often_they_come(intake: Intake) -> None:
    alerts = [intake.alert(number) for number in range(60)]
    assert (await intake.push(*alerts)).stored == 60
    again = await intake.push(*alerts, intake.alert(60))
    assert (again.stored, again.duplicates) == (1, 60)
    assert await intake.counted() == 61


async def test_alerts_are_of_the_organisation_that_is_set(intake: Intake) -> None:
    own = compose(intake.database, organisations=Organisations("acme"))
    await Intake(intake.database, own, intake.prefix).push(intake.alert(1))
    assert (await intake.push(intake.alert(1))).stored == 1
    rows = intake.database.container(ALERTS).query_items(
        "SELECT c.id, c.organisation FROM c WHERE c.sourceAlertId = @id",
        parameters=[{"name": "@id", "value": f"{intake.prefix}-1"}],
    )
    found = {row["id"]: row["organisation"] async for row in rows}
    assert sorted(found.values()) == ["acme", "main"]


async def test_an_alert_that_would_have_expired_is_refused_as_too_old(intake: Intake) -> None:
    tally = await intake.push(intake.alert(1, startTimeUtc="2019-01-11T06:31:40Z"))
    assert (tally.stored, tally.rejected) == (0, 1)
    found = await RejectedStore(intake.database).page(RejectedFilter(("refused",)), None, 100)
    (row,) = [row for row in found if row["messageId"] == f"{intake.prefix}-m"]
    assert "ALERT_RETENTION_DAYS" in row["message"]


async def test_requests_and_their_charges_are_counted_by_container(services: Stack) -> None:
    measured = Measured()
    settings = Settings(cosmos_connection=services.cosmos_connection, create_containers=True)
    async with await open_database(settings, measured.telemetry) as database:
        alerts = database.container(ALERTS)
        with pytest.raises(CosmosResourceNotFoundError):
            await alerts.read_item("none", "none")
    values = measured.values()
    assert values["store.requests", ALERTS, 404] == 1
    assert values["store.request_units", ALERTS] >= 1
    assert values["store.requests", "-", 200] >= 1


async def test_workers_that_race_store_each_alert_once(intake: Intake) -> None:
    alerts = [intake.alert(number) for number in range(30)]
    others = [Intake(intake.database, compose(intake.database), intake.prefix) for _ in range(4)]
    tallies = await asyncio.gather(*(each.push(*alerts) for each in others))
    assert sum(tally.stored for tally in tallies) == 30
    assert sum(tally.duplicates for tally in tallies) == 90
    assert await intake.counted() == 30


async def test_a_newer_version_wins_whatever_the_order(intake: Intake) -> None:
    old = intake.alert(1, status="Active", timeGeneratedUtc=at(11))
    new = intake.alert(1, status="Resolved", timeGeneratedUtc=at(12))
    await intake.push(new)
    assert (await intake.push(old)).duplicates == 1
    newest = new | {"startTimeUtc": at(13), "timeGeneratedUtc": at(14)}
    assert (await intake.push(newest)).updated == 1
    assert await intake.counted() == 1


async def test_a_rejection_is_kept_redriven_and_marked(intake: Intake) -> None:
    tally = await intake.push(intake.alert(1), {"colour": 1}, id_="mixed")
    assert (tally.stored, tally.rejected) == (1, 1)
    await intake.push(intake.alert(1), {"colour": 1}, id_="mixed")
    store = RejectedStore(intake.database)
    everything = RejectedFilter(reasons=("unknown",), statuses=("rejected",))
    rows = await store.page(everything, None, 100)
    (row,) = [row for row in rows if row["messageId"] == f"{intake.prefix}-mixed"]
    assert "body" not in row
    after = await store.page(everything, Position(row["atUtc"], row["id"]), 100)
    assert row["id"] not in {each["id"] for each in after}
    place = RejectedId(row["day"], row["id"])
    document = await store.find(place)
    assert document is not None
    await store.mark_redriven(place, at=now())
    await intake.take(redrive_message(place), id_="again")
    refused = await store.find(place)
    assert refused is not None
    assert [entry["what"] for entry in refused["history"]] == ["redriven", "rejected"]
    assert refused["status"] == "rejected"
    assert refused["atUtc"] <= document["atUtc"]
    assert await store.find(RejectedId("2000-01-01", row["id"])) is None


async def test_a_rule_dismisses_what_it_matches_and_counts_it(intake: Intake) -> None:
    rules = intake.database.container(RULES)
    rule = {
        "id": "scan-of-test-hosts",
        "reason": "known",
        "author": "mia",
        "conditions": [{"field": "title", "values": [intake.prefix]}],
    }
    await rules.upsert_item(rule)
    assert (await intake.push(intake.alert(1, alertDisplayName=intake.prefix))).stored == 1
    await intake.push(intake.alert(1, alertDisplayName=intake.prefix))
    query = "SELECT c.status, c.suppressedBy FROM c WHERE c.title = @title"
    named: list[dict[str, object]] = [{"name": "@title", "value": intake.prefix}]
    alerts = intake.database.container(ALERTS)
    assert [row async for row in alerts.query_items(query, parameters=named)] == [
        {"status": "Dismissed", "suppressedBy": "scan-of-test-hosts"}
    ]
    kept = await rules.read_item("scan-of-test-hosts", "scan-of-test-hosts")
    assert kept["matched"] == 1
    await rules.delete_item("scan-of-test-hosts", "scan-of-test-hosts")
