"""Partial updates: the operations of a PATCH body, applied to a document."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import orjson

from local.cosmos.errors import bad_request, precondition_failed
from local.cosmos.limits import PATCH_OPERATIONS
from local.cosmos.sql.prepared import prepare
from local.cosmos.sql.values import number

if TYPE_CHECKING:
    from local.cosmos.store.items import Document, Stored

SYSTEM_PATHS: Final = frozenset({"_rid", "_self", "_etag", "_ts", "_attachments"})
Apply = Callable[[Any, str, dict[str, Any]], None]


def patch_document(stored: Stored, patch: dict[str, Any]) -> Document:
    """The stored document with the operations of a patch body applied in order.

    Raises:
        CosmosError: 400 for a wrong operation or path, 412 when the condition does not hold.
    """
    document: Document = orjson.loads(stored.doc)
    condition = patch.get("condition")
    if condition is not None and not _holds(condition, document):
        raise precondition_failed("the patch condition does not hold")
    operations = patch.get("operations")
    if not isinstance(operations, list) or not operations:
        raise bad_request("A patch needs a non-empty list 'operations'.")
    if len(operations) > PATCH_OPERATIONS:
        raise bad_request(f"A patch may have at most {PATCH_OPERATIONS} operations.")
    for operation in operations:
        _apply(document, operation)
    return document


def _holds(condition: str, document: Document) -> bool:
    """Whether `from c where …` selects the document."""
    prepared = prepare(f"SELECT VALUE 1 {condition}")
    return bool(prepared.program.run([document], {}))


def _apply(document: Document, operation: Any) -> None:
    if not isinstance(operation, dict):
        raise bad_request("Each patch operation must be an object.")
    kind = str(operation.get("op", "")).lower()
    if kind == "incr":
        kind = "increment"
    if kind == "move":
        _move(document, operation)
        return
    apply = _OPERATIONS.get(kind)
    if apply is None:
        raise bad_request(f"Unknown patch operation {operation.get('op')!r}.")
    if kind != "remove" and "value" not in operation:
        raise bad_request(f"The patch operation {kind!r} needs a 'value'.")
    parent, name = _locate(document, operation.get("path"))
    apply(parent, name, operation)


def _locate(document: Document, path: Any) -> tuple[Any, str]:
    """The parent of what a path names, and the last name.

    Raises:
        CosmosError: 400 when the parent does not exist or the path is a system property's.
    """
    if not isinstance(path, str) or not re.fullmatch(r"(/[^/]+)+", path):
        raise bad_request(f"The patch path {path!r} must look like '/a/b'.")
    names = [name.replace("~1", "/").replace("~0", "~") for name in path[1:].split("/")]
    if names[0] in SYSTEM_PATHS or names == ["id"]:
        raise bad_request(f"The patch path {path!r} is a system property.")
    parent: Any = document
    for name in names[:-1]:
        parent = _child(parent, name, path)
    if not isinstance(parent, dict | list):
        raise bad_request(f"The patch path {path!r} does not exist.")
    return parent, names[-1]


def _child(parent: Any, name: str, path: str) -> Any:
    if isinstance(parent, dict) and name in parent:
        return parent[name]
    if isinstance(parent, list):
        return parent[_position(parent, name, len(parent) - 1)]
    raise bad_request(f"The patch path {path!r} does not exist.")


def _position(items: list[Any], name: str, last: int) -> int:
    if not name.isdigit() or int(name) > last:
        raise bad_request(f"The patch path names position {name!r} of an array of {len(items)}.")
    return int(name)


def _add(parent: Any, name: str, operation: dict[str, Any]) -> None:
    if isinstance(parent, dict):
        parent[name] = operation["value"]
    elif name == "-":
        parent.append(operation["value"])
    else:
        parent.insert(_position(parent, name, len(parent)), operation["value"])


def _set(parent: Any, name: str, operation: dict[str, Any]) -> None:
    if isinstance(parent, dict) or name == "-":
        _add(parent, name, operation)
    else:
        position = _position(parent, name, len(parent))
        parent[position : position + 1] = [operation["value"]]


def _replace(parent: Any, name: str, operation: dict[str, Any]) -> None:
    if isinstance(parent, list):
        parent[_position(parent, name, len(parent) - 1)] = operation["value"]
    elif name in parent:
        parent[name] = operation["value"]
    else:
        raise bad_request(f"The patch replaces {name!r}, which does not exist.")


def _remove(parent: Any, name: str, _: dict[str, Any]) -> None:
    if isinstance(parent, list):
        del parent[_position(parent, name, len(parent) - 1)]
    elif name in parent:
        del parent[name]
    else:
        raise bad_request(f"The patch removes {name!r}, which does not exist.")


def _increment(parent: Any, name: str, operation: dict[str, Any]) -> None:
    amount = operation["value"]
    if not number(amount):
        raise bad_request("The patch operation 'incr' needs a number.")
    if isinstance(parent, list):
        position = _position(parent, name, len(parent) - 1)
        parent[position] = _sum(parent[position], amount, name)
    else:
        parent[name] = _sum(parent[name], amount, name) if name in parent else amount


def _sum(value: Any, amount: Any, name: str) -> Any:
    if not number(value):
        raise bad_request(f"The patch increments {name!r}, which is not a number.")
    return value + amount


def _move(document: Document, operation: dict[str, Any]) -> None:
    source, name = _locate(document, operation.get("from"))
    value = _child(source, name, str(operation.get("from")))
    _remove(source, name, {})
    parent, target = _locate(document, operation.get("path"))
    _add(parent, target, {"value": value})


_OPERATIONS: Final[dict[str, Apply]] = {
    "add": _add,
    "set": _set,
    "replace": _replace,
    "remove": _remove,
    "increment": _increment,
}
