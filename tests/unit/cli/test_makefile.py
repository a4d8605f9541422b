"""`make help` is complete, and set-up says one line."""

import re
import subprocess

import pytest

from local.project import ROOT

TEXT = (ROOT / "Makefile").read_text(encoding="utf-8")


def make(*arguments: str) -> str:
    return subprocess.run(  # noqa: S603 - this test's own words
        # Run by another make, it would print which directory it is in.
        ["make", "--no-print-directory", *arguments],  # noqa: S607 - whoever runs the tests has make
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip


def test_help_lists_every_target() -> None:
    (phony,) = re.findall(r"^\.PHONY: (.*)$", TEXT, re.MULTILINE)
    listed = [line.split()[0] for line in make("help").splitlines()[1:]]
    assert sorted(listed) == sorted(phony.split())


@pytest.mark.parametrize("target", ["setup", "demo"])
def test_set_up_says_one_line_however_much_is_missing(target: str) -> None:
    everything = ("-W", "requirements.txt", "-W", "package-lock.json")
    planned = make("--dry-run", "VENV=build/no-venv", *everything, target)
    assert planned.count("installing what is missing") == 1


def test_set_up_shows_no_command() -> None:
    start = TEXT.index("$(VENV)/.python:")
    recipes = re.findall(r"^\t(.*)$", TEXT[start : TEXT.index("\ntest:")], re.MULTILINE)
    assert [line for line in recipes if not line.startswith(("@", "$(say_once)"))] == []
