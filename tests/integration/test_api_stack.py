"""The API as the host serves it, on the whole stack."""

import gzip
import json
import uuid
from functools import partial
from typing import Any

from shared.times import SECOND, now, parse_time
from tests.integration.api_support import hold_to_contract
from tests.integration.campaigns import Campaign, campaign
from tests.integration.stack_client import Site, wait_until

SETTLED = 3 * SECOND


def defender_alert(title: str) -> dict[str, Any]:
    """An alert in the native format."""
    return {
        "systemAlertId": str(uuid.uuid4()),
        "alertDisplayName": title,
        "alertType": "VM_Api",
        "severity": "High",
        "intent": "Execution",
        "startTimeUtc": "2026-11-20T08:00:00Z",
        "endTimeUtc": "2026-11-20T08:01:00Z",
        "compromisedEntity": f"host-{uuid.uuid4().hex[:8]}",
    }


def stored(site: Site, word: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = site.get(f"/api/alerts?q={word}")["value"]
    return rows


def test_alerts_by_http_go_through_the_queue_into_the_list(site: Site) -> None:
    word = uuid.uuid4().hex
    alerts = [defender_alert(f"{word} {number}") for number in range(3)]
    body = gzip.compress("\n".join(map(json.dumps, alerts)).encode())
    headers = {"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip"}
    reply = site.call("POST", "/api/alerts", body=body, headers=headers)
    assert (reply.status, reply.json()) == (202, {"items": 3, "messages": 1})
    wait_until(lambda: len(stored(site, word)) == 3, "alerts")
    titles = {row["title"] for row in stored(site, word)}
    assert titles == {alert["alertDisplayName"] for alert in alerts}


def test_a_subscription_of_event_grid_is_confirmed(site: Site) -> None:
    headers = {"aeg-event-type": "SubscriptionValidation"}
    events = [{"data": {"validationCode": "abc"}}]
    reply = site.call("POST", "/api/alerts", events, headers=headers)
    assert (reply.status, reply.json()) == (200, {"validationResponse": "abc"})


def test_what_cannot_be_queued_is_refused_by_index(site: Site) -> None:
    reply = site.call("POST", "/api/alerts", [{"a": 1}, "text"])
    assert reply.status == 400
    assert reply.json()["errors"][0]["index"] == 1


def test_methods_of_one_path_in_two_functions_are_told_together(site: Site) -> None:
    for method, status in (("OPTIONS", 204), ("PUT", 405), ("TRACE", 405)):
        reply = site.call(method, "/api/alerts")
        assert reply.status == status
        assert set(reply.headers["allow"].split(", ")) == {
            "GET",
            "POST",
            "PATCH",
            "HEAD",
            "OPTIONS",
        }


def test_head_has_the_headers_of_get_and_no_body(site: Site) -> None:
    reply = site.call("HEAD", "/api/incidents")
    assert (reply.status, reply.body) == (200, b"")
    assert reply.headers["content-type"] == "application/json"


def test_a_page_follows_from_its_link(site: Site) -> None:
    word = uuid.uuid4().hex
    site.call("POST", "/api/alerts", [defender_alert(f"{word} {number}") for number in range(3)])
    wait_until(lambda: len(stored(site, word)) == 3, "alerts")
    page = site.get(f"/api/alerts?q={word}&limit=2")
    assert page["nextLink"].startswith(f"{site.url}/api/alerts?q={word}&limit=2&cursor=")
    rest = site.get(page["nextLink"].removeprefix(site.url))
    assert len(page["value"]) + len(rest["value"]) == 3


def test_the_page_the_api_and_the_unknown_are_told_apart(site: Site) -> None:
    assert site.call("GET", "/").headers["content-type"] == "text/html; charset=utf-8"
    for path in ("/api/nothing", "/nothing.js", "/api/incidents/none"):
        reply = site.call("GET", path)
        assert reply.status == 404
        assert reply.headers["content-type"] == "application/problem+json"


def test_an_alert_is_changed_once_and_the_old_version_no_more(site: Site) -> None:
    word = uuid.uuid4().hex
    site.call("POST", "/api/alerts", defender_alert(word))
    (row,) = wait_until(lambda: stored(site, word), "the alert")
    path, condition = f"/api/alerts/{row['alertId']}", {"If-Match": row["etag"]}
    body = {"status": "Dismissed", "comment": "known"}
    assert site.call("PATCH", path, body, headers=condition).status == 200
    assert site.call("PATCH", path, body, headers=condition).status == 412
    assert site.get(path)["status"] == "Dismissed"


def test_what_correlation_makes_of_an_attack_is_as_the_contract_has_it(site: Site) -> None:
    attack = campaign(machines=2)
    site.call("POST", "/api/alerts", attack.attack)
    wait_until(partial(complete_incident, site, attack), "the incident with all its alerts")
    machine = attack.machines[0]
    (row,) = site.get(f"/api/incidents?confidence=all&resource={machine}")["value"]
    alerts = site.get(f"/api/incidents/{row['incidentId']}/alerts")["value"]
    assert len(alerts) == row["alertCount"] == row["evidenceCount"] + row["contextCount"]
    for path in (
        "/api/incidents",
        f"/api/incidents/{row['incidentId']}",
        f"/api/incidents/{row['incidentId']}/alerts",
        f"/api/alerts/{alerts[0]['alertId']}",
        "/api/alerts",
        "/api/feed",
        "/api/summary",
    ):
        hold_to_contract("GET", path, site.call("GET", path))
    body = {"status": "Resolved", "classification": "TruePositive", "comment": "done"}
    path = f"/api/incidents/{row['incidentId']}"
    condition = {"If-Match": site.get(path)["etag"]}
    reply = site.call("PATCH", path, body, headers=condition)
    hold_to_contract("PATCH", path, reply)
    assert reply.json()["history"][-1]["by"] == "function key"


def decide(site: Site, incident_id: str, what: str, body: Any) -> dict[str, Any]:
    """Merge or split by hand, repeating the request until it tells what came of it."""
    path = f"/api/incidents/{incident_id}"
    headers = {"If-Match": site.get(path)["etag"]}

    def settled() -> dict[str, Any] | None:
        reply = site.call("POST", f"{path}/{what}", body, headers=headers)
        hold_to_contract("POST", f"{path}/{what}", reply)
        assert reply.status in (200, 202), reply.json()
        answer: dict[str, Any] = reply.json()
        return answer if answer["state"] == "done" else None

    return wait_until(settled, f"the {what}") or {}


def test_incidents_are_merged_and_a_machine_is_split_off_by_hand(site: Site) -> None:
    attacks = [campaign(machines=2) for _ in range(2)]
    ids = []
    for attack in attacks:
        site.call("POST", "/api/alerts", attack.attack)
        ids.append(wait_until(partial(complete_incident, site, attack), "the incident"))
    counts = [site.get(f"/api/incidents/{each}")["alertCount"] for each in ids]
    merged = decide(site, ids[0], "merge", {"with": [ids[1]], "comment": "one actor"})
    assert (merged["state"], merged["incidentId"], merged["splitOff"]) == ("done", ids[0], [])
    assert site.get(f"/api/decisions/{merged['decision']}") == merged
    joined = site.get(f"/api/incidents/{ids[0]}")
    assert joined["alertCount"] == sum(counts)
    assert ("merged", "one actor", merged["decision"]) in {
        (each["what"], each.get("comment"), each.get("decision")) for each in joined["history"]
    }
    leaving = joined["resources"][0]
    parted = decide(site, ids[0], "split", {"resources": [leaving["id"]]})
    (left,) = parted["splitOff"]
    assert [each["id"] for each in site.get(f"/api/incidents/{left}")["resources"]] == [
        leaving["id"]
    ]
    stays = site.get(f"/api/incidents/{ids[0]}")
    assert leaving["id"] not in {each["id"] for each in stays["resources"]}
    for each, what in ((ids[0], "split"), (left, "separated")):
        history = site.get(f"/api/incidents/{each}")["history"]
        assert what in {entry["what"] for entry in history}


def complete_incident(site: Site, attack: Campaign) -> str:
    """The id of a campaign's incident once nothing comes to it any more; empty until then.

    Which of its alerts are evidence depends on what else the stack has seen.
    """
    found = site.get(f"/api/incidents?confidence=all&resource={attack.machines[0]}")["value"]
    settled = bool(found) and now() - parse_time(found[0]["updatedUtc"]) > SETTLED
    return str(found[0]["incidentId"]) if settled else ""
