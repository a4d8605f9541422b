"""What the hosts of one app share about its timers: each one's status, and which host has it.

On Azure both are blobs of the storage account. Here they are files in a folder, because the local
stack runs no blob service; the lock is the operating system's, so it ends with its host.
"""

import fcntl
import json
import logging
from pathlib import Path
from typing import IO

from local.host.timers.monitor import ScheduleStatus

log = logging.getLogger("Host.Timers")


class StatusFile:
    """Keeps the status of one timer in `<folder>/<function>.status.json`."""

    def __init__(self, folder: Path, function: str) -> None:
        """Prepare; nothing is read yet."""
        self._path = folder / f"{function}.status.json"

    def read(self) -> ScheduleStatus | None:
        """Return it; None = nothing has been kept yet, or nothing that can be read."""
        try:
            return ScheduleStatus.parse(json.loads(self._path.read_text()))
        except FileNotFoundError:
            return None
        except (OSError, KeyError, TypeError, ValueError) as error:
            log.warning("The timer's status %s cannot be read: %s", self._path, error)
            return None

    def write(self, status: ScheduleStatus) -> None:
        """Keep it, as a whole or not at all."""
        beside = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            beside.write_text(json.dumps(status.describe()))
            beside.replace(self._path)
        except OSError as error:
            log.warning("The timer's status %s cannot be written: %s", self._path, error)


class LockFile:
    """Lets one host at a time run one timer, by a lock on `<folder>/<function>.lock`."""

    def __init__(self, folder: Path, function: str) -> None:
        """Prepare; nothing is locked yet."""
        self._path = folder / f"{function}.lock"
        self._held: IO[bytes] | None = None

    def acquire(self) -> bool:
        """Take the lock unless another host has it; return whether it is ours."""
        if self._held is not None:
            return True
        self._path.parent.mkdir(parents=True, exist_ok=True)
        opened = self._path.open("ab")
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            opened.close()
            return False
        self._held = opened
        return True

    def release(self) -> None:
        """Give the lock back; nothing happens when it is not ours."""
        if self._held is not None:
            self._held.close()
            self._held = None
