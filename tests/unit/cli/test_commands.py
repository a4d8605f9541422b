"""The command line as people know it: versions, near misses, faults without a traceback."""

import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from local.__main__ import main
from local.cli.faults import INTERRUPTED, UNREAD, guarded
from local.cli.program import program
from local.commands import ALIASES, COMMANDS, GROUPS
from local.project import ROOT, version


def ended(arguments: list[str]) -> int | str | None:
    """The exit code, whether it is returned or ends the program."""
    try:
        return main(arguments, program="a2i")
    except SystemExit as end:
        return end.code


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_the_version_is_the_projects(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended([option]) == 0
    assert capsys.readouterr().out == f"a2i {version()}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["backtst"], "no command 'backtst': did you mean backtest?", id="command"),
        pytest.param(["incidnt"], "did you mean incidents?", id="one that has two names"),
        pytest.param(["backtest", "f", "--polcy", "p"], "did you mean --policy?", id="option"),
        pytest.param(["backtest", "f", "--shufle=3"], "did you mean --shuffle?", id="with a value"),
        pytest.param(
            ["simulate", "container-escap"], "did you mean container-escape?", id="a choice"
        ),
        pytest.param(
            ["simulate", "x"], "choose from cloud-credential-theft, ", id="no such choice"
        ),
        pytest.param(["up", "more"], "'more' is one argument too many", id="too many"),
        pytest.param(["backtest"], "arguments are required", id="too few"),
        pytest.param(["up", "--http-port", "99999"], "'99999' is not a port", id="no port"),
        pytest.param(["demo", "--queue-port", "-1"], "not a port", id="a port below 0"),
        pytest.param(["incidents", "--url", "here"], "'here' is not an address", id="no address"),
        pytest.param(
            ["alerts", "--limit", "0"], "'0' is not a whole number above 0", id="no limit"
        ),
    ],
)
def test_a_slip_is_told_with_what_was_meant(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(arguments) == 2
    shown = capsys.readouterr().err
    assert said in shown
    assert len(shown.splitlines()) <= 2


@pytest.mark.parametrize(("alias", "name"), ALIASES.items())
def test_singular_and_plural_are_one_command(
    alias: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = []
    for each in (alias, name):
        assert ended([each, "--help"]) == 0
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1]


def test_every_command_stands_in_one_group() -> None:
    assert sorted(name for names in GROUPS.values() for name in names) == sorted(COMMANDS)


def interrupt() -> int:
    raise KeyboardInterrupt


def fail(fault: Exception) -> Callable[[], int]:
    def command() -> int:
        raise fault

    return command


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        pytest.param(lambda: 3, 3, "", id="its own code"),
        pytest.param(interrupt, INTERRUPTED, "\nx: interrupted\n", id="Ctrl-C"),
        pytest.param(
            fail(FileNotFoundError(2, "No such file", "a.json")), 2, "x: a.json: No such file\n",
            id="a file",
        ),
        pytest.param(fail(OSError("odd")), 2, "x: odd\n", id="a fault without a file"),
        pytest.param(
            fail(EOFError("ended early")), 2,
            "x: the compressed file is cut or damaged: ended early\n", id="a cut file",
        ),
        pytest.param(
            fail(zlib.error("bad block")), 2,
            "x: the compressed file is cut or damaged: bad block\n", id="a damaged file",
        ),
    ],
)  # fmt: skip
def test_what_fails_outside_is_one_line(
    command: Callable[[], int], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert guarded("x", command) == code
    assert capsys.readouterr().err == said


def test_a_fault_of_the_program_itself_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError):
        guarded("x", fail(ZeroDivisionError()))


def test_whoever_closes_the_pipe_sees_no_traceback() -> None:
    code = (
        "import os, sys; from local.__main__ import main;"
        "reader, writer = os.pipe(); os.close(reader); os.dup2(writer, 1);"
        "sys.exit(main(['--help']))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)  # noqa: S603 - this test's own code
    assert (done.returncode, done.stderr) == (UNREAD, b"")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "tcsh"])
def test_completion_knows_commands_and_options(
    shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert "backtest" in script
    assert "incidents" in script
    assert "phishing-to-ransomware" in script


def test_bash_completes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(["completion", "bash"]) == 0
    script = tmp_path / "a2i.bash"
    script.write_text(capsys.readouterr().out, encoding="utf-8")
    words = 'COMP_WORDS=(a2i backtest --pol); COMP_CWORD=2; _shtab_a2i; echo "${COMPREPLY[@]}"'
    done = subprocess.run(  # noqa: S603 - this test's own script
        ["bash", "-c", f'source "{script}"; {words}'],  # noqa: S607 - on the PATH wherever the tests run
        capture_output=True,
        check=False,
    )
    assert done.stdout == b"--policy\n", done.stderr


@pytest.mark.parametrize(
    ("called", "on_path", "typed"),
    [
        pytest.param("/x/bin/a2i", True, "a2i", id="installed"),
        pytest.param("/x/bin/a2i", False, "/x/bin/a2i", id="in an environment of its own"),
        pytest.param("/x/local/__main__.py", False, "python -m local", id="as a module"),
    ],
)
def test_messages_name_what_can_be_typed(
    called: str, on_path: bool, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", [called])
    monkeypatch.setattr("shutil.which", lambda name: f"/x/bin/{name}" if on_path else None)
    assert program() == typed
