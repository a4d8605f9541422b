"""A virtual environment that holds what `requirements.txt` names and nothing else."""

import subprocess
import sys
from pathlib import Path
from typing import Final

from local.package.building import ROOT

FOLDER: Final = ROOT / "build" / "package-venv"
REQUIREMENTS: Final = ROOT / "requirements.txt"
_TOOLS: Final = ("pip", "setuptools", "pkg_resources", "_distutils_hack", "distutils-precedence")


class UnavailableError(Exception):
    """There is no environment and none can be made; the message says why."""


def ensure_python() -> Path:
    """Return the environment's interpreter; make the environment when it is missing or old.

    Raises:
        UnavailableError: the packages cannot be had.

    """
    python = FOLDER / "bin" / "python"
    stamp = FOLDER / "requirements.txt"
    wanted = REQUIREMENTS.read_text(encoding="utf-8")
    if python.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return python
    _run([sys.executable, "-m", "venv", "--clear", str(FOLDER)])
    quiet = ["--quiet", "--disable-pip-version-check", "--no-compile"]
    _run([str(python), "-m", "pip", "install", *quiet, "-r", str(REQUIREMENTS)])
    stamp.write_text(wanted, encoding="utf-8")
    return python


def size_of_dependencies() -> int:
    """The bytes of the installed packages, without pip's own and without compiled caches."""
    (packages,) = FOLDER.glob("lib/python*/site-packages")
    return sum(
        file.stat().st_size
        for entry in packages.iterdir()
        if not entry.name.startswith(_TOOLS)
        for file in (entry.rglob("*") if entry.is_dir() else [entry])
        if file.is_file() and file.suffix != ".pyc"
    )


def _run(command: list[str]) -> None:
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - composed here
    if result.returncode:
        lines = result.stderr.strip().splitlines() or ["it gave no reason"]
        raise UnavailableError(f"'{' '.join(command[1:4])} …' failed: {lines[-1]}")
