"""Where the project is, in a clone or installed, which version it is, and where it keeps state."""

import os
import tomllib
from functools import cache
from pathlib import Path
from typing import Final

NAME: Final = "alerts-to-incidents"
ROOT: Final = Path(__file__).resolve().parents[1]
"""The folder with `function_app.py`: a clone, or what a wheel has unpacked."""
INSTALLED: Final = ROOT.parent.name == NAME.replace("-", "_")
"""Whether this is an installed copy, whose folder is not for state."""


@cache
def version() -> str:
    """The version, as `pyproject.toml` says."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])


def _home() -> Path:
    """The folder for state: the clone's, or the user's own (XDG base directories)."""
    if not INSTALLED:
        return ROOT / ".local"
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / NAME


DATA: Final = _home()
MODULES: Final = (DATA / f"npm-{version()}" if INSTALLED else ROOT) / "node_modules"
"""The npm packages: in a clone from `make setup`, else fetched when they are first needed."""
