"""Formats over HTTP, and ingestion that reads by them, on the emulator."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ingest_alert.bootstrap import compose
from ingest_alert.handling import Message, Tally, ingest
from ingest_alert.mapping.stored import KEPT, StoredFormats
from ingest_alert.organisations import Organisations
from local.stack import Stack
from shared.store.formats import FormatDocuments
from shared.times import DAY
from tests.integration.api_support import START, Api, Reply, api_over

NOW = START + DAY
ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "formats.md").read_text("utf-8").partition("## Add a format")[2]
MAPPING: dict[str, Any] = json.loads(re.findall(r"```json\n(.*?)```", GUIDE, re.DOTALL)[0])
"""The example of the guide, word by word."""
PATH = "/api/formats/acme-guard"
ALERT = {
    "guardId": "g-7",
    "what": {"title": "Odd logon", "level": "8", "tags": ["tactic:InitialAccess", "T1078"]},
    "when": "2026-11-20T10:00:00Z",
    "machine": {"name": "web01", "system": "Linux"},
    "user": "anna",
    "userDomain": "CORP",
    "connections": [{"direction": "out", "remote": "203.0.113.9"}],
}


@pytest.fixture
async def api(services: Stack, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Api]:
    async with api_over(services.cosmos_connection, monkeypatch, now=lambda: NOW) as opened:
        yield opened


async def put(api: Api, body: Any, path: str = PATH, **headers: str) -> Reply:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return await api.call("PUT", path, body, headers=sent)


class Intake:
    """Ingestion over the API's database, with a clock of its own."""

    def __init__(self, api: Api) -> None:
        self.at = NOW
        formats = StoredFormats(FormatDocuments(api.database), lambda: self.at)
        self.services = replace(
            compose(api.database, organisations=Organisations("i")), formats=formats
        )

    async def push(self, number: int, *alerts: object) -> Tally:
        body = json.dumps(alerts).encode()
        return await ingest(Message(f"m-{number}", body, self.at), self.services)


async def test_the_guide_of_ten_minutes_word_by_word(api: Api) -> None:
    intake = Intake(api)
    assert (await intake.push(1, ALERT)).rejected == 1
    (refused,) = (await api.get("/api/rejected?reason=unknown"))["value"]
    body = {"format": MAPPING, "rejected": [refused["id"]]}
    (tried,) = (await api.call("POST", "/api/formats/dry-run", body)).json()["value"]
    assert (tried["recognised"], tried["rejected"]) == (True, refused["id"])
    assert (tried["alert"]["severity"], tried["alert"]["tactics"]) == ("High", ["InitialAccess"])
    assert tried["alert"]["resource"]["name"] == "web01"
    assert (await put(api, MAPPING)).status == 201
    redriven = await api.call("POST", "/api/rejected/redrive?reason=unknown")
    assert redriven.json()["queued"] == 1
    intake.at += KEPT
    message = Message("m-2", redriven.queued[0].encode(), intake.at)
    assert (await ingest(message, intake.services)).stored == 1
    (stored,) = (await api.get("/api/alerts"))["value"]
    assert (stored["source"], stored["title"]) == ("acme-guard", "Odd logon")


async def test_a_format_is_created_shown_listed_replaced_and_deleted(api: Api) -> None:
    created = await put(api, MAPPING)
    kept = created.json()
    assert (created.status, kept["mapping"], kept["author"]) == (201, MAPPING, "function key")
    assert created.headers["etag"] == kept["etag"]
    assert await api.get(PATH) == kept
    listed = await api.get("/api/formats")
    assert listed["value"] == [kept]
    assert "defender" in listed["modules"]
    assert "okta" in listed["files"]
    changed = {**MAPPING, "product": "Guard 2"}
    assert (await put(api, changed)).status == 428
    assert (await put(api, changed, If_Match='"stale"')).status == 412
    replaced = await put(api, changed, If_Match=kept["etag"])
    assert (replaced.status, replaced.json()["mapping"]["product"]) == (200, "Guard 2")
    assert (await api.call("DELETE", PATH, headers={"If-Match": kept["etag"]})).status == 412
    gone = await api.call("DELETE", PATH, headers={"If-Match": replaced.headers["etag"]})
    assert (gone.status, (await api.call("GET", PATH)).status) == (204, 404)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        pytest.param(PATH, {**MAPPING, "colour": 1}, "colour", id="an unknown field"),
        pytest.param(PATH, {**MAPPING, "name": "other"}, "name", id="another name"),
        pytest.param(
            "/api/formats/falco", {**MAPPING, "name": "falco"}, "name", id="a module's name"
        ),
        pytest.param(PATH, {"name": "acme-guard"}, "vendor", id="too little"),
    ],
)
async def test_what_cannot_be_used_is_refused_by_field(
    api: Api, path: str, body: Any, field: str
) -> None:
    reply = await put(api, body, path)
    assert (reply.status, field in reply.errors) == (400, True)


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        pytest.param({"format": MAPPING, "alerts": [ALERT, 7]}, 200, [True, False], id="alerts"),
        pytest.param({"format": {}, "alerts": []}, 400, "format.name", id="no mapping"),
        pytest.param({"format": MAPPING, "rejected": ["none"]}, 404, None, id="no rejection"),
        pytest.param(
            {"format": MAPPING, "alerts": [{"records": [ALERT]}]}, 200, [True], id="an envelope"
        ),
    ],
)
async def test_a_dry_run_tells_what_becomes_of_each_alert(
    api: Api, body: Any, status: int, expected: Any
) -> None:
    reply = await api.call("POST", "/api/formats/dry-run", body)
    assert reply.status == status
    if status == 200:
        assert [each["recognised"] for each in reply.json()["value"]] == expected
    elif expected:
        assert expected in reply.errors
    assert (await api.get("/api/alerts"))["value"] == []
