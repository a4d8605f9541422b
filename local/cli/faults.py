"""How a command ends when something outside it fails: one line, and an exit code, no traceback."""

import os
import sys
import zlib
from collections.abc import Callable
from typing import Final

FAILED: Final = 2
INTERRUPTED: Final = 130
"""128 + SIGINT, as a shell reports it."""
UNREAD: Final = 141
"""128 + SIGPIPE: whoever read the output has gone."""


def guarded(name: str, command: Callable[[], int]) -> int:
    """Run a command; a file, a port or a network that fails ends it with one line that says so."""
    try:
        code = command()
        sys.stdout.flush()
    except KeyboardInterrupt:
        print(f"\n{name}: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        _close_output()
        return UNREAD
    except (EOFError, zlib.error) as fault:
        print(f"{name}: the compressed file is cut or damaged: {fault}", file=sys.stderr)
    except OSError as fault:
        print(f"{name}: {told(fault)}", file=sys.stderr)
    else:
        return code
    return FAILED


def told(fault: OSError) -> str:
    """A fault of the system in one line: the file, if there is one, and the reason."""
    reason = fault.strerror or str(fault) or type(fault).__name__
    return f"{fault.filename}: {reason}" if fault.filename is not None else reason


def _close_output() -> None:
    """Keep the interpreter from flushing into the closed pipe as it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
