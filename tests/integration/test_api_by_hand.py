"""Merging and splitting by hand: what is asked is kept once, and what does not fit is refused."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from local.stack import Stack
from shared.entities import key_id
from shared.store.decisions import REFUSED
from tests.integration.api_support import (
    ALERTS,
    INCIDENTS,
    START,
    Api,
    Reply,
    api_over,
    host,
    incident_stored,
    member_stored,
)

HOUR = (START, START + 3_600_000 - 1)


@pytest.fixture
async def api(services: Stack, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Api]:
    async with api_over(services.cosmos_connection, monkeypatch) as opened:
        yield opened


async def seeded(api: Api) -> None:
    """Two open incidents, a closed one, and one that was absorbed."""
    await api.store(
        INCIDENTS,
        incident_stored("aa-1", title="First"),
        incident_stored("bb-2", title="Second"),
        incident_stored("cc-3", status="Resolved"),
        {"id": "dd-4", "incidentId": "dd-4", "type": "redirect", "parent": "bb-2"},
        {"id": "ee-5", "incidentId": "ee-5", "type": "redirect", "parent": "aa-1"},
        member_stored("aa-1", host("web01"), HOUR),
        member_stored("aa-1", host("db01"), HOUR),
        member_stored("aa-1", host("quiet"), HOUR) | {"alertCount": 0},
    )


async def ask(api: Api, what: str, body: Any, incident: str = "aa-1") -> Reply:
    etag = (await api.get(f"/api/incidents/{incident}"))["etag"]
    path = f"/api/incidents/{incident}/{what}"
    return await api.call("POST", path, body, headers={"If-Match": etag})


async def decisions(api: Api) -> list[dict[str, Any]]:
    rows = api.database.container(ALERTS).read_all_items()
    return [row async for row in rows if row["type"] == "decision"]


async def test_a_merge_is_kept_for_correlation_with_who_and_why(api: Api) -> None:
    await seeded(api)
    reply = await ask(api, "merge", {"with": ["bb-2"], "comment": "one actor"})
    assert (reply.status, reply.json()["state"]) == (202, "asked")
    (kept,) = await decisions(api)
    assert kept["resourceKey"] == "aa"
    assert (kept["kind"], kept["with"], kept["by"]) == ("merge", ["bb-2"], "function key")
    assert (kept["about"], kept["comment"]) == ("“First”, “Second”", "one actor")


async def test_a_split_names_resources_as_correlation_knows_them(api: Api) -> None:
    await seeded(api)
    reply = await ask(api, "split", {"resources": ["db01"]})
    assert reply.status == 202
    (kept,) = await decisions(api)
    assert (kept["resources"], kept["about"]) == ([key_id("host:db01")], "db01")


async def test_the_same_request_again_decides_nothing_anew_and_tells_what_came_of_it(
    api: Api,
) -> None:
    await seeded(api)
    body = {"with": ["bb-2"]}
    etag = (await api.get("/api/incidents/aa-1"))["etag"]
    replies = [await ask(api, "merge", body) for _ in range(2)]
    (kept,) = await decisions(api)
    await api.services.decisions.finish(kept, incident="aa-1", split_off=(), refusal="")
    await api.store(INCIDENTS, incident_stored("aa-1", title="Changed"))
    condition = {"If-Match": etag}
    reply = await api.call("POST", "/api/incidents/aa-1/merge", body, headers=condition)
    assert [each.status for each in (*replies, reply)] == [202, 202, 200]
    assert reply.json() == {"state": "done", "incidentId": "aa-1", "splitOff": []}
    assert len(await decisions(api)) == 1


async def test_what_correlation_refused_is_told(api: Api) -> None:
    await seeded(api)
    await ask(api, "merge", {"with": ["bb-2"]})
    (kept,) = await decisions(api)
    refusal = "The incident bb-2 was closed meanwhile."
    await api.services.decisions.finish(kept, incident="aa-1", split_off=(), refusal=refusal)
    assert (await decisions(api))[0]["state"] == REFUSED
    reply = await ask(api, "merge", {"with": ["bb-2"]})
    assert (reply.status, reply.json()["detail"]) == (409, refusal)


@pytest.mark.parametrize(
    ("what", "body", "status", "reason"),
    [
        ("merge", {"with": ["aa-1"]}, 400, "is the incident itself"),
        ("merge", {"with": ["bb-2", "bb-2"]}, 400, "is named more than once"),
        ("merge", {"with": []}, 400, "at least 1 item"),
        ("merge", {"with": ["bb-2"], "why": "x"}, 400, "is no field here"),
        ("merge", {"with": ["zz-9"]}, 404, "The incident zz-9 does not exist."),
        ("merge", {"with": ["cc-3"]}, 409, "cc-3 is closed"),
        ("merge", {"with": ["dd-4"]}, 409, "dd-4 has become part of bb-2"),
        ("merge", {"with": ["ee-5"]}, 409, "ee-5 is part of this incident already"),
        ("split", {"resources": ["web01", "web01"]}, 400, "is named more than once"),
        ("split", {"resources": ["other"]}, 409, "other is no resource of the incident"),
        ("split", {"resources": ["web01", "db01"]}, 409, "Nothing would be left"),
    ],
)
async def test_what_does_not_fit_is_refused(
    api: Api, what: str, body: Mapping[str, Any], status: int, reason: str
) -> None:
    await seeded(api)
    reply = await ask(api, what, body)
    assert reply.status == status
    assert reason in reply.json()["detail"]
    assert not await decisions(api)


@pytest.mark.parametrize("what", ["merge", "split"])
async def test_a_closed_incident_is_opened_first(api: Api, what: str) -> None:
    await seeded(api)
    body = {"with": ["bb-2"]} if what == "merge" else {"resources": ["web01"]}
    reply = await ask(api, what, body, incident="cc-3")
    assert reply.status == 409
    assert "is closed" in reply.json()["detail"]


@pytest.mark.parametrize(
    ("headers", "status"), [({}, 428), ({"If-Match": '"older"'}, 412)], ids=["none", "stale"]
)
async def test_a_decision_is_on_the_version_that_was_seen(
    api: Api, headers: Mapping[str, str], status: int
) -> None:
    await seeded(api)
    path, body = "/api/incidents/aa-1/merge", {"with": ["bb-2"]}
    reply = await api.call("POST", path, body, headers=headers)
    assert reply.status == status


async def test_one_that_was_absorbed_redirects(api: Api) -> None:
    await seeded(api)
    path, body = "/api/incidents/dd-4/merge", {"with": ["aa-1"]}
    reply = await api.call("POST", path, body, headers={"If-Match": "*"})
    assert reply.status == 308
    assert reply.headers["location"] == "/api/incidents/bb-2/merge"
