"""Parts of the stack: what is said when one is missing, does not answer, or ends."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local.stack import azurite, ports
from local.stack.errors import PartDiedError, StackError
from local.stack.part import Part, PartSpec


def never() -> bool:
    return False


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Part]]:
    """Make parts that run Python code; they are killed when the test ends."""
    made: list[Part] = []

    def make_one(code: str, probe: Callable[[], bool] = never, grace: float = 5.0) -> Part:
        command = [sys.executable, "-c", code]
        log = tmp_path / "logs" / "part.log"
        made.append(Part(PartSpec("the part", command, {"WORD": "hello"}, probe, log, grace)))
        return made[-1]

    yield make_one
    for part in made:
        part.kill()


def test_a_part_that_ends_is_named_with_the_end_of_its_log(make: Callable[..., Part]) -> None:
    part = make("import os, sys; print(os.environ['WORD']); sys.exit(3)")
    part.start()
    with pytest.raises(
        PartDiedError, match=r"the part stopped by itself \(exit code 3\)"
    ) as raised:
        part.wait_ready()
    assert "hello" in str(raised.value)


def test_a_part_that_does_not_answer_is_named(make: Callable[..., Part]) -> None:
    part = make("import time; time.sleep(60)")
    part.start()
    with pytest.raises(StackError, match="the part does not answer"):
        part.wait_ready(timeout_seconds=0.2)


def test_a_probe_that_cannot_connect_is_tried_again(make: Callable[..., Part]) -> None:
    tries: list[int] = []

    def probe() -> bool:
        tries.append(1)
        if len(tries) < 3:
            raise ConnectionRefusedError
        return True

    part = make("import time; time.sleep(60)", probe)
    part.start()
    part.wait_ready()
    assert len(tries) == 3


def test_a_part_that_ignores_the_signal_is_killed_after_its_grace_time(
    make: Callable[..., Part], tmp_path: Path
) -> None:
    flag = tmp_path / "deaf"
    code = (
        "import pathlib, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"pathlib.Path({str(flag)!r}).touch(); time.sleep(60)"
    )
    part = make(code, flag.exists, 0.2)
    part.start()
    part.wait_ready()
    part.stop()
    assert not part.running


def test_missing_azurite_is_one_line_that_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(azurite, "_SCRIPT", tmp_path / "absent.js")
    with pytest.raises(StackError, match=r"^Azurite is not installed: run make setup$"):
        azurite.command(1, tmp_path)


def test_missing_node_is_one_line_that_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(StackError, match=r"Node is not installed .*: run make setup"):
        azurite.command(1, tmp_path)


def test_port_zero_is_always_free_and_chosen_anew() -> None:
    ports.require_free(0, "anything", "--port")
    assert ports.choose(0) > 0
    assert ports.choose(7071) == 7071
