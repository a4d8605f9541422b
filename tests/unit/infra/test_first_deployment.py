"""local/first_deployment.sh, run with stand-ins for az, azd and curl."""

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.infra.bicep import ROOT

SCRIPT = ROOT / "local" / "first_deployment.sh"

AZ = """#!/bin/sh
echo "az $*" >> "$CALLS"
case "$*" in
*"$BROKEN"*) exit 3 ;;
*what-if*) echo "Create /subscriptions/1/resourceGroups/rg-alerts" ;;
*"function list"*) echo "func/ingest_alert" ;;
*"keys list"*) echo "secret" ;;
*"cosmosdb show"*) echo "/subscriptions/1/cosmos" ;;
*"metrics list"*) echo "57.2" ;;
esac
"""
AZD = """#!/bin/sh
echo "azd $*" >> "$CALLS"
case "$*" in
*get-value*URL*) echo "https://func.example" ;;
*get-value*) echo "some-name" ;;
esac
"""
CURL = """#!/bin/sh
echo "curl $*" >> "$CALLS"
case "$*" in
*POST*) printf '%s' "$*" | grep -o 'first-deployment-[0-9]*' | head -n 1 > "$CALLS.sent" ;;
*limit=50*) cat "$CALLS.sent" ;;
*health*) echo '{"status":"ok"}' ;;
*) echo '<!DOCTYPE html>' ;;
esac
"""
Run = Callable[..., tuple[subprocess.CompletedProcess[str], list[str]]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run the script; `broken` is the part of an az command that fails."""
    stand_ins = {"az": AZ, "azd": AZD, "curl": CURL, "sleep": "#!/bin/sh\n"}
    for name, text in stand_ins.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    calls = tmp_path / "calls"

    def start(
        *arguments: str, broken: str = "nothing"
    ) -> tuple[subprocess.CompletedProcess[str], list[str]]:
        environment = {
            "PATH": f"{tmp_path}:/usr/bin:/bin",
            "CALLS": str(calls),
            "BROKEN": broken,
            "HOME": os.environ.get("HOME", "/"),
        }
        done = subprocess.run(  # noqa: S603 - the project's own script
            ["/bin/sh", str(SCRIPT), *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return done, calls.read_text().splitlines() if calls.exists() else []

    return start


def test_it_goes_through_the_checklist_in_order(run: Run) -> None:
    done, calls = run("alerts", "westeurope")
    assert done.returncode == 0, done.stdout + done.stderr
    steps = re.findall(r"^== (.+)$", done.stdout, re.MULTILINE)
    assert steps == [
        "compile the templates",
        "show what would be made",
        "deploy the infrastructure and the app",
        "list the functions",
        "ask for its health",
        "push one alert",
        "wait until the API shows it",
        "look at the page",
        "compare request units",
    ]
    assert "measured since the alert was pushed: 57.2 RU" in done.stdout
    assert done.stdout.endswith("DONE: https://func.example\n")
    assert any(call.startswith("azd up") for call in calls)


@pytest.mark.parametrize(
    ("broken", "step"),
    [
        ("bicep build", "compile the templates"),
        ("what-if", "show what would be made"),
        ("keys list", "push one alert"),
        ("metrics list", "compare request units"),
    ],
)
def test_it_stops_at_the_first_step_that_fails_and_names_it(
    run: Run, broken: str, step: str
) -> None:
    done, calls = run("alerts", "westeurope", broken=broken)
    assert done.returncode != 0
    assert f"FAILED at: {step}" in done.stderr
    assert not (step == "compile the templates" and any("azd up" in call for call in calls))


def test_it_says_what_it_needs_to_be_told(run: Run) -> None:
    done, calls = run()
    assert done.returncode != 0
    assert "usage: sh local/first_deployment.sh ENVIRONMENT REGION" in done.stderr
    assert calls == []


def test_its_estimate_is_the_documents() -> None:
    (estimate,) = re.findall(r'^estimate="(.+)"$', SCRIPT.read_text(), re.MULTILINE)
    assert f"| request units an alert | {estimate} |" in (ROOT / "docs" / "deploy.md").read_text()
