"""Lines of CEF and LEEF, as their specifications and products write them."""

from typing import Any

import pytest

from ingest_alert.broken import Broken
from ingest_alert.event_lines import event_line
from ingest_alert.reading import read_message

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
