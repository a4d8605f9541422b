"""The log: lines like the real host's, colour on a terminal only, more when verbose."""

import io
import logging
import re
from collections.abc import Iterator

import pytest

from local.host.hostjson import LoggingSection
from local.host.invocation import current_invocation
from local.host.logs import configure_logging


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def root_logger() -> Iterator[None]:
    """Leave logging as it was."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    chatty = {name: logging.getLogger(name).level for name in ("azure", "asyncio", "uvicorn")}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in chatty.items():
        logging.getLogger(name).setLevel(before)


def logged(stream: io.StringIO, *, verbose: bool = False, level: str = "Information") -> str:
    section = LoggingSection.model_validate({"logLevel": {"default": level}})
    configure_logging(section, stream, verbose=verbose)
    log = logging.getLogger("Host")
    log.debug("detail")
    log.info("plain")
    log.warning("careful")
    logging.getLogger("azure.core").info("chatter")
    return stream.getvalue()


def test_a_line_begins_with_its_time() -> None:
    assert re.match(r"\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\] plain\n", logged(io.StringIO()))


def test_a_file_gets_no_colour() -> None:
    assert "\x1b" not in logged(io.StringIO())


def test_a_terminal_gets_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[33m" in logged(Terminal())


def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in logged(Terminal())


@pytest.mark.parametrize(("verbose", "shown"), [(False, False), (True, True)])
def test_details_need_verbose(verbose: bool, shown: bool) -> None:
    assert ("detail" in logged(io.StringIO(), verbose=verbose)) is shown


def test_host_json_sets_the_level() -> None:
    assert "plain" not in logged(io.StringIO(), level="Warning")


def test_libraries_do_not_drown_the_functions() -> None:
    assert "chatter" not in logged(io.StringIO(), verbose=True)


def test_verbose_lines_tell_the_invocation() -> None:
    token = current_invocation.set("the-invocation")
    try:
        assert "the-invocation] plain" in logged(io.StringIO(), verbose=True)
    finally:
        current_invocation.reset(token)


def in_two_steps() -> None:
    raise ValueError("second") from KeyError("first")


@pytest.mark.parametrize(("verbose", "shown"), [(False, False), (True, True)])
def test_what_led_to_a_failure_needs_verbose(verbose: bool, shown: bool) -> None:
    stream = io.StringIO()
    configure_logging(LoggingSection(), stream, verbose=verbose)
    try:
        in_two_steps()
    except ValueError:
        logging.getLogger("Host").exception("failed")
    assert "ValueError: second" in stream.getvalue()
    assert ("direct cause" in stream.getvalue()) is shown
