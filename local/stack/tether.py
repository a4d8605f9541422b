"""`python tether.py <parent pid> <command…>`: run the command, but never past the parent.

On Linux the kernel ends the command when the thread that started it ends, however that came about
(a killed test run must leave no Azurite behind). Elsewhere this just becomes the command.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(parent: int, command: list[str]) -> None:
    """Tie this process to `parent`, then replace it by `command`."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it ended before the tie was made
            sys.exit(1)
    os.execv(command[0], command)  # noqa: S606 - the stack composes the command itself


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
