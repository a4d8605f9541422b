"""A virtual environment that holds what is deployed, by the lock with its hashes, and no more."""

import sys
from pathlib import Path
from typing import Final

from local.environment import ensure_environment
from local.package.building import LOCK, ROOT

FOLDER: Final = ROOT / "build" / "package-venv"
REQUIREMENTS: Final = ROOT / LOCK
_TOOLS: Final = ("pip", "setuptools", "pkg_resources", "_distutils_hack", "distutils-precedence")


def ensure_python() -> Path:
    """Return the environment's interpreter; make the environment when it is missing or old.

    Raises:
        UnavailableError: the packages cannot be had.

    """
    wanted = REQUIREMENTS.read_text("utf-8")
    return ensure_environment(FOLDER, REQUIREMENTS, wanted, lambda: sys.executable, "--no-compile")


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
