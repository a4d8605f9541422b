"""One side of the comparison: a process that answers commands, one JSON object a line."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from tests.worker.environment import ROOT


class Side:
    """A running driver."""

    def __init__(self, command: list[str], environment: Mapping[str, str], log: Path) -> None:
        """Start it; what it prints goes to the log."""
        self._log = log
        with log.open("w") as errors:
            self._process = subprocess.Popen(  # noqa: S603 - the command is composed below
                command,
                cwd=ROOT,
                env={**os.environ, **environment},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    @classmethod
    def ours(cls, environment: Mapping[str, str], log: Path) -> Self:
        """Start this project's host."""
        return cls([sys.executable, "-m", "tests.worker.ours", str(ROOT)], environment, log)

    @classmethod
    def worker(cls, python: Path, environment: Mapping[str, str], log: Path) -> Self:
        """Start the worker library."""
        driver = Path(__file__).parent / "driver.py"
        return cls([str(python), str(driver), str(ROOT)], environment, log)

    def ask(self, **command: Any) -> dict[str, Any]:
        """Send a command and return the answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"it ended: {self._log.read_text()[-2000:]}"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """End the process."""
        self._process.communicate(timeout=30)
