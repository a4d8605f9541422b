"""The locks: every package that is deployed, at the versions that are asked for, with hashes."""

import re
from pathlib import Path

import pytest

from local.package.building import ROOT
from local.package.locking import HEADER, locks

_ENTRY = re.compile(
    r"^([\w.-]+)==([^\s;]+)(?: ; (.+?))?((?: \\\n    --hash=sha256:\w{64})*)$", re.MULTILINE
)


def entries(lock: Path) -> list[tuple[str, str, str, str]]:
    """Name, version, marker and hashes of each package."""
    return _ENTRY.findall(lock.read_text(encoding="utf-8"))


def asked_for(*files: Path) -> set[tuple[str, str]]:
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    return set(re.findall(r"^([\w.-]+)==([^\s;]+)", text, re.MULTILINE))


@pytest.mark.parametrize("lock", locks(), ids=lambda path: str(path.name))
def test_a_lock_pins_what_is_asked_for(lock: Path) -> None:
    pinned = {(name, version) for name, version, *_ in entries(lock)}
    assert asked_for(*locks()[lock]) <= pinned, "run python -m local.package.locking"


@pytest.mark.parametrize("lock", locks(), ids=lambda path: str(path.name))
def test_every_package_of_a_lock_has_hashes(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert text.startswith(HEADER)
    assert all(hashes for *_, hashes in entries(lock))
    assert len(entries(lock)) == len(re.findall(r"^[\w.-]+==", text, re.MULTILINE)) > 20


def test_what_packages_bring_along_is_locked_too() -> None:
    names = {name for name, *_ in entries(ROOT / "requirements.lock")}
    assert {"azure-core", "msal", "cryptography", "multidict", "pydantic-core"} <= names
