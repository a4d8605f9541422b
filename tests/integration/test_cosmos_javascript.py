"""The emulator as @azure/cosmos speaks to it: a suite of Node's own test runner."""

import os
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from local.project import ROOT
from local.stack.azurite import node
from tests.integration.cosmos_support import emulator

CHECKS = Path(__file__).parent / "cosmos_javascript" / "checks.test.mjs"
LEAST = 90


@pytest.mark.timeout(300)
def test_every_check_of_the_javascript_sdk_passes(tmp_path: Path) -> None:
    if not (ROOT / "node_modules" / "@azure" / "cosmos").exists():
        pytest.skip("@azure/cosmos is not installed: run make setup")
    report = tmp_path / "report.xml"
    command = [
        *(str(node()), "--test", "--test-timeout=240000"),
        *("--test-reporter=junit", f"--test-reporter-destination={report}", str(CHECKS)),
    ]
    with emulator("--data", ":memory:", "--partitions", "4") as running:
        environment = {**os.environ, "COSMOS_ENDPOINT": running.address}
        ended = subprocess.run(  # noqa: S603 - the project's own Node and suite
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
    cases = list(ET.parse(report).iter("testcase"))  # noqa: S314 - written by our own Node
    failed = {
        str(case.get("name")): (failure.get("message") or failure.text or "")[:300]
        for case in cases
        if (failure := case.find("failure")) is not None
    }
    assert not failed, ended.stderr
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert len(cases) >= LEAST
