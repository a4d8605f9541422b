"""Lines of CEF and LEEF, as their specifications and products write them."""

from typing import Any

import pytest

from ingest_alert.broken import Broken
from ingest_alert.event_lines import dated, event_line
from ingest_alert.handling import Message, read
from ingest_alert.reading import read_message
from ingest_alert.registry import parse_alert
from shared.alert import Finding
from shared.severity import Severity
from shared.times import parse_time

CEF = "CEF:0|Acme|Wall|1.0|100|Port scan|7|"
LEEF1 = "LEEF:1.0|Acme|Sense|1.0|seen|"


@pytest.mark.parametrize(
    ("line", "extension"),
    [
        (CEF + "src=10.0.0.1 dst=10.0.0.2", {"src": "10.0.0.1", "dst": "10.0.0.2"}),
        (CEF + "msg=two words act=blocked", {"msg": "two words", "act": "blocked"}),
        (CEF + r"msg=a\=b request=http://x/?a\=1", {"msg": "a=b", "request": "http://x/?a=1"}),
        (CEF + r"msg=one\ntwo path=C:\\a", {"msg": "one\ntwo", "path": "C:\\a"}),
        (CEF + "rt=Mar 02 2026 10:00:00", {"rt": "2026-03-02T10:00:00"}),
        (CEF + "rt=Mar 02 2026 10:00:00.250 UTC", {"rt": "2026-03-02T10:00:00.250000"}),
        (CEF + "rt=1772445600000", {"rt": "1772445600000"}),
        (
            CEF + "cs1Label=Rule cs1=Odd",
            {"cs1Label": "Rule", "cs1": "Odd", "Rule": "Odd"},
        ),
        (CEF, {}),
        (LEEF1 + "src=10.0.0.1\tmsg=a b", {"src": "10.0.0.1", "msg": "a b"}),
        ("LEEF:2.0|A|B|1|e|^|a=1^b=2", {"a": "1", "b": "2"}),
        ("LEEF:2.0|A|B|1|e|x09|a=1\tb=2", {"a": "1", "b": "2"}),
        ("LEEF:2.0|A|B|1|e||a=1\tb=2", {"a": "1", "b": "2"}),
    ],
)
def test_what_follows_the_header_is_read(line: str, extension: dict[str, str]) -> None:
    found = event_line(line)
    assert found is not None
    assert found["extension"] == extension


@pytest.mark.parametrize(
    ("before", "fields"),
    [
        ("", {}),
        ("<134>Mar  2 10:00:00 gw1 ", {"syslogTime": "Mar  2 10:00:00", "syslogHost": "gw1"}),
        (
            "<134>1 2026-03-02T10:00:00.5Z gw1 app - - - ",
            {"syslogTime": "2026-03-02T10:00:00.5Z", "syslogHost": "gw1"},
        ),
    ],
)
def test_the_header_of_syslog_is_kept(before: str, fields: dict[str, str]) -> None:
    found = event_line(f"{before}{CEF}src=10.0.0.1")
    assert found is not None
    assert {name: found[name] for name in found if name.startswith("syslog")} == fields
    assert found["line"] == f"{before}{CEF}src=10.0.0.1"


def test_the_headers_fields_have_the_names_of_the_specification() -> None:
    found = event_line(r"CEF:0|A\|cme|Wall|1|100|Scan \| wide|High|")
    assert found is not None
    assert (found["deviceVendor"], found["name"], found["severity"]) == (
        "A|cme",
        "Scan | wide",
        "High",
    )


@pytest.mark.parametrize(
    "line", ["", "CEF", "CEF:0|too|short", "LEEF:2.0|A|B", "LEEF:3.0|A|B|C|D|", "text", "{}"]
)
def test_any_other_line_is_none(line: str) -> None:
    assert event_line(line) is None


def test_a_message_of_lines_is_read_line_by_line() -> None:
    first, broken, last = read_message(f"{CEF}src=10.0.0.1\nnonsense\n{LEEF1}a=1\n".encode())
    assert isinstance(first, dict)
    assert isinstance(last, dict)
    assert isinstance(broken, Broken)
    assert broken.reason == "line 2 is neither CEF nor LEEF"


def test_lines_in_an_envelope_are_read_too() -> None:
    found: list[Any] = read_message(f'{{"records": ["{CEF}src=10.0.0.1"]}}'.encode())
    assert found[0]["signatureId"] == "100"


def test_a_long_line_is_read_in_time_that_its_length_tells() -> None:
    line = CEF + " ".join(f"k{number}=v" for number in range(20_000))
    found = event_line(line)
    assert found is not None
    assert len(found["extension"]) == 500


@pytest.mark.parametrize(
    ("stated", "queued", "expected"),
    [
        pytest.param("Mar  2 10:00:00", "2026-03-02T10:00:05Z", "2026-03-02T10:00:00", id="now"),
        pytest.param("Dec 31 23:59:58", "2026-01-01T00:00:01Z", "2025-12-31T23:59:58", id="before"),
        pytest.param("Mar  2 23:00:00", "2026-03-02T10:00:00Z", "2026-03-02T23:00:00", id="a zone"),
        pytest.param("Feb 29 10:00:00", "2026-03-02T10:00:00Z", "2024-02-29T10:00:00", id="leap"),
        pytest.param("Foo 99 10:00:00", "2026-03-02T10:00:00Z", "Foo 99 10:00:00", id="no time"),
        pytest.param(
            "2026-03-02T10:00:00Z", "2026-03-03T10:00:00Z", "2026-03-02T10:00:00Z", id="a year"
        ),
    ],
)
def test_a_header_without_a_year_is_of_the_year_it_came_in(
    stated: str, queued: str, expected: str
) -> None:
    found = dated({"syslogTime": stated}, parse_time(queued))
    assert found == {"syslogTime": expected}


def test_what_is_no_event_of_a_line_stays_as_it_is() -> None:
    assert [dated(each, 0) for each in (7, {"a": 1}, {"syslogTime": 5})] == [
        *(7, {"a": 1}, {"syslogTime": 5})
    ]


def test_a_line_whose_only_time_is_its_header_is_read() -> None:
    line = "<134>Mar  2 10:00:00 relay1 CEF:0|Acme|Wall|1.0|100|Port scan|7|dst=10.0.0.19"
    reading = read(Message("m", line.encode(), parse_time("2026-03-02T10:00:05Z")))
    assert [alert.start for alert in reading.alerts] == [parse_time("2026-03-02T10:00:00Z")]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(
            "CEF:0|Trend Micro|Deep Security Agent|20|4000000|Test file|6|rt=1772445600000"
            " dvchost=web-19 TrendMicroDsFileMD5=0123456789ABCDEF0123456789ABCDEF",
            (Severity.Medium, "host:web-19", Finding.ATTACK),
            id="an agent's device is the machine",
        ),
        pytest.param(
            "CEF:0|Check Point|Wall|1|Log|https|Unknown|rt=1772445600000 cp_severity=Very-High"
            " dst=10.0.0.19",
            (Severity.Critical, "address:10.0.0.19", Finding.ATTACK),
            id="a severity in a field of its own",
        ),
        pytest.param(
            "CEF:0|ArcSight|ArcSight|7|agent:031|Agent shutting down|Low|rt=1772445600000"
            " cat=/Agent/ShuttingDown dst=10.0.0.19",
            (Severity.Low, "address:10.0.0.19", Finding.HEALTH),
            id="a connector of itself",
        ),
    ],
)
def test_what_products_write_in_fields_of_their_own(
    line: str, expected: tuple[Severity, str, Finding]
) -> None:
    alert = parse_alert(event_line(line))
    assert (alert.severity, alert.resource.key, alert.finding) == expected
