"""The resources of the Bicep files as data, by pycep-parser."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from pycep import BicepParser

from tests.unit.infra.bicep import FILES, FOLDER

#: What Bicep itself reads of a resource, and does not send.
OWN_PROPERTIES: Final = frozenset({"parent", "scope", "dependsOn", "depends_on"})
_DECLARED: Final = re.compile(
    r"^\s*(?:@[^\n]*\n)*(?:param|var|resource|module)\s+(\w+)", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource: its body holds literals, and `Unknown` for what only Azure can work out."""

    file: str
    symbol: str
    type: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that is not known before the deployment, or one of several."""

    alternatives: tuple[Any, ...] = ()


@cache
def resources() -> tuple[Resource, ...]:
    """Every resource of every file, but those that exist already."""
    return tuple(each for file in FILES for each in _resources(file))


def _resources(file: str) -> Iterator[Resource]:
    text = (FOLDER / file).read_text(encoding="utf-8")
    names = frozenset(_DECLARED.findall(text))
    for symbol, found in BicepParser().parse(text=text).get("resources", {}).items():
        body = _unwrapped(found["config"])
        yield Resource(
            file,
            symbol,
            f"{found['type']}@{found['api_version']}",
            {
                name: _value(value, names)
                for name, value in body.items()
                if name not in OWN_PROPERTIES
            },
        )


def _unwrapped(config: dict[str, Any]) -> dict[str, Any]:
    """The body below a loop and a condition."""
    while "config" in config and set(config) & {"loop_type", "condition"}:
        config = config["config"]
    return config


def _value(node: Any, names: frozenset[str]) -> Any:
    if isinstance(node, list):
        return [_value(each, names) for each in node]
    if isinstance(node, dict):
        if set(node) == {"function"}:
            return _function(node["function"], names)
        if set(node) == {"operator"}:
            return Unknown(tuple(_literals(node, names)))
        return {key.strip("'"): _value(value, names) for key, value in node.items()}
    if isinstance(node, str) and (node in names or "${" in node):
        return Unknown()
    return node


def _function(call: dict[str, Any], names: frozenset[str]) -> Any:
    """`union(…)` as the object that it makes, as far as that is known; any other call is not."""
    if call["type"] != "union":
        return Unknown()
    merged: dict[str, Any] = {}
    for argument in call["parameters"].values():
        value = _value(argument, names)
        for part in value.alternatives if isinstance(value, Unknown) else (value,):
            merged |= part
    return merged


def _literals(node: Any, names: frozenset[str]) -> Iterator[Any]:
    """The objects and lists that the branches of a conditional hold."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("true_value", "false_value"):
                branch = _value(value, names)
                if isinstance(branch, Unknown):
                    yield from branch.alternatives
                else:
                    yield branch
            else:
                yield from _literals(value, names)
