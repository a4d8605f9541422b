"""What is told of a message: a few lines that hold every alert's id, and nothing else of alerts."""

import json
import logging
from dataclasses import replace

import pytest

from ingest_alert import messages
from ingest_alert.handling import Message, Services, ingest
from ingest_alert.poison import keep
from ingest_alert.report import TOLD, Report
from shared.log_lines import MOST_IDS
from shared.suppression import Rule
from tests.unit.ingest.fakes import NOW, Alerts, Rejections, Rules
from tests.unit.ingest.sampling import native
from tests.unit.shared.measuring import Measured

SECRET = "correct-horse-battery-staple"


def message(*payloads: object) -> Message:
    return Message("m-1", json.dumps(payloads).encode(), NOW - 1_250)


def fields(text: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in text.split(" "))


@pytest.fixture(autouse=True)
def _everything_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)


async def test_an_id_leads_from_the_message_to_each_alert(
    services: Services, alerts: Alerts, caplog: pytest.LogCaptureFixture
) -> None:
    await ingest(message(native(), {"colour": 1}), services)
    await ingest(message(native()), services)
    first, second = map(fields, caplog.messages)
    id_ = alerts.taken[0].id
    assert first == {
        "event": "ingested",
        "message": "m-1",
        "lag": "1.250",
        "stored": "1",
        "suppressed": "0",
        "duplicates": "0",
        "updated": "0",
        "rejected": "1",
        "storedIds": id_,
    }
    assert (second["stored"], second["duplicates"], second["duplicatesIds"]) == ("0", "1", id_)


async def test_an_alert_that_a_rule_dismisses_is_told_apart(
    services: Services, rules: Rules, alerts: Alerts, caplog: pytest.LogCaptureFixture
) -> None:
    conditions = [{"field": "type", "values": ["Noise"]}]
    rule = {"id": "r-1", "reason": "known", "author": "mia", "conditions": conditions}
    rules.rules = [Rule.model_validate(rule)]
    await ingest(message(native(alertType="Noise")), services)
    told = fields(caplog.messages[0])
    assert (told["stored"], told["suppressed"]) == ("0", "1")
    assert told["suppressedIds"] == alerts.taken[0].id


def test_many_alerts_make_few_lines_whose_numbers_add_up() -> None:
    ids = {
        "stored": tuple(f"s{number}" for number in range(MOST_IDS)),
        "suppressed": (),
        "duplicates": ("d1", "d2"),
        "updated": ("u1",),
    }
    first, second = map(fields, Report("m", 5, ids, 7).lines())
    assert (first["stored"], first["duplicates"], first["rejected"]) == (str(MOST_IDS), "0", "7")
    assert (second["stored"], second["duplicates"], second["updated"]) == ("0", "2", "1")
    assert second["rejected"] == "0"
    assert second["duplicatesIds"] == "d1,d2"


def test_nothing_stored_is_told_too() -> None:
    (only,) = Report("m", -3, dict.fromkeys(TOLD, ()), 1).lines()
    assert fields(only)["rejected"] == "1"
    assert fields(only)["lag"] == "0.000"


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(native(description=SECRET, extendedProperties={"x": SECRET}), id="an alert"),
        pytest.param({"colour": SECRET}, id="of no known source"),
        pytest.param(native(startTimeUtc=SECRET), id="a field that cannot be used"),
        pytest.param(native(systemAlertId=SECRET, alertDisplayName=SECRET), id="names"),
    ],
)
async def test_no_log_holds_what_an_alert_says(
    services: Services, alerts: Alerts, caplog: pytest.LogCaptureFixture, payload: object
) -> None:
    await ingest(message(payload), services)
    alerts.refuses = {SECRET}
    await ingest(message(payload), services)
    await keep(message(payload), 1, services)
    assert len(caplog.records) >= 3
    assert SECRET not in caplog.text
    assert not any(SECRET in str(vars(record)) for record in caplog.records)


async def test_a_fault_of_our_own_parser_is_logged_without_the_alert(
    services: Services, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(payload: object, *_given: object) -> None:
        raise RuntimeError(payload)

    monkeypatch.setattr("ingest_alert.handling.parse_alert", fail)
    await ingest(message(native(description=SECRET)), services)
    fault, _ = map(fields, caplog.messages)
    assert (fault["event"], fault["message"], fault["fault"]) == ("fault", "m-1", "RuntimeError")
    assert fault["place"].startswith("handling.py:")
    assert SECRET not in caplog.text


class Delivered:
    """A queue message as the host hands it over."""

    id = "m-9"
    dequeue_count = 3
    insertion_time = None

    def get_body(self) -> bytes:
        return json.dumps(native(description=SECRET)).encode()


async def test_a_delivery_that_fails_names_its_message_and_is_raised(
    services: Services,
    alerts: Alerts,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def ready() -> Services:
        return services

    monkeypatch.setattr(messages, "process_services", ready)
    monkeypatch.setattr(messages, "now", lambda: NOW)
    alerts.fault = OSError(SECRET)
    with pytest.raises(OSError, match=SECRET):
        await messages.ingest_message(Delivered())  # type: ignore[arg-type]  # stands for one
    assert caplog.messages == ["event=failed message=m-9 delivery=3 fault=OSError"]


async def test_a_poison_message_is_named(
    services: Services, rejected: Rejections, caplog: pytest.LogCaptureFixture
) -> None:
    await keep(message({}), 2, services)
    assert caplog.messages == ["event=poison message=m-1 lag=1.250"]
    assert len(rejected.kept) == 1


async def test_what_becomes_of_alerts_is_counted(services: Services) -> None:
    measured = Measured()
    services = replace(services, telemetry=measured.telemetry)
    await ingest(message(native(), native(systemAlertId="b"), {"colour": 1}), services)
    await ingest(message(native()), services)
    await keep(message({}), 1, services)
    assert measured.values() == {
        ("alerts.ingested", "stored"): 2,
        ("alerts.ingested", "duplicates"): 1,
        ("alerts.ingested", "rejected"): 1,
        ("messages.poison",): 1,
        ("queue.lag",): 2.5,
    }
    assert measured.spans() == {"ingest message": {"message": "m-1", "alerts.duplicates": 1}}
