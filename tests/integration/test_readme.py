"""The README's commands, as they stand there: run on the stack, or known to be run elsewhere."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest_alert.mapping.folder import shipped_formats
from ingest_alert.registry import SOURCES
from local.commands import COMMANDS
from local.stack import Stack
from tests.integration.stack_client import Site, wait_until

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
LOCAL_HTTP, LOCAL_QUEUE = "http://127.0.0.1:7071", "http://127.0.0.1:10001/devstoreaccount1"
A2I = ".venv/bin/a2i "
CLOUD = "azd up"
FOREGROUND = f"{A2I}up"
"""test_stack_command.py runs it."""


def blocks(language: str) -> Iterator[str]:
    yield from re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def commands() -> Iterator[str]:
    for block in blocks("sh"):
        lines = block.splitlines()
        while lines:
            command = lines.pop(0)
            while command.count("'") % 2:
                command += "\n" + lines.pop(0)
            yield command


COMMANDS_SHOWN = list(commands())


def starting(word: str) -> list[str]:
    return [command for command in COMMANDS_SHOWN if command.startswith(word)]


def test_every_command_is_of_a_kind_that_is_run() -> None:
    kinds = ("make ", "curl ", A2I)
    others = [command for command in COMMANDS_SHOWN if not command.startswith(kinds)]
    assert others == [CLOUD]


@pytest.mark.parametrize("command", starting("make "))
def test_ci_runs_what_make_is_asked_for(command: str) -> None:
    assert command in (ROOT / ".ci" / "run").read_text().splitlines()


@pytest.mark.parametrize("command", starting(A2I))
def test_the_commands_exist(command: str) -> None:
    assert shlex.split(command)[1] in COMMANDS


def test_what_azd_is_asked_for_builds_the_package_first() -> None:
    assert "prepackage" in (ROOT / "azure.yaml").read_text()


def a2i(command: str, stack: Stack, folder: Path) -> str:
    """Run a command as it stands there, on this stack, in a folder; gives what it printed."""
    words = shlex.split(command)[1:]
    if words[0] == "send":
        words += ["--connection", stack.storage_connection]
    settings = {"A2I_URL": stack.http, "PYTHONPATH": str(ROOT), "NO_PROXY": "127.0.0.1"}
    done = subprocess.run(  # noqa: S603 - the README's own words
        [sys.executable, "-m", "local", *words],
        cwd=folder, env=os.environ | settings, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_commands_go_from_a_sample_to_its_incident(
    stack: Stack, site: Site, tmp_path: Path
) -> None:
    said = {}
    for command in [each for each in starting(A2I) if each != FOREGROUND]:
        if " incidents" in command:
            wait_until(lambda: site.get("/api/incidents")["value"], "an incident")
        said[command.split()[1]] = a2i(command, stack, tmp_path)
    assert list(said) == ["simulate", "send", "incidents", "backtest"]
    assert "0 refused" in said["send"]
    assert "title" in said["incidents"]
    assert "recall 1.0000" in said["backtest"]


@pytest.mark.parametrize("command", starting("curl "), ids=lambda text: text.splitlines()[0][:70])
def test_what_is_asked_by_curl_is_answered(command: str, stack: Stack) -> None:
    words = shlex.split(command.replace(LOCAL_HTTP, stack.http))
    done = subprocess.run([*words, "--fail"], capture_output=True, check=False)  # noqa: S603 - the README's own words
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(b"{")


def test_the_two_alerts_that_it_pushes_become_one_incident(stack: Stack, site: Site) -> None:
    push = next(command for command in starting("curl ") if "/api/alerts" in command)
    subprocess.run(  # noqa: S603 - the README's own words
        shlex.split(push.replace(LOCAL_HTTP, stack.http)), check=True, capture_output=True
    )
    (code,) = blocks("python")
    subprocess.run(  # noqa: S603 - the README's own words
        [sys.executable, "-c", code.replace(LOCAL_QUEUE, stack.queue)], check=True
    )

    def together() -> bool:
        found = site.get("/api/incidents?resource=host:web01")["value"]
        return [each["stages"] for each in found] == [["InitialAccess", "Execution"]]

    wait_until(together, "an incident on web01")


def test_the_files_that_it_names_exist() -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)\)", README)
    assert not [link for link in links if not (ROOT / link).exists()]


def test_it_counts_the_formats_right() -> None:
    assert f"{len(SOURCES) + len(shipped_formats())} alert formats" in README


def test_its_costs_are_those_of_the_deployment_guide() -> None:
    rows = re.findall(
        r"^\| ([\d,]+) \| (\d+) \|.*\| \$([\d.]+) to \$([\d.]+) \|$",
        (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    told = {(alerts, each): (low, high) for alerts, each, low, high in rows}
    small = (told["1,000", "40"][0], told["1,000", "1"][1])
    assert "${} to ${} a month".format(*small) in README
    assert "${} to ${} for 100,000 a day".format(*told["100,000", "40"]) in README
