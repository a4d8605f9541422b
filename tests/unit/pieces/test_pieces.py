"""What a stream is taken apart into, whatever it is written in."""

import gzip
import io
import json
import random
from typing import Any

import pytest

from shared.pieces import Fault, Piece, read_pieces
from shared.pieces.opening import HEAD_BYTES

ONE: Any = {"a": 1, "text": '[ }, \\" ü'}
TWO: Any = {"b": [{}, []], "c": None}
HEADER = "SystemAlertId,AlertName,Entities"
PORTAL = (
    '"TimeGenerated [UTC]",SystemAlertId,"StartTime [UTC]","EndTime [UTC]"\n'
    '"2/25/2025, 9:19:25.391 PM",1,"12/1/2025, 12:00:00 AM",soon\n'
)


def read(content: bytes) -> list[Piece | Fault]:
    return list(read_pieces(io.BytesIO(content)))


def alerts(content: bytes) -> list[Any]:
    return [json.loads(each.body) for each in read(content) if isinstance(each, Piece)]


def faults(content: bytes) -> list[tuple[int, str]]:
    return [(each.line, each.reason) for each in read(content) if isinstance(each, Fault)]


def pretty(*values: Any) -> str:
    return "\n".join(json.dumps(value, indent=2, ensure_ascii=False) for value in values)


def lines(*values: Any) -> str:
    return "\n".join(json.dumps(value, ensure_ascii=False) for value in values)


SHAPES = {
    "one alert": (lines(ONE), [ONE]),
    "one alert over several lines": (pretty(ONE), [ONE]),
    "several alerts over several lines": (pretty(ONE, TWO), [ONE, TWO]),
    "JSON lines": (lines(ONE, TWO), [ONE, TWO]),
    "JSON lines with blank ones": (f"\n{lines(ONE)}\n\n{lines(TWO)}\n", [ONE, TWO]),
    "an array on a line": (lines([ONE, TWO]), [[ONE, TWO]]),
    "an array over several lines": (pretty([ONE, TWO]), [ONE, TWO]),
    "an array, an element a line": (f"[\n{lines(ONE)},\n{lines(TWO)}\n]", [ONE, TWO]),
    "an array that goes on": (f"[{lines(ONE)},\n {lines(TWO)}]\n", [ONE, TWO]),
    "arrays, one after the other": (pretty([ONE], [TWO]), [ONE, TWO]),
    "lines of arrays": (lines([ONE], [TWO]), [[ONE], [TWO]]),
    "an envelope": (pretty({"value": [ONE, TWO]}), [{"value": [ONE, TWO]}]),
    "records apart by RS": (f"\x1e{pretty(ONE)}\n\x1e{pretty(TWO)}\n", [ONE, TWO]),
    "U+2028 within a line": (lines({"a": "x\u2028y"}, TWO), [{"a": "x\u2028y"}, TWO]),
    "CSV": (f"{HEADER}\n1,x,[]\n2,,\n", [
        {"SystemAlertId": "1", "AlertName": "x", "Entities": "[]"}, {"SystemAlertId": "2"},
    ]),
    "CSV apart by semicolons": ("SystemAlertId;AlertName\r\n1;x\r\n", [
        {"SystemAlertId": "1", "AlertName": "x"},
    ]),
    "CSV with JSON and line breaks in cells": (f'{HEADER}\n1,"x\ny","[{{""Type"":""host""}}]"\n', [
        {"SystemAlertId": "1", "AlertName": "x\ny", "Entities": '[{"Type":"host"}]'},
    ]),
    "CSV of the portal": (
        PORTAL,
        [{"TimeGenerated": "2025-02-25T21:19:25.391000+00:00", "SystemAlertId": "1",
          "StartTime": "2025-12-01T00:00:00+00:00", "EndTime": "soon"}],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), SHAPES.values(), ids=SHAPES)
def test_pieces_are_found_in_any_shape(text: str, expected: list[Any]) -> None:
    for content in (text.encode(), b"\xef\xbb\xbf" + text.encode(), text.encode("utf-16")):
        assert alerts(content) == expected
        assert alerts(gzip.compress(content)) == expected
        assert faults(content) == []


@pytest.mark.parametrize(
    ("content", "kept", "line", "reason"),
    [
        pytest.param(b"", 0, 1, "there is nothing in it", id="nothing"),
        pytest.param(b" \n\0\n", 0, 1, "there is nothing in it", id="blank"),
        pytest.param(b"[\n]", 0, 1, "the array is empty", id="an empty array"),
        pytest.param(b"hello", 0, 1, "this is neither JSON, CEF, LEEF nor CSV", id="prose"),
        pytest.param(
            b'[\n {"a": 1},\n {"b" 2}\n]', 1, 3,
            "the JSON is broken at column 7: Expecting ':' delimiter; nothing after it is read",
            id="a broken element",
        ),
        pytest.param(
            b'[\n {"a": 1}\n {"b": 2}\n]', 1, 3, "a comma or the array's end is missing",
            id="no comma",
        ),
        pytest.param(
            b'[\n {"a": 1},\n {"b":\n', 1, 3,
            "the value that begins here never ends: the file is cut", id="cut in a value",
        ),
        pytest.param(
            b'[\n {"a": 1},\n {"b": "x', 1, 3,
            "the value that begins here never ends: the file is cut", id="cut in a text",
        ),
        pytest.param(
            b'[\n {"a": 1}', 1, 1, "the array that begins here never ends: the file is cut",
            id="cut in an array",
        ),
        pytest.param(
            b"[\n" + b"[" * 100_000, 0, 2, "the JSON is nested too deeply", id="too deep",
        ),
        pytest.param(
            f"{HEADER}\n1,x\n2,x,[]\n".encode(), 1, 2,
            "the row has 2 cells, and the header names 3", id="a short row",
        ),
        pytest.param(
            f'{HEADER}\n1,x,"[\n'.encode(), 0, 2, "the row cannot be read: unexpected end of data",
            id="a cut row",
        ),
        pytest.param(f"{HEADER}\n".encode(), 0, 1, "there is no row below the", id="no rows"),
        pytest.param(b"A,B,A\n1,2,3\n", 0, 1, "two columns are named 'A'", id="a name twice"),
        pytest.param(
            b'A,"B [Local Time]"\n1,2\n', 0, 1, "times are in 'Local Time': export them in UTC",
            id="local times",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_a_fault_at_its_line(
    content: bytes, kept: int, line: int, reason: str
) -> None:
    ((at, said),) = faults(content)
    assert (at, said[: len(reason)]) == (line, reason)
    assert len(alerts(content)) == kept


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("CEF:0|Acme|Guard|1|7|Port scan|5|src=10.0.0.1, 10.0.0.2", id="CEF"),
        pytest.param("<14>Nov 24 08:00:00 gw CEF: 0|Acme|Guard|1|7|Scan|5|x=1", id="behind syslog"),
        pytest.param("LEEF:2.0|Acme|Guard|1|7|src=10.0.0.1", id="LEEF"),
    ],
)
def test_events_are_lines(line: str) -> None:
    assert read(f"{line}\n\n{line}\n".encode()) == [
        Piece(1, line.encode()), Piece(3, line.encode()),
    ]  # fmt: skip


def test_json_that_speaks_of_an_event_stays_json() -> None:
    assert alerts(pretty({"log": "CEF:0|a"}).encode()) == [{"log": "CEF:0|a"}]


def test_a_broken_line_stays_a_piece_of_its_own() -> None:
    content = b'{"b":\n{"c":1}\n\n{"x"\n{"d":1}'
    assert read(content) == [
        Piece(1, b'{"b":'),
        Piece(2, b'{"c":1}'),
        Piece(4, b'{"x"'),
        Piece(5, b'{"d":1}'),
    ]


def test_pieces_of_several_lines_have_the_line_they_begin_on() -> None:
    assert [each.line for each in read(pretty([ONE, TWO, ONE]).encode())] == [2, 6, 13]
    assert [each.line for each in read(f'{HEADER}\n1,"x\ny",\n2,x,\n'.encode())] == [2, 4]


@pytest.mark.parametrize("cut", [-1, -9, 40])
def test_of_a_cut_gzip_file_the_fault_is_told(cut: int) -> None:
    chance = random.Random(1)  # noqa: S311 - not secret
    many = lines(*({"n": n, "x": chance.random()} for n in range(50_000))).encode()
    (fault,) = faults(gzip.compress(many)[:cut])
    assert fault[1].startswith("the gzip data is cut or damaged hereafter")


def test_what_was_read_before_a_cut_stands() -> None:
    chance = random.Random(1)  # noqa: S311 - not secret
    many = lines(*({"n": n, "x": chance.random()} for n in range(200_000))).encode()
    packed = gzip.compress(many)
    found = read(packed[: len(packed) // 2])
    assert len(found) > 10_000
    assert isinstance(found[-1], Fault)
    assert found[-1].line >= found[-2].line


def test_text_that_is_no_utf_8_is_a_fault() -> None:
    content = b'[\n {"a": "' + b"\xff" + b'"}\n]'
    ((_, reason),) = faults(content)
    assert reason.startswith("what follows is not utf-8 text")


@pytest.mark.parametrize("seed", range(6))
def test_values_longer_than_what_is_looked_at(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - not secret
    made = [{"n": n, "x": "ü" * chance.randrange(60_000)} for n in range(chance.randrange(1, 120))]
    for text in (pretty(made), pretty(*made), json.dumps(made), pretty({"value": made})):
        found = alerts(text.encode())
        flat = found[0].get("value", found) if isinstance(found[0], dict) else found[0]
        assert flat == made
        assert faults(text.encode()) == []


def test_an_envelope_longer_than_what_is_looked_at_is_no_lines() -> None:
    rows = ",\n".join('\n{"x": "y"\n}\n,{"z": {}}\n' for _ in range(HEAD_BYTES // 20))
    content = f'{{"value": [\n{rows}\n,{{"last": 1}}\n]}}'.encode()
    (piece,) = read(content)
    assert isinstance(piece, Piece)
    assert piece.body == content


def test_a_value_without_end_is_not_held_for_ever() -> None:
    content = b'[\n{"x": "' + b"y" * 40_000_000
    ((line, reason),) = faults(content)
    assert line == 2
    assert "the value that begins here has over 16,777,216 characters" in reason
