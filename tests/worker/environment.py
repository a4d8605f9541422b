"""Find a Python 3.13 and make the virtual environment that the worker library runs in.

`python -m tests.worker.environment` makes it, or says why it cannot.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from local.environment import UnavailableError, ensure_environment

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "worker-venv"
REQUIREMENTS = Path(__file__).parent / "requirements.txt"
VERSION = (3, 13)
_NAME = "python3.13"


def ensure_python() -> Path:
    """Return the environment's interpreter; make the environment when it is missing or old.

    Raises:
        UnavailableError: there is no Python 3.13, or the packages cannot be had.

    """
    wanted = REQUIREMENTS.read_text() + (ROOT / "requirements.txt").read_text()
    return ensure_environment(FOLDER, REQUIREMENTS, wanted, lambda: str(find_python()))


def find_python() -> Path:
    """Return a Python 3.13 that really runs.

    Raises:
        UnavailableError: there is none.

    """
    for candidate in _candidates():
        if _version(candidate) == VERSION:
            return candidate
    raise UnavailableError(f"no {_NAME} that runs was found on PATH or among pyenv's versions")


def _candidates() -> Iterator[Path]:
    for folder in os.get_exec_path():
        if found := shutil.which(_NAME, path=folder):
            yield Path(found)
    pyenv = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser()
    yield from sorted(pyenv.glob(f"versions/3.13*/bin/{_NAME}"), reverse=True)


def _version(python: Path) -> tuple[int, ...] | None:
    """Ask an interpreter; a shim without a version behind it gives no answer."""
    code = "import sys; print(*sys.version_info[:2])"
    result = subprocess.run(  # noqa: S603 - the path was found above
        [str(python), "-c", code], capture_output=True, text=True, check=False
    )
    return tuple(map(int, result.stdout.split())) if result.returncode == 0 else None


if __name__ == "__main__":
    try:
        print(f"The worker's Python: {ensure_python()}")  # noqa: T201 - a command prints
    except UnavailableError as unavailable:
        sys.exit(f"The worker library cannot be used here: {unavailable}")
