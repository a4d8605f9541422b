"""The documents on deployment and security name what exists."""

import re
from pathlib import Path

import pytest

from tests.unit.docs.named_tests import assert_test_exists, cited_tests
from tests.unit.infra.bicep import ROOT, Bicep

SECURITY = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
DEPLOY = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("file", "test"), cited_tests(SECURITY))
def test_a_test_that_stands_for_a_control_exists(file: str, test: str) -> None:
    assert_test_exists(file, test)


def test_every_threat_has_a_control_and_a_test() -> None:
    rows = SECURITY.partition("| threat | control | test |\n|---|---|---|\n")[2].split("\n\n")[0]
    for row in rows.splitlines():
        cells = [cell.strip() for cell in row.strip("|").split(" | ")]
        assert len(cells) == 3, row
        assert cells[1], row
        assert re.search(r"`tests/[\w/]+\.py::\w+`", cells[2]), row


def test_every_parameter_of_the_deployment_is_described() -> None:
    for name in Bicep.read("main.bicep").parameters():
        assert name == "resourceGroupName" or f"`{name}`" in DEPLOY, name


@pytest.mark.parametrize("document", [SECURITY, DEPLOY], ids=["security", "deploy"])
def test_links_lead_somewhere(document: str) -> None:
    for link in re.findall(r"\]\(([^)#:]+)\)", document):
        assert (ROOT / "docs" / Path(link)).exists(), link


def test_targets_of_make_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"`?make ([a-z-]+)", DEPLOY):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
