"""What the package holds, and what it must never hold."""

import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from local.package.building import (
    LOCK,
    PAGE_FILES,
    ROOT,
    TELEMETRY,
    Package,
    PackageError,
    archive,
    build,
)
from local.stack.stack import COSMOS_KEY

TOP = {
    "correlate",
    "function_app.py",
    "host.json",
    "http_api",
    "ingest_alert",
    "requirements.txt",
    "shared",
}
SECRETS = re.compile(
    rb"AccountKey=[A-Za-z0-9+/]{20}|SharedAccessKey=|PRIVATE KEY-----|[?&]sig=[A-Za-z0-9%]{20}|"
    + re.escape(COSMOS_KEY.encode())
)
MEGABYTE = 1_000_000


def test_the_top_is_the_app_and_nothing_else(package: Package) -> None:
    assert {file.parts[0] for file in package.files} == TOP


@pytest.mark.parametrize(
    "name",
    [
        "tests",
        "local",
        "cosmos",
        "node_modules",
        "infra",
        "docs",
        "build",
        "__pycache__",
        ".git",
        ".venv",
        "local.settings.json",
        "local.settings.template.json",
        "requirements-dev.txt",
        "jsconfig.json",
    ],
)
def test_what_is_never_deployed(package: Package, name: str) -> None:
    assert [file for file in package.files if name in file.parts] == []


def test_no_file_holds_a_secret(package: Package) -> None:
    found = [file for file in package.files if SECRETS.search((package.folder / file).read_bytes())]
    assert found == []


def test_a_secret_would_be_found() -> None:
    assert SECRETS.search((ROOT / "local.settings.template.json").read_bytes())


def test_every_file_of_the_page_is_in_it(package: Package) -> None:
    built = PAGE_FILES.parent
    served = {file.relative_to(ROOT) for file in (ROOT / built).rglob("*") if file.is_file()}
    page = {file for file in package.files if file.is_relative_to(built.parent)}
    assert page == served, "the sources that it is bundled from stay behind"


def test_every_module_of_the_app_is_in_it(package: Package) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--", "correlate", "http_api", "ingest_alert", "shared"],  # noqa: S607 - git of the PATH
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("this is no clone of the repository: what belongs to it cannot be listed")
    modules = {Path(line) for line in listed.stdout.splitlines() if line.endswith(".py")}
    assert {file for file in modules if (ROOT / file).exists()} <= set(package.files)


def test_it_stays_small(package: Package) -> None:
    assert package.size < 2 * MEGABYTE


def test_the_archive_holds_the_same_and_is_reproducible(package: Package, tmp_path: Path) -> None:
    one, other = tmp_path / "one.zip", tmp_path / "other.zip"
    assert archive(package, one) == archive(package, other)
    assert one.read_bytes() == other.read_bytes()
    with zipfile.ZipFile(one) as packed:
        assert packed.namelist() == [file.as_posix() for file in package.files]


def test_a_missing_page_is_named(tmp_path: Path) -> None:
    shutil.copy(ROOT / ".funcignore", tmp_path)
    with pytest.raises(PackageError, match="make package"):
        build(tmp_path, tmp_path / "build")


def small_app(root: Path) -> None:
    """As little as can be built."""
    (root / PAGE_FILES).parent.mkdir(parents=True)
    (root / PAGE_FILES).touch()
    shutil.copy(ROOT / ".funcignore", root)
    (root / "requirements.txt").write_text("aiohttp==3\n")
    (root / LOCK).write_text("aiohttp==3 --hash=sha256:0\n")
    shutil.copytree(ROOT / TELEMETRY, root / TELEMETRY)


@pytest.mark.parametrize(
    ("telemetry", "required"),
    [
        pytest.param("", None, id="none unless asked for"),
        pytest.param("azure-monitor", r"^azure-monitor-opentelemetry==", id="Azure Monitor"),
        pytest.param("otlp", r"^opentelemetry-exporter-otlp-proto-http==", id="OTLP"),
    ],
)
def test_the_requirements_are_the_lock_and_telemetry_adds_what_it_requires(
    tmp_path: Path, telemetry: str, required: str | None
) -> None:
    small_app(tmp_path)
    package = build(tmp_path, tmp_path / "build", telemetry)
    text = (package.folder / "requirements.txt").read_text()
    assert ("aiohttp==3 --hash" in text) == (required is None)
    assert "--hash=sha256:" in text
    assert ("telemetry" in text) == (required is not None)
    assert required is None or re.search(required, text, re.MULTILINE)
    assert Path("infra") not in {file.parents[-2] for file in package.files if len(file.parts) > 1}


def test_unknown_telemetry_is_refused(tmp_path: Path) -> None:
    small_app(tmp_path)
    with pytest.raises(PackageError, match="no telemetry 'statsd': use azure-monitor or otlp"):
        build(tmp_path, tmp_path / "build", "statsd")


def test_a_second_build_leaves_nothing_of_the_first(tmp_path: Path) -> None:
    (tmp_path / PAGE_FILES).parent.mkdir(parents=True)
    (tmp_path / PAGE_FILES).write_text("x")
    (tmp_path / ".funcignore").write_text("build\nrequirements.lock\n")
    (tmp_path / LOCK).write_text("")
    (tmp_path / "old.py").write_text("")
    build(tmp_path, tmp_path / "build" / "package")
    (tmp_path / "old.py").unlink()
    again = build(tmp_path, tmp_path / "build" / "package")
    assert set(again.files) == {PAGE_FILES}
    assert not (again.folder / "old.py").exists()
