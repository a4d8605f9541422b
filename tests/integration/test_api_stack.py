"""The API as the host serves it, on the whole stack."""

import gzip
import json
import uuid
from typing import Any

from tests.integration.api_support import hold_to_contract
from tests.integration.campaigns import campaign
from tests.integration.stack_client import Site, wait_until


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
    for method, status in (("OPTIONS", 204), ("PUT", 405)):
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
    attack = campaign()
    site.call("POST", "/api/alerts", attack.attack)
    machine = attack.machines[0]

    def complete() -> bool:
        found = site.get(f"/api/incidents?confidence=all&resource={machine}")["value"]
        return bool(found) and found[0]["alertCount"] == len(attack.attack)

    wait_until(complete, "the incident with all its alerts")
    (row,) = site.get(f"/api/incidents?confidence=all&resource={machine}")["value"]
    alerts = site.get(f"/api/incidents/{row['incidentId']}/alerts")["value"]
    assert len(alerts) == len(attack.attack)
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
