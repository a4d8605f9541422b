"""azure.yaml: azd deploys the package, to the app that the infrastructure makes."""

import re

from local.package.building import FOLDER as PACKAGE
from tests.unit.infra.bicep import ROOT, Bicep

TEXT = (ROOT / "azure.yaml").read_text(encoding="utf-8")


def value(key: str) -> str:
    (found,) = re.findall(rf"^\s+{key}: (\S+)$", TEXT, re.MULTILINE)
    return str(found)


def test_the_infrastructure_is_where_it_says() -> None:
    assert (ROOT / value("path") / f"{value('module')}.bicep").is_file()


def test_the_package_is_what_is_deployed() -> None:
    assert ROOT / value("project") == PACKAGE
    assert "run: make package" in TEXT
    assert re.search(r"^package:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_the_app_is_found_by_its_tag() -> None:
    assert re.search(r"^  app:$", TEXT, re.MULTILINE)
    assert "'azd-service-name': 'app'" in Bicep.read("resources.bicep").text
