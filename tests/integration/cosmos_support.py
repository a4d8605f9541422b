"""Emulators in processes of their own, for tests that go through the real SDK over HTTP."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw=="


class Emulator:
    """A running emulator."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self.process = process
        self.address = address

    def kill(self) -> None:
        """End it with SIGKILL, at once."""
        self.process.kill()
        self.process.wait()

    def admin(self, method: str, path: str, body: Any = None) -> Any:
        """One request to the admin endpoint; its JSON."""
        url = f"{self.address}/_emulator/{path}"
        reply = requests.request(method, url, json=body, timeout=10)
        reply.raise_for_status()
        return reply.json()


@contextmanager
def emulator(*options: str) -> Iterator[Emulator]:
    """Start an emulator on a free port and stop it in the end."""
    command = [sys.executable, "-m", "local.cosmos", "--port", "0", *options]
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    try:
        yield Emulator(process, line.split()[-1] if line else "")
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()
