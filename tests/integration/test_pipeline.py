"""From the queue to HTTP on real parts: Azurite, the SDK over the emulator, the host."""

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from correlate.policy import default_policy
from ingest_alert.reading import read_message
from ingest_alert.registry import parse_alert
from local.audit.cli import audit
from local.backtest.run import Options, correlate_lines
from local.stack import Stack, StackOptions
from shared.settings import Settings
from tests.integration.campaigns import STAGES, Campaign, campaign
from tests.integration.conftest import QUICK
from tests.integration.stack_client import QueueHandle, Site, wait_until

DATA = Path(__file__).parents[3] / "shared" / "data" / "formats"


def pages(site: Site, path: str) -> Iterator[Any]:
    link: str | None = path
    while link:
        page = site.get(link.removeprefix(site.url))
        yield from page["value"]
        link = page.get("nextLink")


def incidents_of_campaign(site: Site, attack: Campaign) -> list[Any]:
    found = pages(site, "/api/incidents?confidence=all&limit=500")
    return [each for each in found if any(r["name"] in attack.machines for r in each["resources"])]


def complete(site: Site, attack: Campaign) -> Any:
    """The campaign's incident once it holds all of its attack; None before."""
    found = incidents_of_campaign(site, attack)
    whole = len(found) == 1 and found[0]["alertCount"] == len(attack.attack)
    return found[0] if whole and found[0]["resourceCount"] == len(attack.machines) else None


@pytest.fixture(scope="module")
def attack(stack: Stack, site: Site, alerts_queue: QueueHandle) -> Campaign:
    assert stack.http == site.url
    pushed = campaign()
    alerts_queue.push(pushed.attack)
    return pushed


@pytest.fixture(scope="module")
def incident(site: Site, attack: Campaign) -> Any:
    found = wait_until(lambda: complete(site, attack), "the campaign's one incident")
    return site.get(f"/api/incidents/{found['incidentId']}")


def test_pushed_alerts_become_one_incident_over_all_machines(
    incident: Any, attack: Campaign
) -> None:
    assert incident["stages"] == STAGES
    assert {each["name"] for each in incident["resources"]} == set(attack.machines)


def test_the_incident_says_why_and_what_to_do(incident: Any, attack: Campaign) -> None:
    links = {link["kind"] for link in incident["why"]["links"]}
    assert "account" in links
    assert f"Look at {attack.machines[0]}." in incident["remediationSteps"]
    assert incident["confidence"] == "high"


def test_its_alerts_come_oldest_first_and_name_it(
    site: Site, incident: Any, attack: Campaign
) -> None:
    path = f"/api/incidents/{incident['incidentId']}/alerts?limit=5"
    alerts = list(pages(site, path))
    starts = [alert["startTimeUtc"] for alert in alerts]
    assert starts == sorted(starts)
    assert len(alerts) == len(attack.attack)
    detail = site.get(f"/api/alerts/{alerts[0]['alertId']}")
    assert detail["incident"]["incidentId"] == incident["incidentId"]


def test_the_log_tells_of_each_alert_and_of_its_incident(
    stack: Stack, site: Site, incident: Any
) -> None:
    log = (stack.data / "logs" / "host.log").read_text(encoding="utf-8").splitlines()
    lines = [line for line in log if "event=" in line]
    for alert in pages(site, f"/api/incidents/{incident['incidentId']}/alerts"):
        assert any("event=ingested " in line and alert["alertId"] in line for line in lines)
    assert any(f"event=opened incident={incident['incidentId']}" in line for line in lines)
    for step in ("recorded", "reconciled"):
        assert any(f"event={step} " in line for line in lines)


def test_closing_it_stays_and_later_activity_opens_one_that_follows(
    site: Site, alerts_queue: QueueHandle
) -> None:
    first = campaign(machines=1)
    alerts_queue.push(first.attack)
    closed = wait_until(lambda: complete(site, first), "the incident to close")
    reply = site.call(
        "PATCH",
        f"/api/incidents/{closed['incidentId']}",
        {"status": "Resolved", "classification": "TruePositive", "comment": "contained"},
        headers={"If-Match": closed["etag"]},
    )
    assert reply.status == 200, reply.body
    alerts_queue.push([later(each) for each in first.attack])

    def both() -> list[Any]:
        found = incidents_of_campaign(site, first)
        return found if len(found) == 2 else []

    found = wait_until(both, "a second incident on the same machine")
    new = next(each for each in found if each["incidentId"] != closed["incidentId"])
    old = site.get(f"/api/incidents/{closed['incidentId']}")
    assert old["status"] == "Resolved"
    assert old["alertCount"] == len(first.attack)
    assert site.get(f"/api/incidents/{new['incidentId']}")["follows"] == closed["incidentId"]


def later(alert: dict[str, Any]) -> dict[str, Any]:
    """The same alert five hours later, and so another one."""
    text = json.dumps(alert)
    identifier = alert["properties"]["systemAlertId"]
    moved = json.loads(text.replace(identifier, f"{identifier}-later"))
    for name in ("startTimeUtc", "endTimeUtc", "timeGeneratedUtc"):
        time = moved["properties"][name]
        hour = int(time[11:13]) + 5
        moved["properties"][name] = f"{time[:11]}{hour:02d}{time[13:]}"
    return moved  # type: ignore[no-any-return]  # json.loads gives Any


def test_what_is_sent_is_stored_once_or_rejected(site: Site, alerts_queue: QueueHandle) -> None:
    sent = campaign(noise=150)
    doubled = sent.alerts + sent.attack
    for start in range(0, len(doubled), 25):
        alerts_queue.push(doubled[start : start + 25])
    broken = {"properties": {"systemAlertId": sent.name, "alertDisplayName": "No time"}}
    alerts_queue.push([sent.attack[0], broken])
    wait_until(lambda: complete(site, sent), "the incident")

    def stored() -> set[str]:
        names = {*sent.machines, *(f"{sent.name}-other{number}" for number in range(20))}
        rows = pages(site, f"/api/alerts?q={quote(sent.name)}&limit=500")
        found = [row["systemAlertId"] for row in rows if row["resource"]["name"] in names]
        assert len(found) == len(set(found)), "an alert is stored twice"
        return set(found)

    expected = {each["properties"]["systemAlertId"] for each in sent.alerts}
    wait_until(lambda: stored() == expected, "every alert, each once")


@pytest.mark.parametrize("name", ["defender_arm", "security_alert_table", "defender_event_hub"])
def test_real_alerts_go_through_the_queue_with_none_lost(
    name: str, site: Site, alerts_queue: QueueHandle
) -> None:
    path = DATA / f"{name}.jsonl"
    if not path.exists():
        pytest.skip(f"the real alerts are not here: {path.name} lies beside the project's folder")
    lines = path.read_bytes().splitlines()
    run = asyncio.run(correlate_lines(lines, Options(default_policy(), processes=1)))
    assert run.rejected == 0, run.faults
    payloads = [payload for line in lines for payload in read_message(line)]
    ids = {parse_alert(payload).id for payload in payloads}
    alerts_queue.push(*lines)

    def stored() -> set[str]:
        return {row["alertId"] for row in pages(site, "/api/alerts?limit=500")}

    wait_until(lambda: ids <= stored(), f"the alerts of {name}")


@pytest.fixture
def own_stack(tmp_path: Path) -> Iterator[Stack]:
    quick = {**QUICK, "AzureFunctionsJobHost__extensions__queues__receiveVisibility": "00:00:04"}
    stack = Stack(StackOptions(data=tmp_path, environment=quick))
    stack.start()
    yield stack
    stack.stop()


def test_a_host_killed_in_the_middle_changes_nothing(
    own_stack: Stack, open_own: Callable[[str], QueueHandle]
) -> None:
    attacks = [campaign(noise=60) for _ in range(4)]
    alerts = [alert for each in attacks for alert in each.alerts]
    queue = open_own(own_stack.storage_connection)
    for start in range(0, len(alerts), 20):
        queue.push(alerts[start : start + 20])
    site = Site(own_stack.http)
    wait_until(lambda: site.get("/api/alerts?limit=1")["value"], "the first alerts")
    own_stack.host.kill()
    own_stack.host.start()
    own_stack.host.wait_ready()

    for each in attacks:
        wait_until(lambda each=each: complete(site, each), "an incident", seconds=90)  # type: ignore[misc]  # mypy cannot type a lambda's default
    wait_until(lambda: outcome(site) == expected(attacks), "the campaigns and nothing else")
    wait_until(lambda: not unsound(own_stack), "a sound store")


def outcome(site: Site) -> list[tuple[list[str], list[str], list[str]]]:
    """The incidents as the API tells them: their resources, their alerts and their stages."""
    return sorted(
        (
            sorted(resource["name"] for resource in each["resources"]),
            sorted(
                alert["systemAlertId"]
                for alert in pages(site, f"/api/incidents/{each['incidentId']}/alerts?limit=500")
            ),
            each["stages"],
        )
        for each in pages(site, "/api/incidents?confidence=all&limit=500")
    )


def expected(attacks: list[Campaign]) -> list[tuple[list[str], list[str], list[str]]]:
    """The same of the campaigns: one incident each, of all its alerts and of no noise."""
    return sorted(
        (
            sorted(each.machines),
            sorted(alert["properties"]["systemAlertId"] for alert in each.attack),
            STAGES,
        )
        for each in attacks
    )


def unsound(stack: Stack) -> Sequence[str]:
    """What the auditor finds wrong in what a stack has stored."""
    return asyncio.run(audit(Settings(cosmos_connection=stack.cosmos_connection)))
