from typing import Any

import orjson
import pytest

from tests.unit.cosmos.emulated import ITEMS, Emulated, key_of, message

DOCUMENT = {"id": "1", "pk": "a", "n": 1, "o": {"x": 1}, "l": ["a", "b"], "s": "text"}
SYSTEM = ("_rid", "_self", "_etag", "_ts", "_attachments")


def patch(emulated: Emulated, *operations: dict[str, Any], **more: Any) -> Any:
    emulated.upsert(DOCUMENT)
    sent = {"operations": list(operations), **more}
    return emulated.ask("PATCH", f"{ITEMS}/docs/1", sent, key_of(DOCUMENT))


@pytest.mark.parametrize(
    ("operation", "changed"),
    [
        ({"op": "add", "path": "/new", "value": 1}, {"new": 1}),
        ({"op": "add", "path": "/o/y", "value": 2}, {"o": {"x": 1, "y": 2}}),
        ({"op": "add", "path": "/l/1", "value": "c"}, {"l": ["a", "c", "b"]}),
        ({"op": "add", "path": "/l/-", "value": "c"}, {"l": ["a", "b", "c"]}),
        ({"op": "set", "path": "/n", "value": None}, {"n": None}),
        ({"op": "set", "path": "/l/1", "value": "c"}, {"l": ["a", "c"]}),
        ({"op": "set", "path": "/a~1b", "value": 1}, {"a/b": 1}),
        ({"op": "replace", "path": "/o", "value": []}, {"o": []}),
        ({"op": "remove", "path": "/l/0"}, {"l": ["b"]}),
        ({"op": "incr", "path": "/n", "value": 2}, {"n": 3}),
        ({"op": "incr", "path": "/n", "value": -0.5}, {"n": 0.5}),
        ({"op": "incr", "path": "/count", "value": 5}, {"count": 5}),
        ({"op": "move", "from": "/o/x", "path": "/y"}, {"o": {}, "y": 1}),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if "op" in value else None,
)
def test_operations(emulated: Emulated, operation: dict[str, Any], changed: dict[str, Any]) -> None:
    patched = orjson.loads(patch(emulated, operation).body)
    assert {n: v for n, v in patched.items() if n not in SYSTEM} == {**DOCUMENT, **changed}


def test_remove_takes_a_property_away(emulated: Emulated) -> None:
    assert "o" not in orjson.loads(patch(emulated, {"op": "remove", "path": "/o"}).body)


def test_operations_run_in_order(emulated: Emulated) -> None:
    steps = [{"op": "set", "path": "/n", "value": 5}, {"op": "incr", "path": "/n", "value": 1}]
    assert orjson.loads(patch(emulated, *steps).body)["n"] == 6


@pytest.mark.parametrize(
    ("operation", "reason"),
    [
        ({"op": "replace", "path": "/none", "value": 1}, "does not exist"),
        ({"op": "remove", "path": "/none"}, "does not exist"),
        ({"op": "add", "path": "/none/x", "value": 1}, "does not exist"),
        ({"op": "add", "path": "/l/9", "value": 1}, "position '9'"),
        ({"op": "incr", "path": "/s", "value": 1}, "not a number"),
        ({"op": "incr", "path": "/n", "value": "1"}, "needs a number"),
        ({"op": "set", "path": "n", "value": 1}, "must look like"),
        ({"op": "set", "path": "/id", "value": "2"}, "system property"),
        ({"op": "set", "path": "/_etag", "value": "2"}, "system property"),
        ({"op": "set", "path": "/pk", "value": "b"}, "partition key"),
        ({"op": "set", "path": "/n"}, "needs a 'value'"),
        ({"op": "swap", "path": "/n", "value": 1}, "Unknown patch operation"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_wrong_operation_is_refused_and_changes_nothing(
    emulated: Emulated, operation: dict[str, Any], reason: str
) -> None:
    refused = patch(emulated, {"op": "set", "path": "/n", "value": 9}, operation)
    assert (refused.status, reason in message(refused)) == (400, True)
    assert orjson.loads(emulated.read("1", "a").body)["n"] == 1


def test_more_than_ten_operations_are_refused(emulated: Emulated) -> None:
    step = {"op": "incr", "path": "/n", "value": 1}
    assert patch(emulated, *[step] * 10).status == 200
    assert patch(emulated, *[step] * 11).status == 400


@pytest.mark.parametrize(
    ("condition", "status"), [("from c where c.n = 1", 200), ("from c where c.n = 2", 412)]
)
def test_a_condition_decides(emulated: Emulated, condition: str, status: int) -> None:
    step = {"op": "incr", "path": "/n", "value": 1}
    assert patch(emulated, step, condition=condition).status == status
