"""`incidents` and `alerts` against a service: what is asked, what is shown, what failures say."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest

from local.__main__ import main

ROW = {
    "incidentId": "i-1", "title": "[Credential] theft on web01", "severity": "High", "score": 82,
    "confidence": "high", "status": "Active", "alertCount": 1700, "sources": ["defender"],
    "firstActivityUtc": "2026-11-20T08:00:00.000Z", "lastActivityUtc": "2026-11-20T11:42:10.000Z",
    "resources": [{"name": "web01"}],
}  # fmt: skip
WHOLE = ROW | {
    "why": {"rule": "four stages in order"},
    "killChain": [
        {"firstUtc": "2026-11-20T08:00:00.000Z", "title": "Initial access", "detections": ["A"]}
    ],
    "remediationSteps": ["Isolate the machine."],
}
ALERT = {
    "alertId": "a-1", "systemAlertId": "s-1", "title": "Port scan", "severity": "Low",
    "status": "Active", "startTimeUtc": "2026-11-20T08:00:00.000Z",
    "endTimeUtc": "2026-11-20T08:05:00.000Z", "resource": {"name": "web01"}, "tactics": [],
    "source": "defender", "notes": ["no severity is stated"], "description": "Many ports.",
    "incident": None, "incidentReason": "No other alert shares its resource.",
}  # fmt: skip


@dataclass
class Service:
    """Answers by path, and what was asked."""

    url: str = ""
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, list[str]], str | None]] = field(default_factory=list)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("A2I_KEY", raising=False)
    made = Service()

    class Handler(BaseHTTPRequestHandler):
        known: ClassVar = made

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            key = self.headers.get("x-functions-key")
            self.known.asked.append((parts.path, parse_qs(parts.query), key))
            code, content = self.known.answers[parts.path]
            body = content.encode() if isinstance(content, str) else json.dumps(content).encode()
            self.send_response(code)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        made.url = f"http://127.0.0.1:{server.server_port}"
        yield made
        server.shutdown()
        thread.join()


def test_a_list_is_a_table(service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    service.answers["/api/incidents"] = (200, {"value": [ROW]})
    assert main(["incidents", "--url", service.url, "--severity", "High", "--order", "score"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "82 High Active [Credential] theft on web01 1,700 2026-11-20 11:42 i-1" in shown
    ((path, query, key),) = service.asked
    assert (path, key) == ("/api/incidents", None)
    assert query == {"severity": ["High"], "orderBy": ["score"], "limit": ["20"]}


def test_json_is_the_services_own(service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    service.answers["/api/incidents"] = (200, {"value": [ROW]})
    assert main(["incidents", "--url", service.url, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == [ROW]


def test_pages_follow_until_there_are_enough(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    next_link = f"{service.url}/api/more"
    service.answers["/api/alerts"] = (200, {"value": [ALERT, ALERT], "nextLink": next_link})
    service.answers["/api/more"] = (200, {"value": [ALERT, ALERT]})
    arguments = ["alerts", "--url", service.url, "--format", "json", "--limit", "3"]
    assert main(arguments) == 0
    assert len(json.loads(capsys.readouterr().out)) == 3


def test_one_incident_is_told_in_full(service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    service.answers["/api/incidents/i-1"] = (200, WHOLE)
    assert main(["incident", "i-1", "--url", service.url]) == 0
    shown = capsys.readouterr().out
    assert "four stages in order" in shown
    assert "Initial access: A" in shown
    assert "- Isolate the machine." in shown


def test_an_alert_alone_says_why(service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    service.answers["/api/alerts/a-1"] = (200, ALERT)
    assert main(["alert", "a-1", "--url", service.url]) == 0
    shown = capsys.readouterr().out
    assert "incident    none" in shown
    assert "No other alert shares its resource." in shown
    assert "no severity is stated" in shown


def test_nothing_is_said_to_be_nothing(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    service.answers["/api/alerts"] = (200, {"value": []})
    assert main(["alerts", "--url", service.url]) == 0
    assert capsys.readouterr().out == "no alerts\n"


def test_the_key_comes_from_the_environment(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A2I_KEY", "secret")
    service.answers["/api/alerts"] = (200, {"value": []})
    assert main(["alerts", "--url", service.url]) == 0
    assert service.asked[0][2] == "secret"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        pytest.param(
            (400, {"detail": "severity: 'Hihg' is not known"}),
            "incidents: 400 severity: 'Hihg' is not known\n",
            id="a problem",
        ),
        pytest.param((401, ""), "incidents: 401 Unauthorized: set A2I_KEY to a", id="no key"),
        pytest.param((200, "<html>"), "does not answer in JSON: correct --url", id="no JSON"),
        pytest.param((502, "[1]"), "incidents: 502 Bad Gateway\n", id="no problem of ours"),
    ],
)
def test_what_the_service_refuses_is_one_line(
    service: Service, answer: tuple[int, Any], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    service.answers["/api/incidents"] = answer
    assert main(["incidents", "--url", service.url]) == 2
    shown = capsys.readouterr().err
    assert said in shown
    assert shown.count("\n") == 1


def test_a_service_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["incidents", "--url", "http://127.0.0.1:1"]) == 2
    assert "http://127.0.0.1:1 does not answer (Connection refused)" in capsys.readouterr().err
