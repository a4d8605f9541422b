"""`python -m local.package.sbom`: a CycloneDX list of what is shipped, with licences.

The Python packages are those of the clean environment, which holds what `requirements.txt` asks for
and what that needs; the npm packages are those that the page's files are built from.
"""

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from local.environment import UnavailableError
from local.package.building import ROOT
from local.package.environment import ensure_python

FILE: Final = ROOT / "build" / "sbom.cdx.json"
BUNDLED: Final = (
    "@fluentui/tokens",
    "@fluentui/web-components",
    "@fontsource-variable/inter",
    "d3-selection",
    "d3-zoom",
    "uplot",
)
"""What the page's files are built from; everything below them in the lock file is shipped too."""
_LIST: Final = """
import json
from importlib.metadata import distributions
def licence(about):
    said = about.get("License-Expression") or about.get("License") or ""
    classifiers = [each for each in about.get_all("Classifier", ()) if "License ::" in each]
    short = said if len(said) < 100 else ""
    return short or ", ".join(each.rpartition(" :: ")[2] for each in classifiers)
abouts = [each.metadata for each in distributions()]
shipped = [each for each in abouts if each["Name"] not in ("pip", "setuptools")]
rows = [[each["Name"].lower(), each["Version"], licence(each)] for each in shipped]
print(json.dumps(sorted(rows)))
"""


def bill(python: Iterable[list[str]], npm: Iterable[list[str]]) -> dict[str, Any]:
    """The document (CycloneDX 1.6), from rows of name, version and licence."""
    components = [_component("pypi", *row) for row in python]
    components += [_component("npm", *row) for row in npm]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "alerts-to-incidents"}},
        "components": components,
    }


def _component(kind: str, name: str, version: str, licence: str) -> dict[str, Any]:
    url = f"pkg:{kind}/{name.replace('@', '%40')}@{version}"
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": url,
        "name": name,
        "version": version,
        "purl": url,
    }
    if licence:
        component["licenses"] = [{"license": {"name": licence}}]
    return component


def python_packages(python: Path) -> list[list[str]]:
    """What an environment holds: name, version and licence of each.

    Raises subprocess.CalledProcessError when it cannot be asked.
    """
    command = [str(python), "-I", "-c", _LIST]
    listed = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - the clean environment's
    rows: list[list[str]] = json.loads(listed.stdout)
    return rows


def npm_packages(lock: dict[str, Any]) -> list[list[str]]:
    """What the page is built from, by npm's lock file: name, version and licence of each."""
    packages = lock["packages"]
    found: dict[str, list[str]] = {}
    wanted = list(BUNDLED)
    while wanted:
        name = wanted.pop()
        entry = packages.get(f"node_modules/{name}")
        if entry is None or name in found:
            continue
        found[name] = [name, entry["version"], entry.get("license", "")]
        wanted.extend({**entry.get("dependencies", {}), **entry.get("peerDependencies", {})})
    return [found[name] for name in sorted(found)]


def main() -> int:
    """Write the file; 1 when the packages cannot be had."""
    try:
        python = ensure_python()
    except UnavailableError as error:
        print(f"sbom: {error}", file=sys.stderr)
        return 1
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    document = bill(python_packages(python), npm_packages(lock))
    FILE.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    print(f"{FILE.relative_to(ROOT)}: {len(document['components'])} components")
    return 0


if __name__ == "__main__":
    sys.exit(main())
