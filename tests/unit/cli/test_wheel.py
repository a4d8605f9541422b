"""The wheel: what it installs, and that it works from any folder with none of the clone at hand."""

import os
import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

from local.project import ROOT, version
from local.stack.fetching import fetch_azurite

TOP = "alerts_to_incidents"


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds what an installer would put beside other packages."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(  # noqa: S603 - our own interpreter and backend
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT, capture_output=True, check=True,
    )  # fmt: skip
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder / "site")
    return folder / "site"


def a2i(unpacked: Path, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    code = f"import sys; from {TOP} import main; sys.argv[0] = 'a2i'; sys.exit(main())"
    return subprocess.run(  # noqa: S603 - our own interpreter and words
        [sys.executable, "-c", code, *arguments],
        input=stdin,
        capture_output=True,
        check=False,
        cwd=unpacked.parent,
        env=os.environ | {"PYTHONPATH": str(unpacked)},
    )


def test_it_takes_one_name_beside_other_packages(unpacked: Path) -> None:
    assert sorted(path.name for path in unpacked.iterdir()) == [
        TOP,
        f"{TOP}-{version()}.dist-info",
    ]


def test_it_asks_for_what_the_requirements_files_pin(unpacked: Path) -> None:
    about = Parser().parsestr((unpacked / f"{TOP}-{version()}.dist-info/METADATA").read_text())
    asked = {each.partition(";")[0] for each in about.get_all("Requires-Dist", ())}
    files = ("requirements.txt", "local/requirements.txt")
    lines = [line for name in files for line in (ROOT / name).read_text().splitlines()]
    assert asked == {line.partition(";")[0] for line in lines if "==" in line}


def test_the_name_to_type_and_the_name_that_is_looked_for(unpacked: Path) -> None:
    points = (unpacked / f"{TOP}-{version()}.dist-info/entry_points.txt").read_text()
    assert f"a2i = {TOP}:main" in points
    assert f"alerts-to-incidents = {TOP}:main" in points


def test_it_holds_the_app_with_its_data(unpacked: Path) -> None:
    app = unpacked / TOP / "app"
    needed = ("host.json", "function_app.py", "correlate/policy.json", "http_api/openapi.json",
              "shared/attack_techniques.json", "local/cosmos/sql/grammar.lark",
              "http_api/page/static/index.html", "package-lock.json")  # fmt: skip
    assert [name for name in needed if not (app / name).is_file()] == []
    assert not list(app.rglob("__pycache__"))


def test_its_version_is_the_projects(unpacked: Path) -> None:
    assert a2i(unpacked, "--version").stdout.decode() == f"a2i {version()}\n"


def test_alerts_go_through_it_from_one_command_to_the_next(unpacked: Path) -> None:
    made = a2i(unpacked, "simulate", "container-escape", "--noise", "2")
    assert made.returncode == 0, made.stderr
    done = a2i(unpacked, "backtest", "-", stdin=made.stdout)
    assert done.returncode == 0, done.stderr
    assert b"stored, 0 duplicates" in done.stdout


def test_its_state_is_the_users(unpacked: Path) -> None:
    shown = a2i(unpacked, "up", "--help").stdout.decode()
    assert str(unpacked) not in shown.partition("--data")[2].partition("--http-port")[0]


def test_it_fetches_what_npm_has_once(tmp_path: Path) -> None:
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / ".package-lock.json").touch()
    said: list[str] = []
    fetch_azurite(said.append, modules=tmp_path / "node_modules", installed=True)
    fetch_azurite(said.append, modules=tmp_path / "elsewhere", installed=False)
    assert said == []
