"""A virtual environment made from requirements once, however many processes ask for it."""

import fcntl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


class UnavailableError(Exception):
    """There is no environment and none can be made; the message says why."""


def ensure_environment(
    folder: Path, requirements: Path, wanted: str, python: Callable[[], str], *options: str
) -> Path:
    """Return the interpreter of the environment in a folder; make it when it is missing or old.

    `wanted` is the text whose change makes it old, `python` gives the interpreter to make it with,
    `options` are for pip.

    Raises:
        UnavailableError: the packages cannot be had, or what `python` raises.

    """
    interpreter, stamp = folder / "bin" / "python", folder / "requirements.txt"
    with _one_at_a_time(folder):
        if interpreter.exists() and stamp.exists() and stamp.read_text("utf-8") == wanted:
            return interpreter
        _run([python(), "-m", "venv", "--clear", str(folder)])
        quiet = ["--quiet", "--disable-pip-version-check", *options]
        _run([str(interpreter), "-m", "pip", "install", *quiet, "-r", str(requirements)])
        stamp.write_text(wanted, "utf-8")
    return interpreter


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Hold a lock beside a folder: tests that run side by side share it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run(command: list[str]) -> None:
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - composed here
    if result.returncode:
        lines = result.stderr.strip().splitlines() or ["it gave no reason"]
        raise UnavailableError(f"'{' '.join(command[1:4])} …' failed: {lines[-1]}")
