"""The README's commands, as they stand there: run on the stack, or known to be run by CI."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.commands import COMMANDS
from local.stack import Stack
from tests.integration.stack_client import Site, wait_until

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
LOCAL_HTTP, LOCAL_QUEUE = "http://127.0.0.1:7071", "http://127.0.0.1:10001/devstoreaccount1"
CLOUD = "func azure functionapp publish NAME"


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
    kinds = ("make ", "curl ", ".venv/bin/python -m local ")
    others = [command for command in COMMANDS_SHOWN if not command.startswith(kinds)]
    assert others == [CLOUD]


@pytest.mark.parametrize("command", starting("make "))
def test_ci_runs_what_make_is_asked_for(command: str) -> None:
    assert command in (ROOT / ".ci" / "run").read_text().splitlines()


@pytest.mark.parametrize("command", starting(".venv/bin/python -m local "))
def test_the_local_commands_exist(command: str) -> None:
    assert shlex.split(command)[3] in COMMANDS


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
