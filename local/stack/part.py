"""One part of the stack: a child process with a probe that tells when it answers."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from local.project import ROOT
from local.stack.errors import PartDiedError, StackError

#: Run as a file: as a module it would first import all of this package.
_TETHER = Path(__file__).with_name("tether.py")
_POLL_SECONDS = 0.05
_LOG_TAIL_LINES = 15


@dataclass(frozen=True, slots=True)
class PartSpec:
    """How to start a part and how to know that it is ready.

    `probe` returns False, or raises OSError, while the part does not answer. `log` is the file
    that takes the part's output; None leaves it on this process's.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    probe: Callable[[], bool]
    log: Path | None
    grace_seconds: float = 20.0


@dataclass(slots=True)
class Part:
    """A part that may run. Not safe for use by several threads at once."""

    spec: PartSpec
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start the process; `wait_ready` tells when it answers."""
        tether = [sys.executable, "-S", str(_TETHER), str(os.getpid())]
        with self._output() as output:
            self._process = subprocess.Popen(  # noqa: S603 - the stack composes the command itself
                [*tether, *self.spec.command],
                cwd=ROOT,
                env={**os.environ, **self.spec.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # A terminal's Ctrl-C reaches the stack alone, which ends its parts in order.
                start_new_session=True,
            )

    @property
    def pid(self) -> int | None:
        """The process's id, or None before the first start."""
        return self._process.pid if self._process else None

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def wait_ready(
        self, stop: threading.Event | None = None, timeout_seconds: float = 60.0
    ) -> None:
        """Wait until the probe succeeds; return early when `stop` is set.

        Raises:
            PartDiedError: the process ended.
            StackError: it does not answer in time.

        """
        stop = stop or threading.Event()
        deadline = time.monotonic() + timeout_seconds
        while not stop.is_set():
            self.check_alive()
            if self._answers():
                return
            if time.monotonic() > deadline:
                raise StackError(
                    f"{self.spec.name} does not answer after {timeout_seconds:.0f} s"
                    f"{self._log_hint()}"
                )
            stop.wait(_POLL_SECONDS)

    def check_alive(self) -> None:
        """Raise PartDiedError when the process has ended by itself."""
        if self._process is not None and (code := self._process.poll()) is not None:
            raise PartDiedError(
                f"{self.spec.name} stopped by itself (exit code {code}){self._log_hint()}"
            )

    def stop(self) -> None:
        """Ask the process to end, and end it by force after the grace time. Idempotent."""
        self._signal(signal.SIGTERM)
        if self._process is None:
            return
        try:
            self._process.wait(self.spec.grace_seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the process at once, as a crash would. Idempotent."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def _output(self) -> AbstractContextManager[IO[bytes] | None]:
        log = self.spec.log
        if log is None:
            return nullcontext()
        log.parent.mkdir(parents=True, exist_ok=True)
        return log.open("ab")

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    def _answers(self) -> bool:
        try:
            return self.spec.probe()
        except OSError:
            return False

    def _log_hint(self) -> str:
        log = self.spec.log
        if log is None or not log.exists():
            return ""
        tail = log.read_text(errors="replace").splitlines()[-_LOG_TAIL_LINES:]
        return f"; its log {log} ends:\n" + "\n".join(tail) if tail else ""
