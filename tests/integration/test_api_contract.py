"""The running API against its own contract, with requests that schemathesis makes up.

A few examples of each operation, the same each time. `CONTRACT_EXAMPLES=200` makes it many, and
adds the cases at and beyond every boundary of the schemas; that takes minutes.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.integration.campaigns import campaign
from tests.integration.contract.hooks import is_beyond_schemas
from tests.integration.stack_client import Site, wait_until

ROOT = Path(__file__).parents[2]
CONFIGURATION = Path(__file__).parent / "contract" / "schemathesis.toml"
MANY = os.environ.get("CONTRACT_EXAMPLES")
FEW = "2"


@pytest.fixture(scope="module")
def stored(site: Site) -> dict[str, str]:
    """Ids of an incident, an alert and a rejection that there are, by the name of each."""
    attack = campaign()
    site.call("POST", "/api/alerts", attack.attack)
    site.call("POST", "/api/alerts", [{"no": "known format"}])

    def first(path: str) -> Any:
        return wait_until(lambda: site.get(path)["value"], path)[0]

    machine = f"confidence=all&resource={attack.machines[0]}"
    return {
        "INCIDENT": first(f"/api/incidents?{machine}")["incidentId"],
        "ALERT": first(f"/api/alerts?resource={attack.machines[0]}")["alertId"],
        "REJECTION": first("/api/rejected")["id"],
    }


@pytest.mark.timeout(3_600 if MANY else 120)
def test_what_schemathesis_makes_up_is_answered_as_the_contract_says(
    site: Site, stored: dict[str, str]
) -> None:
    phases = "examples,coverage,fuzzing" if MANY else "examples,fuzzing"
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION)),
        *("run", f"{site.url}/api/openapi.json", "--checks", "all"),
        # This stack lets everybody in; who may do what is tested with the roles.
        *("--exclude-checks", "ignored_auth", "--phases", phases),
        *("--max-examples", MANY or FEW, "--no-color"),
    ]
    # S603: the command is this project's own.
    run = subprocess.run(  # noqa: S603
        command,
        cwd=ROOT,
        env={**os.environ, **stored},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize(
    ("reasons", "beyond"),
    [
        pytest.param(["must lie before to"], True, id="two fields together"),
        pytest.param(["must lie before to", "is no parameter here"], False, id="not all of it"),
        pytest.param(["is not known"], False, id="what a schema tells"),
        pytest.param([], False, id="nothing said"),
    ],
)
def test_only_what_no_schema_can_tell_is_a_right_refusal(reasons: list[str], beyond: bool) -> None:
    assert is_beyond_schemas([{"reason": reason} for reason in reasons]) is beyond
