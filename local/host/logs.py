"""The log: lines like the real host's, in colour on a terminal only."""

import logging
import os
import sys
import traceback
from datetime import UTC, datetime
from typing import Any, TextIO

from local.host.hostjson import LoggingSection
from local.host.invocation import current_invocation

_COLOURS = {
    logging.DEBUG: "\x1b[2m",
    logging.WARNING: "\x1b[33m",
    logging.ERROR: "\x1b[31m",
    logging.CRITICAL: "\x1b[1;31m",
}
_RESET = "\x1b[0m"

_LEVELS = {
    "trace": logging.DEBUG,
    "debug": logging.DEBUG,
    "information": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
    "none": logging.CRITICAL + 1,
}

_LIBRARIES = f"{os.sep}site-packages{os.sep}"

#: They log every request at INFO, which drowns the functions' own lines.
_CHATTY = ("azure", "aiohttp", "asyncio", "uvicorn", "urllib3")


class HostFormatter(logging.Formatter):
    """`[2026-01-02T03:04:05.678Z] message`, with the invocation's id when verbose."""

    def __init__(self, *, colour: bool, verbose: bool) -> None:
        super().__init__("%(message)s")
        self._colour = colour
        self._verbose = verbose

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's lines."""
        moment = datetime.fromtimestamp(record.created, UTC)
        stamp = f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"
        source = f" {record.name}" if self._verbose else ""
        invocation = current_invocation.get() if self._verbose else ""
        line = f"[{stamp}{source}{f' {invocation}' if invocation else ''}] {super().format(record)}"
        colour = _COLOURS.get(record.levelno, "") if self._colour else ""
        return f"{colour}{line}{_RESET}" if colour else line

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the base class's name
        """Return a traceback; unless verbose, without libraries' frames and what led to it."""
        if self._verbose:
            return super().formatException(ei)
        failure = traceback.TracebackException(*ei)
        frames = [frame for frame in failure.stack if _LIBRARIES not in frame.filename]
        failure.stack = traceback.StackSummary.from_list(frames)
        return "".join(failure.format(chain=False)).rstrip()


def configure_logging(section: LoggingSection, stream: TextIO, *, verbose: bool) -> None:
    """Send the log to a stream. `verbose` shows everything but what the libraries chat."""
    level = _LEVELS.get(section.log_level.get("default", "Information").lower(), logging.INFO)
    handler = logging.StreamHandler(stream)
    colour = stream.isatty() and "NO_COLOR" not in os.environ
    handler.setFormatter(HostFormatter(colour=colour, verbose=verbose))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.DEBUG if verbose else level)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


def configure_early_logging() -> None:
    """Log to standard output until host.json has been read."""
    configure_logging(LoggingSection(), sys.stdout, verbose=False)
