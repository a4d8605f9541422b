"""Azurite for an installed copy: npm fetches it once, by the lock file that the wheel carries."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

from local.project import INSTALLED, MODULES, ROOT
from local.stack.azurite import node
from local.stack.errors import StackError

_LISTS: Final = ("package.json", "package-lock.json")
_STAMP: Final = ".package-lock.json"
"""npm writes it last, so what a broken fetch left is fetched again."""


def fetch_azurite(
    tell: Callable[[str], object], *, modules: Path = MODULES, installed: bool = INSTALLED
) -> None:
    """Fetch the npm packages that the lock file pins, unless they are there; `tell` shows one line.

    A clone has them from `make setup`, and nothing is fetched.

    Raises:
        StackError: npm cannot fetch them.

    """
    if not installed or (modules / _STAMP).is_file():
        return
    folder = modules.parent
    tell(f"fetching Azurite, once, into {folder} …")
    folder.mkdir(parents=True, exist_ok=True)
    for name in _LISTS:
        shutil.copyfile(ROOT / name, folder / name)
    npm = node().parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    quiet = ("--omit=dev", "--no-audit", "--no-fund", "--loglevel=error")
    done = subprocess.run(  # noqa: S603 - composed here
        [str(node()), str(npm), "ci", *quiet],
        cwd=folder,
        # what npm runs in turn looks for node on the PATH
        env=os.environ | {"PATH": f"{node().parent}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["it gave no reason"]
        raise StackError(f"npm could not fetch Azurite: {lines[-1]}")
