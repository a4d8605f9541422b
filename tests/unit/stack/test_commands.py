"""The command line: what it lists, and that commands are imported only when asked for."""

import subprocess
import sys

import pytest

from local.__main__ import main
from local.commands import COMMANDS


@pytest.mark.parametrize(("arguments", "code"), [([], 2), (["--help"], 0), (["-h"], 0)])
def test_the_commands_are_listed(
    arguments: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == code
    shown = capsys.readouterr().out
    assert all(name in shown for name in COMMANDS)


def test_an_unknown_command_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nonsense"]) == 2
    assert "no command 'nonsense'" in capsys.readouterr().err


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_its_options(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert f"python -m local {name}" in capsys.readouterr().out


def test_the_list_imports_no_command() -> None:
    code = (
        "import sys; from local.__main__ import main; main(['--help']);"
        "sys.exit(any(name in sys.modules for name in ('azure.functions', 'azure.cosmos', 'lark')))"
    )
    done = subprocess.run(  # noqa: S603 - the code is this test's own
        [sys.executable, "-c", code], capture_output=True, check=False
    )
    assert done.returncode == 0
