"""Merging, splitting and undoing by hand: what is asked is kept once, what does not fit refused."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from local.stack import Stack
from shared.entities import key_id
from shared.store.decisions import DONE, REFUSED
from shared.store.definitions import NEWS
from shared.times import HOUR, MINUTE, format_time
from tests.integration.api_support import (
    ALERTS,
    INCIDENTS,
    OWN,
    START,
    Api,
    Reply,
    alert_stored,
    api_over,
    coverage_stored,
    host,
    incident_stored,
    redirect_stored,
)

IN_AN_HOUR = (START, START + HOUR - 1)
WEB = [alert_stored(start=START + n * MINUTE, resource=host("web01")) for n in range(3)]
DB = alert_stored(start=START + 9 * MINUTE, resource=host("db01"), alert_type="Other")
APP = alert_stored(start=START + 2 * HOUR, resource=host("app01"))
ELSEWHERE = alert_stored(resource=host("other"))


@pytest.fixture
async def api(services: Stack, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Api]:
    async with api_over(services.cosmos_connection, monkeypatch) as opened:
        yield opened


async def seeded(api: Api) -> None:
    """Two open incidents with alerts, a closed one, and two that were absorbed."""
    late = (START + 2 * HOUR, START + 2 * HOUR)
    await api.store(
        INCIDENTS,
        incident_stored("i-a1", title="First", alertCount=4),
        incident_stored("i-b2", title="Second", alertCount=1),
        incident_stored("i-c3", title="Third", status="Resolved"),
        redirect_stored("i-d4", "i-b2"),
        redirect_stored("i-e5", "i-a1"),
        coverage_stored("i-a1", host("web01"), IN_AN_HOUR, evidence=tuple(WEB), alerts=3),
        coverage_stored("i-a1", host("db01"), IN_AN_HOUR, alerts=1),
        coverage_stored("i-a1", host("quiet"), IN_AN_HOUR, alerts=0),
        coverage_stored("i-b2", host("app01"), late, evidence=(APP,), alerts=1),
    )
    await api.store(ALERTS, *WEB, DB, APP, ELSEWHERE)


async def ask(api: Api, what: str, body: Any, incident: str = "i-a1") -> Reply:
    etag = (await api.get(f"/api/incidents/{incident}"))["etag"]
    path = f"/api/incidents/{incident}/{what}"
    return await api.call("POST", path, body, headers={"If-Match": etag})


async def asked(api: Api) -> list[dict[str, Any]]:
    """The decisions on their way to correlation."""
    rows = api.database.container(NEWS).read_all_items()
    return [row["decision"] async for row in rows if row["kind"] == "decision"]


async def carry_out(api: Api, name: str, state: str = DONE, **facts: Any) -> None:
    """Keep what came of a decision, as correlation does."""
    (decision,) = [each for each in await asked(api) if each["name"] == name]
    own = {"id": f"d-{name}", "organisation": OWN, "type": "decision", "state": state}
    made = {"outcome": "i-a1", "splitOff": [], "refusal": "", "voided": False}
    await api.store(INCIDENTS, {**decision, **own, **made, **facts})


async def test_a_merge_is_kept_for_correlation_with_who_and_why(api: Api) -> None:
    await seeded(api)
    reply = await ask(api, "merge", {"with": ["i-b2"], "comment": "one actor"})
    assert (reply.status, reply.json()["state"]) == (202, "asked")
    assert reply.headers["location"] == f"/api/decisions/{reply.json()['decision']}"
    (kept,) = await asked(api)
    assert (kept["kind"], kept["incidentId"], kept["with"]) == ("merge", "i-a1", ["i-b2"])
    assert kept["by"] == "function key"
    assert (kept["about"], kept["comment"]) == ("“First”, “Second”", "one actor")


async def test_a_split_names_resources_as_correlation_knows_them(api: Api) -> None:
    await seeded(api)
    reply = await ask(api, "split", {"resources": ["db01"]})
    assert reply.status == 202
    (kept,) = await asked(api)
    assert (kept["resources"], kept["about"]) == ([key_id("host:db01")], "db01")


async def test_a_split_can_name_alerts(api: Api) -> None:
    await seeded(api)
    names = [WEB[0]["id"], DB["id"]]
    reply = await ask(api, "split", {"alerts": names})
    assert reply.status == 202
    (kept,) = await asked(api)
    assert (kept["alerts"], kept["about"]) == (names, "2 alerts")


async def test_the_same_request_again_decides_nothing_anew_and_tells_what_came_of_it(
    api: Api,
) -> None:
    await seeded(api)
    body = {"with": ["i-b2"]}
    etag = (await api.get("/api/incidents/i-a1"))["etag"]
    replies = [await ask(api, "merge", body) for _ in range(2)]
    (kept,) = await asked(api)
    path = f"/api/decisions/{kept['name']}"
    assert (await api.get(path))["state"] == "asked"
    await carry_out(api, kept["name"], state="pending")
    assert (await api.get(path))["state"] == "asked"
    await carry_out(api, kept["name"])
    await api.store(INCIDENTS, incident_stored("i-a1", title="Changed"))
    condition = {"If-Match": etag}
    reply = await api.call("POST", "/api/incidents/i-a1/merge", body, headers=condition)
    assert [each.status for each in (*replies, reply)] == [202, 202, 200]
    assert reply.json() == await api.get(path)
    assert (reply.json()["state"], reply.json()["incidentId"]) == ("done", "i-a1")
    assert len(await asked(api)) == 1


async def test_what_correlation_refused_is_told(api: Api) -> None:
    await seeded(api)
    first = await ask(api, "merge", {"with": ["i-b2"]})
    name = first.json()["decision"]
    refusal = "the alerts of i-b2 begin to expire: it stays as it is"
    await carry_out(api, name, REFUSED, refusal=refusal)
    reply = await ask(api, "merge", {"with": ["i-b2"]})
    assert (reply.status, reply.json()["detail"]) == (409, refusal)
    told = await api.get(f"/api/decisions/{name}")
    assert (told["state"], told["refusal"]) == ("refused", refusal)


async def test_a_decision_that_was_carried_out_can_be_undone_once(api: Api) -> None:
    await seeded(api)
    name = (await ask(api, "merge", {"with": ["i-b2"]})).json()["decision"]
    assert (await ask(api, "undo", {"decision": name})).status == 404
    await carry_out(api, name)
    reply = await ask(api, "undo", {"decision": name, "comment": "two actors after all"})
    assert (reply.status, reply.json()["undoes"]) == (202, name)
    (kept,) = [each for each in await asked(api) if each["kind"] == "undo"]
    assert (kept["undoes"], kept["incidentId"]) == (name, "i-a1")
    assert kept["about"] == "merge: “First”, “Second”"
    await carry_out(api, name, voided=True)
    assert (await api.get(f"/api/decisions/{name}"))["undone"] is True
    reply = await ask(api, "undo", {"decision": name})
    assert (reply.status, reply.json()["detail"]) == (409, "It has been undone already.")


@pytest.mark.parametrize("name", ["0" * 24, "nonsense", "..", "a" * 500])
async def test_a_decision_that_is_not_there_is_not_found(api: Api, name: str) -> None:
    assert (await api.call("GET", f"/api/decisions/{name}")).status == 404


NOT_FITTING: list[tuple[str, Any, int, str]] = [
    ("merge", {"with": ["i-a1"]}, 400, "is the incident itself"),
    ("merge", {"with": ["i-b2", "i-b2"]}, 400, "is named more than once"),
    ("merge", {"with": []}, 400, "with"),
    ("merge", {"with": ["i-zz"]}, 404, "The incident i-zz"),
    ("merge", {"with": ["other-1"]}, 404, "The incident other-1"),
    ("merge", {"with": ["i-d4"]}, 409, "has become part of i-b2"),
    ("merge", {"with": ["i-e5"]}, 409, "is part of it already"),
    ("split", {"resources": []}, 400, "one of the two"),
    ("split", {"resources": ["db01"], "alerts": ["x"]}, 400, "one of the two"),
    ("split", {"resources": ["db01", "db01"]}, 400, "is named more than once"),
    ("split", {"resources": ["other"]}, 409, "other is no resource of the incident"),
    ("split", {"resources": ["web01", "db01"]}, 409, "Nothing would be left"),
    ("split", {"alerts": [ELSEWHERE["id"]]}, 409, "is no alert of the incident"),
    ("split", {"alerts": [APP["id"]]}, 409, "is no alert of the incident"),
    ("split", {"alerts": ["nonsense"]}, 409, "nonsense is no alert of the incident"),
    ("split", {"alerts": [each["id"] for each in (*WEB, DB)]}, 409, "Nothing would be left"),
]


@pytest.mark.parametrize(("what", "body", "status", "reason"), NOT_FITTING)
async def test_what_does_not_fit_is_refused(
    api: Api, what: str, body: Mapping[str, Any], status: int, reason: str
) -> None:
    await seeded(api)
    for path in (what, f"{what}/preview"):
        reply = await ask(api, path, body)
        assert (reply.status, path) == (status, path)
        assert reason in reply.json()["detail"]
    assert not await asked(api)


@pytest.mark.parametrize(
    ("what", "body"), [("split", {"resources": ["web01"]}), ("undo", {"decision": "0" * 24})]
)
async def test_a_closed_incident_is_opened_before_it_is_taken_apart(
    api: Api, what: str, body: Any
) -> None:
    await seeded(api)
    reply = await ask(api, what, body, incident="i-c3")
    assert reply.status == 409
    assert "is closed" in reply.json()["detail"]


async def test_a_closed_incident_can_be_merged(api: Api) -> None:
    await seeded(api)
    assert (await ask(api, "merge", {"with": ["i-c3"]})).status == 202


@pytest.mark.parametrize(
    ("headers", "status"), [({}, 428), ({"If-Match": '"older"'}, 412)], ids=["none", "stale"]
)
async def test_a_decision_is_on_the_version_that_was_seen(
    api: Api, headers: Mapping[str, str], status: int
) -> None:
    await seeded(api)
    path, body = "/api/incidents/i-a1/merge", {"with": ["i-b2"]}
    reply = await api.call("POST", path, body, headers=headers)
    assert reply.status == status


@pytest.mark.parametrize("what", ["merge", "merge/preview"])
async def test_one_that_was_absorbed_redirects(api: Api, what: str) -> None:
    await seeded(api)
    path, body = f"/api/incidents/i-d4/{what}", {"with": ["i-a1"]}
    reply = await api.call("POST", path, body, headers={"If-Match": "*"})
    assert reply.status == 308
    assert reply.headers["location"] == f"/api/incidents/i-b2/{what}"


def numbers(part: Mapping[str, Any]) -> tuple[int, int, int, list[str]]:
    counts = (part[f"{name}Count"] for name in ("alert", "evidence", "context"))
    alerts, evidence, context = counts
    return alerts, evidence, context, [each["name"] for each in part["resources"]]


async def preview(api: Api, what: str, body: Any) -> tuple[list[Any], list[Any]]:
    reply = await api.call("POST", f"/api/incidents/i-a1/{what}/preview", body)
    assert reply.status == 200
    return reply.json()["before"], reply.json()["after"]


async def test_the_preview_of_a_merge_has_all_of_both(api: Api) -> None:
    await seeded(api)
    before, (after,) = await preview(api, "merge", {"with": ["i-b2"]})
    assert [each["title"] for each in before] == ["First", "Second"]
    assert numbers(before[1]) == (1, 1, 0, ["app01"])
    assert numbers(after) == (5, 4, 1, ["app01", "db01", "quiet", "web01"])
    assert after["incidentId"] == "i-a1"
    assert after["firstActivityUtc"] == format_time(START)
    assert after["lastActivityUtc"] == format_time(START + 2 * HOUR)


async def test_the_preview_of_a_split_by_resources_parts_the_counts(api: Api) -> None:
    await seeded(api)
    (before,), (stays, leaves) = await preview(api, "split", {"resources": ["db01"]})
    assert numbers(before)[:3] == (4, 3, 1)
    assert numbers(stays) == (3, 3, 0, ["quiet", "web01"])
    assert numbers(leaves) == (1, 0, 1, ["db01"])
    assert (stays["incidentId"], "incidentId" in leaves) == ("i-a1", False)


async def test_the_preview_of_a_split_by_alerts_parts_the_counts(api: Api) -> None:
    await seeded(api)
    _, (stays, leaves) = await preview(api, "split", {"alerts": [WEB[0]["id"], DB["id"]]})
    assert numbers(stays) == (2, 2, 0, ["web01"])
    assert numbers(leaves) == (2, 1, 1, ["db01", "web01"])
    assert stays["firstActivityUtc"] == WEB[1]["startTimeUtc"]
    assert (leaves["firstActivityUtc"], leaves["lastActivityUtc"]) == (
        WEB[0]["startTimeUtc"],
        DB["startTimeUtc"],
    )
