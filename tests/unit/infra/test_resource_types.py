"""Every resource of the Bicep files against an excerpt of Microsoft's type files.

The excerpt is written by `python -m tests.unit.infra.excerpt`, which says where it comes from.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.infra.bicep import FILES, FOLDER
from tests.unit.infra.excerpt import FILE
from tests.unit.infra.templates import Resource, Unknown, resources

TYPES: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))["types"]
PYTHON = {"boolean": bool, "integer": int, "string": str}


def faults(value: Any, kind: dict[str, Any], path: str) -> Iterator[str]:
    """What a value does that its type does not allow, each with where it stands."""
    if isinstance(value, Unknown):
        for each in value.alternatives:
            yield from faults(each, kind, path)
    elif "names" in kind:
        yield from _object_faults(value, kind, path)
    elif "items" in kind:
        if not isinstance(value, list):
            yield f"{path}: a list is needed"
            return
        for number, item in enumerate(value):
            yield from faults(item, kind["items"], f"{path}[{number}]")
    elif "values" in kind:
        if value not in kind["values"]:
            yield f"{path}: {value!r} is none of {kind['values']}"
    elif (needed := PYTHON.get(kind["type"])) is not None and type(value) is not needed:
        yield f"{path}: {value!r} is no {kind['type']}"


def _object_faults(value: Any, kind: dict[str, Any], path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: an object is needed"
        return
    names, required, properties = set(kind["names"]), set(kind["required"]), kind["properties"]
    if "key" in kind:
        chosen = kind["kinds"].get(value.get(kind["key"]))
        if chosen is None:
            yield f"{path}: {kind['key']} must be one of {kind['allKinds']}"
            return
        names |= set(chosen["names"]) | {kind["key"]}
        required |= set(chosen["required"])
        properties = {**properties, **chosen["properties"]}
    for name in sorted(required - value.keys()):
        yield f"{path}: {name} is missing"
    for name, item in value.items():
        if name in names:
            yield from faults(item, properties[name], f"{path}.{name}")
        elif "others" in kind:
            yield from faults(item, kind["others"], f"{path}.{name}")
        else:
            yield f"{path}: there is no {name} to be set"


@pytest.mark.parametrize("resource", resources(), ids=lambda each: f"{each.file}-{each.symbol}")
def test_a_resource_is_of_its_type(resource: Resource) -> None:
    assert resource.type in TYPES, "run python -m tests.unit.infra.excerpt"
    assert list(faults(resource.body, TYPES[resource.type], resource.symbol)) == []


def test_every_resource_of_the_files_is_read() -> None:
    text = "".join((FOLDER / name).read_text(encoding="utf-8") for name in FILES)
    assert len(resources()) == len(re.findall(r"^resource \w+ '", text, re.MULTILINE)) > 0
    assert not re.search(r"^[ \t]+resource ", text, re.MULTILINE), "the parser loses nested ones"


SITE = "Microsoft.Web/sites@2024-04-01"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        pytest.param({"kinds": "functionapp"}, "there is no kinds to be set", id="unknown name"),
        pytest.param({"location": None}, "location is missing", id="missing"),
        pytest.param({"location": 5}, "5 is no string", id="wrong type"),
        pytest.param({"properties": []}, "an object is needed", id="no object"),
        pytest.param(
            {"properties": {"functionAppConfig": {"runtime": {"name": "cobol"}}}},
            "'cobol' is none of",
            id="value that is not allowed",
        ),
        pytest.param(
            {"properties": {"siteConfig": {"ftpsState": "Off"}}}, "'Off' is none of", id="deep"
        ),
    ],
)
def test_a_fault_is_named(change: dict[str, Any], fault: str) -> None:
    (site,) = (each for each in resources() if each.type == SITE)
    body = {name: value for name, value in (site.body | change).items() if value is not None}
    found = list(faults(body, TYPES[SITE], "app"))
    assert any(fault in each for each in found), found
