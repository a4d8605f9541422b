"""A message from the queue: what is stored, what is set aside, and what is told of it."""

import json

import pytest

from http_api.queue_messages import MESSAGE_BYTES
from ingest_alert import handling
from ingest_alert.handling import MOST_REJECTIONS, Message, Services, ingest
from ingest_alert.registry import parse_alert
from shared.alert import Alert
from shared.rejection import RejectedId, Rejection, redrive_message
from shared.suppression import Rule
from tests.unit.ingest.fakes import NOW, Alerts, Rejections, Rules
from tests.unit.ingest.sampling import native


def message(*payloads: object) -> Message:
    return Message("m-1", json.dumps(payloads).encode(), NOW - 5)


def redriven(rejected: Rejections, body: bytes) -> Message:
    """The message that redrives a body which was refused before."""
    return Message("m-2", rejected.redrive(Rejection("invalid", "no title", body, "m-0", NOW)), NOW)


async def test_good_alerts_are_stored_and_each_bad_one_is_set_aside_alone(
    services: Services, alerts: Alerts, rejected: Rejections
) -> None:
    tally = await ingest(message(native(), {"colour": 1}, 7, native(systemAlertId="b")), services)
    assert (tally.stored, tally.rejected) == (2, 2)
    assert [alert.source_id for alert in alerts.taken] == ["a-1", "b"]
    assert [(each.index, each.reason) for each in rejected.kept] == [(1, "unknown"), (2, "unknown")]
    assert rejected.kept[0].errors[0]["index"] == 1
    assert rejected.kept[0].body == b'{"colour":1}'
    assert (rejected.kept[0].message_id, rejected.kept[0].queued) == ("m-1", NOW - 5)


async def test_an_alert_that_lacks_a_field_names_format_and_field(
    services: Services, rejected: Rejections
) -> None:
    await ingest(message(native(startTimeUtc=None)), services)
    (kept,) = rejected.kept
    assert (kept.reason, kept.source) == ("invalid", "defender")
    assert kept.errors == [
        {"index": 0, "field": "startTimeUtc", "reason": "missing: the alert states no time"}
    ]


async def test_a_message_with_very_many_bad_alerts_is_set_aside_once_and_whole(
    services: Services, rejected: Rejections
) -> None:
    sent = message(native(), *({"colour": n} for n in range(MOST_REJECTIONS + 1)))
    tally = await ingest(sent, services)
    assert (tally.stored, tally.rejected) == (1, MOST_REJECTIONS + 1)
    (kept,) = rejected.kept
    assert (kept.body, kept.index, kept.reason) == (sent.body, None, "unknown")
    assert kept.message.startswith("101 of the alerts in the message cannot be used. The first: ")
    assert kept.errors[0]["index"] == 1


async def test_a_message_that_cannot_be_read_is_set_aside_whole(
    services: Services, rejected: Rejections
) -> None:
    tally = await ingest(Message("m-1", b"{broken", NOW), services)
    assert (tally.stored, tally.rejected) == (0, 1)
    (kept,) = rejected.kept
    assert (kept.reason, kept.body, kept.index) == ("unreadable", b"{broken", None)


async def test_a_broken_line_is_set_aside_as_it_is_and_the_others_are_stored(
    services: Services, rejected: Rejections
) -> None:
    lines = [json.dumps(native()), '{"half', json.dumps(native(systemAlertId="b"))]
    tally = await ingest(Message("m-1", "\n".join(lines).encode(), NOW), services)
    assert (tally.stored, tally.rejected) == (2, 1)
    (kept,) = rejected.kept
    assert (kept.reason, kept.body, kept.index) == ("unreadable", b'{"half', 1)


async def test_an_alert_that_the_store_refuses_is_set_aside_at_its_place(
    services: Services, alerts: Alerts, rejected: Rejections
) -> None:
    alerts.refuses = {"b"}
    tally = await ingest(message({}, native(), native(systemAlertId="b")), services)
    assert (tally.stored, tally.rejected) == (1, 2)
    assert [(each.index, each.reason) for each in rejected.kept] == [(0, "unknown"), (2, "refused")]
    assert "too strange" in rejected.kept[1].message


async def test_of_two_equal_alerts_that_the_store_refuses_each_is_set_aside_at_its_place(
    services: Services, alerts: Alerts, rejected: Rejections
) -> None:
    alerts.refuses = {"b"}
    twice = [native(systemAlertId="b"), native(systemAlertId="b")]
    tally = await ingest(message(*twice), services)
    assert tally.rejected == 2
    assert [each.index for each in rejected.kept] == [0, 1]


async def test_a_fault_of_the_store_is_raised_for_the_queue_to_try_again(
    services: Services, alerts: Alerts, rejected: Rejections
) -> None:
    alerts.fault = OSError("gone")
    with pytest.raises(OSError, match="gone"):
        await ingest(message(native(), {}), services)
    assert not rejected.kept


async def test_a_fault_of_a_parser_costs_only_its_own_alert(
    services: Services, rejected: Rejections, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parse(payload: object, *_given: object) -> Alert:
        if payload == {"bad": 1}:
            raise KeyError("x")
        return parse_alert(payload)

    monkeypatch.setattr(handling, "parse_alert", parse)
    tally = await ingest(message({"bad": 1}, native()), services)
    assert (tally.stored, tally.rejected) == (1, 1)
    assert rejected.kept[0].reason == "fault"
    assert "KeyError" in rejected.kept[0].message


async def test_an_alert_that_a_rule_matches_is_dismissed_and_counted_once(
    services: Services, alerts: Alerts, rules: Rules
) -> None:
    conditions = [{"field": "type", "values": ["Noise"]}]
    rule = {"id": "r-1", "reason": "known", "author": "mia", "conditions": conditions}
    rules.rules = [Rule.model_validate(rule)]
    await ingest(message(native(), native(systemAlertId="b", alertType="Noise")), services)
    assert alerts.dismissed == {alerts.taken[1].id: "r-1"}
    assert rules.counted == {"r-1": 1}
    rules.counted = {}
    await ingest(message(native(systemAlertId="b", alertType="Noise")), services)
    assert rules.counted == {}


async def test_a_redrive_that_is_read_is_noted(services: Services, rejected: Rejections) -> None:
    body = json.dumps(native()).encode()
    tally = await ingest(redriven(rejected, body), services)
    assert tally.stored == 1
    assert rejected.marks == ["accepted"]


async def test_a_redrive_that_is_refused_again_keeps_its_history(
    services: Services, rejected: Rejections
) -> None:
    tally = await ingest(redriven(rejected, b"{}"), services)
    assert tally.rejected == 1
    assert rejected.marks == ["refused: unknown"]
    assert not rejected.kept


async def test_a_redrive_whose_rejection_is_gone_is_refused_like_any_message(
    services: Services, rejected: Rejections
) -> None:
    gone = redrive_message(RejectedId("2026-01-01", "gone"))
    await ingest(Message("m-2", gone, NOW), services)
    (kept,) = rejected.kept
    assert (kept.message_id, kept.reason, kept.body) == ("m-2", "unknown", gone)
    assert "redriveOf" in kept.message


@pytest.mark.parametrize(
    "fill",
    [
        pytest.param('"x"', id="of short texts"),
        pytest.param("1e15", id="of numbers that become four times as long"),
    ],
)
async def test_an_alert_that_fills_a_message_can_be_redriven(
    services: Services, rejected: Rejections, fill: str
) -> None:
    room = (MESSAGE_BYTES - len('{"colour":[0]}')) // (len(fill) + 1)
    body = b'{"colour":[0' + f",{fill}".encode() * room + b"]}"
    body += b" " * (MESSAGE_BYTES - len(body))
    await ingest(Message("m-1", body, NOW), services)
    (kept,) = rejected.kept
    await ingest(Message("m-2", rejected.redrive(kept), NOW), services)
    assert rejected.marks == ["refused: unknown"]
    assert rejected.kept == [kept]
