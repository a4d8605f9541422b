"""Whatever arrives is an alert that can be stored, or an error of the kind that is expected."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest_alert.errors import ReadingError
from ingest_alert.estate import UNSTATED
from ingest_alert.reading import read_message
from ingest_alert.registry import SOURCES, parse_alert
from shared.alert_versions import Keeping, document_to_store
from tests.unit.ingest import sampling

EXAMPLES = settings(max_examples=100, deadline=None)

JUNK: list[Any] = [
    None,
    True,
    0,
    -1,
    10**20,
    1e308,
    3.5,
    "",
    " ",
    "\0",
    "\ud83d",
    "x" * 2_000,
    "-",
    "{",
    "[1, 2]",
    '{"a": 1}',
    "T1059",
    "Execution",
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00Z",
    "//",
    "/subscriptions/",
    "/providers/a",
    "1.2.3.4:5",
    "[::1]:5",
    "a\\b@c",
    "arn:",
    [],
    {},
    [None],
    [[]],
    [{}],
    [{"type": []}],
    {"$ref": "1"},
    {"$id": "1"},
]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from(JUNK),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)


def handle(message: bytes) -> int:
    """Read a message to the end; gives how many of its payloads are alerts."""
    try:
        payloads = read_message(message)
    except ReadingError:
        return 0
    found = 0
    for payload in payloads:
        try:
            alert = parse_alert(payload)
        except ReadingError:
            continue
        found += 1
        assert alert.start <= alert.end
        assert alert.title
        assert alert.resource.key
        document, size = document_to_store(alert, Keeping(), received=0)
        assert size == len(json.dumps(document, separators=(",", ":")))
    return found


def mutated(value: Any, choose: Callable[[st.SearchStrategy[Any]], Any]) -> Any:
    """A value with a part replaced, left out or renamed here and there."""
    if choose(st.integers(0, 24)) == 0:
        return choose(st.sampled_from(JUNK))
    if isinstance(value, list):
        return [mutated(item, choose) for item in value]
    if not isinstance(value, dict):
        return value
    changed = {}
    for name, item in value.items():
        fate = choose(st.integers(0, 39))
        if fate:
            changed[name.upper() if fate == 1 else name] = mutated(item, choose)
    return changed


@EXAMPLES
@given(st.binary(max_size=300))
def test_any_bytes(message: bytes) -> None:
    handle(message)


@EXAMPLES
@given(VALUES)
def test_any_json(value: Any) -> None:
    handle(json.dumps(value).encode())


@EXAMPLES
@given(st.sampled_from(sampling.NAMES), st.floats(0, 1))
def test_a_sample_cut_off_anywhere(name: str, where: float) -> None:
    message = sampling.body(name)
    handle(message[: int(len(message) * where)])


@EXAMPLES
@given(st.sampled_from(sampling.NAMES), st.data())
def test_a_sample_with_any_part_changed(name: str, data: st.DataObject) -> None:
    handle(json.dumps(mutated(sampling.value(name), data.draw)).encode())


@EXAMPLES
@given(
    st.sampled_from(SOURCES),
    st.dictionaries(st.text(max_size=8), VALUES, max_size=4),
)
def test_a_parser_that_is_given_anything(source: Any, payload: dict[str, Any]) -> None:
    with suppress(ReadingError):
        assert source.parse(payload, UNSTATED).title


@pytest.mark.parametrize("name", sampling.NAMES)
def test_a_sample_whose_fields_are_all_of_a_wrong_type(name: str) -> None:
    for junk in JUNK:
        for payload in read_message(sampling.body(name)):
            assert isinstance(payload, dict)
            handle(json.dumps(dict.fromkeys(payload, junk)).encode())
            nested = {
                key: dict.fromkeys(item, junk) if isinstance(item, dict) else item
                for key, item in payload.items()
            }
            handle(json.dumps(nested).encode())


def test_processes_nested_beyond_all_use_are_read_to_a_depth() -> None:
    process: dict[str, Any] = {"type": "process", "commandLine": "x0"}
    for number in range(1, 90):
        process = {"type": "process", "commandLine": f"x{number}", "parentProcess": process}
    assert handle(json.dumps(sampling.native(entities=[process])).encode()) == 1


def test_references_that_multiply_cost_no_more_than_they_are_long() -> None:
    named: list[Any] = [{"$id": "0", "type": "process", "commandLine": "x"}]
    for number in range(1, 300):
        reference = {"$ref": str(number - 1)}
        named.append(
            {
                "$id": str(number),
                "type": "process",
                "commandLine": f"x{number}",
                "parentProcess": reference,
                "imageFile": reference,
                "account": reference,
                "host": reference,
            }
        )
    assert handle(json.dumps(sampling.native(entities=named)).encode()) == 1
