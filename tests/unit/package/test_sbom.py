"""The list of what is shipped."""

import json
import re
from pathlib import Path

from local.package.building import PAGE_FILES, ROOT
from local.package.sbom import bill, npm_packages, python_packages

LOCK = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))


def test_every_requirement_is_listed_with_its_licence(clean_python: Path) -> None:
    components = {
        each["name"]: each for each in bill(python_packages(clean_python), [])["components"]
    }
    pinned = re.findall(
        r"^([\w-]+)==(\S+?)(?:;|$)", (ROOT / "requirements.txt").read_text(), re.MULTILINE
    )
    listed = [(name, version) for name, version in pinned if name != "azure-functions"]
    assert {components[name]["version"] for name, _ in listed} == {each for _, each in listed}
    assert [name for name, each in components.items() if "licenses" not in each] == []
    assert components["azure-cosmos"]["purl"].startswith("pkg:pypi/azure-cosmos@")


def test_the_pages_packages_are_listed_with_what_they_need() -> None:
    found = {name: licence for name, _, licence in npm_packages(LOCK)}
    assert {"uplot", "@fluentui/web-components", "@microsoft/fast-element"} <= found.keys()
    assert "azurite" not in found
    assert all(found.values())


def test_what_the_pages_licence_file_names_is_listed() -> None:
    licences = ROOT / PAGE_FILES.parent / "vendor" / "LICENSES.txt"
    if licences.exists():
        named = set(re.findall(r"^(@?[\w./-]+) \d\S* \(", licences.read_text(), re.MULTILINE))
        assert named <= {name for name, _, _ in npm_packages(LOCK)}


def test_the_document_is_cyclonedx() -> None:
    document = bill([["a", "1", "MIT"]], [["@b/c", "2", ""]])
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    assert [each["purl"] for each in document["components"]] == ["pkg:pypi/a@1", "pkg:npm/%40b/c@2"]
    assert "licenses" not in document["components"][1]


SPELLED = {"MIT License": "MIT", "Apache 2.0": "Apache-2.0"}
"""How two packages spell their licence, and its SPDX name."""


def test_every_licence_of_what_is_shipped_is_in_the_document_on_security(
    clean_python: Path,
) -> None:
    shipped = [*python_packages(clean_python), *npm_packages(LOCK)]
    licences = {SPELLED.get(licence, licence) for _, _, licence in shipped}
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    rows = text.partition("| licence | of |\n|---|---|\n")[2].partition("\n\n")[0].splitlines()
    assert licences == {row.split("|")[1].strip() for row in rows}
