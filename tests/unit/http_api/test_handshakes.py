"""Handshakes of push services: answered for those who are meant, and for nobody else."""

import json
from typing import Any

import pytest

from http_api.handshakes import confirmation_url, validation_code, webhook_headers
from tests.unit.http_api.requests_made import request_for

VALIDATION = {"aeg-event-type": "SubscriptionValidation"}
CONFIRMATION = {"x-amz-sns-message-type": "SubscriptionConfirmation"}
SNS_URL = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=1"


def body(value: Any) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    ("headers", "sent", "code"),
    [
        pytest.param(VALIDATION, body([{"data": {"validationCode": "c"}}]), "c", id="asked"),
        pytest.param({}, body([{"data": {"validationCode": "c"}}]), None, id="not asked"),
        pytest.param(VALIDATION, body([]), None, id="no event"),
        pytest.param(VALIDATION, b"{", None, id="no JSON"),
        pytest.param(VALIDATION, body({"data": 1}), None, id="another shape"),
    ],
)
def test_event_grid_gets_its_code_back(
    headers: dict[str, str], sent: bytes, code: str | None
) -> None:
    request = request_for("/api/alerts", method="POST", headers=headers, body=sent)
    assert validation_code(request) == code


@pytest.mark.parametrize(
    ("url", "trusted"),
    [
        pytest.param(SNS_URL, True, id="Amazon's"),
        pytest.param("https://sns.cn-north-1.amazonaws.com.cn/?x", True, id="in China"),
        pytest.param("http://sns.eu-west-1.amazonaws.com/", False, id="without TLS"),
        pytest.param("https://sns.eu-west-1.amazonaws.com.evil.example/", False, id="a lookalike"),
        pytest.param("https://sns.eu-west-1.amazonaws.com@evil.example/", False, id="user info"),
        pytest.param("https://a@sns.eu-west-1.amazonaws.com/", False, id="a user"),
        pytest.param("https://sns.eu-west-1.amazonaws.com:8443/", False, id="another port"),
        pytest.param("https://sns.eu-west-1.amazonaws.com:x/", False, id="no port"),
        pytest.param("https://169.254.169.254/latest/meta-data", False, id="instance metadata"),
        pytest.param("https://evil.sns.eu-west-1.amazonaws.com/", False, id="below it"),
    ],
)
def test_only_amazons_endpoints_are_visited(url: str, trusted: bool) -> None:
    request = request_for(
        "/api/alerts", method="POST", headers=CONFIRMATION, body=body({"SubscribeURL": url})
    )
    assert confirmation_url(request) == (url if trusted else None)


@pytest.mark.parametrize(
    ("headers", "sent"),
    [({}, body({"SubscribeURL": SNS_URL})), (CONFIRMATION, b"{"), (CONFIRMATION, body([]))],
    ids=["not asked", "no JSON", "another shape"],
)
def test_nothing_else_is_a_confirmation(headers: dict[str, str], sent: bytes) -> None:
    request = request_for("/api/alerts", method="POST", headers=headers, body=sent)
    assert confirmation_url(request) is None


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [("eventgrid.azure.net", True), ("", False), ("a\r\nb", False), ("a" * 300, False)],
    ids=["a service", "none", "a line break", "too long"],
)
def test_cloud_events_hears_who_may_send(origin: str, allowed: bool) -> None:
    headers = webhook_headers({"webhook-request-origin": origin})
    assert headers == (
        {"WebHook-Allowed-Origin": origin, "WebHook-Allowed-Rate": "*"} if allowed else {}
    )
