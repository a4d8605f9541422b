"""`python -m tests.unit.infra.excerpt PATH`: take from Microsoft's type files what ours must be.

PATH is a clone of github.com/Azure/bicep-types-az (MIT licence), with or without a work tree. Of
each resource type that the Bicep files use, names, required properties and allowed values are kept
where the files set anything: facts, in `resource_types.json` beside this script.
"""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any, Final

from tests.unit.infra.templates import Unknown, resources

FILE: Final = Path(__file__).parent / "resource_types.json"
SOURCE: Final = "github.com/Azure/bicep-types-az"
REQUIRED, READ_ONLY = 1, 2


class Types:
    """The type files of one clone."""

    def __init__(self, clone: Path) -> None:
        self._clone = clone
        self._paths = self._git("ls-tree", "-r", "--name-only", "HEAD", "generated").split()

    @property
    def commit(self) -> str:
        """The commit that was read."""
        return self._git("rev-parse", "HEAD").strip()

    def excerpt(self, name: str, bodies: list[Any]) -> dict[str, Any]:
        """What a resource type allows, where these bodies set something.

        Raises:
            LookupError: there is no such type in this API version.
        """
        namespace, version = name.partition("/")[0].lower(), name.partition("@")[2]
        for path in self._paths:
            if path.endswith(f"/{namespace}/{version}/types.json"):
                for node in self._file(path):
                    if node["$type"] == "ResourceType" and node["name"].lower() == name.lower():
                        body: dict[str, Any] = self._kept(path, node["body"], bodies)
                        return body
        raise LookupError(f"there is no type {name}")

    def _kept(self, path: str, reference: dict[str, str], values: list[Any]) -> Any:
        file = self._file(path)
        node = file[int(reference["$ref"].rpartition("/")[2])]
        values = [each for value in values for each in _known(value)]
        match node["$type"]:
            case "ObjectType":
                return self._object(path, node, values)
            case "DiscriminatedObjectType":
                return self._discriminated(path, node, values)
            case "ArrayType":
                items = [item for value in values if isinstance(value, list) for item in value]
                return {"items": self._kept(path, node["itemType"], items)}
            case "UnionType":
                return self._union(path, node)
            case "StringLiteralType":
                return {"values": [node["value"]]}
            case other:
                return {"type": other.removesuffix("Type").lower()}

    def _object(self, path: str, node: dict[str, Any], values: list[Any]) -> dict[str, Any]:
        objects = [value for value in values if isinstance(value, dict)]
        used = {name for value in objects for name in value}
        properties = node.get("properties", {})
        kept: dict[str, Any] = {
            "names": sorted(n for n, p in properties.items() if not p["flags"] & READ_ONLY),
            "required": sorted(n for n, p in properties.items() if p["flags"] & REQUIRED),
            "properties": {
                name: self._kept(path, properties[name]["type"], _at(objects, name))
                for name in sorted(used & properties.keys())
            },
        }
        if "additionalProperties" in node:
            others = [value for each in objects for n, value in each.items() if n not in properties]
            kept["others"] = self._kept(path, node["additionalProperties"], others)
        return kept

    def _discriminated(self, path: str, node: dict[str, Any], values: list[Any]) -> Any:
        """The common part and, for each kind that is used, that kind's own."""
        key = node["discriminator"]
        base = self._object(path, {"properties": node["baseProperties"]}, values)
        kinds = {}
        for kind, reference in node["elements"].items():
            chosen = [v for v in values if isinstance(v, dict) and v.get(key) == kind]
            if chosen:
                kinds[kind] = self._kept(path, reference, chosen)
        return {**base, "key": key, "kinds": kinds, "allKinds": sorted(node["elements"])}

    def _union(self, path: str, node: dict[str, Any]) -> dict[str, Any]:
        """The values that are named; where a type takes any text beside them, ours are named."""
        parts = [self._kept(path, element, []) for element in node["elements"]]
        values = sorted({value for part in parts for value in part.get("values", ())})
        return {"values": values} if values else {"type": "any"}

    @cache  # noqa: B019 - one object for the length of the script
    def _file(self, path: str) -> Any:
        return json.loads(self._git("show", f"HEAD:{path}"))

    def _git(self, *arguments: str) -> str:
        command = ["git", "-C", str(self._clone), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - fixed
        return done.stdout


def _known(value: Any) -> list[Any]:
    return list(value.alternatives) if isinstance(value, Unknown) else [value]


def _at(objects: list[dict[str, Any]], name: str) -> list[Any]:
    return [value[name] for value in objects if name in value]


def main(clone: Path) -> None:
    """Write the excerpt."""
    types = Types(clone)
    bodies: dict[str, list[Any]] = {}
    for resource in resources():
        bodies.setdefault(resource.type, []).append(resource.body)
    kept = {name: types.excerpt(name, bodies[name]) for name in sorted(bodies)}
    document = {"source": SOURCE, "commit": types.commit, "types": kept}
    FILE.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
