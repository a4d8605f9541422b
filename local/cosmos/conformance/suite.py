"""The SDK's test suite: fetched by package name, and made to run against one address."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE: Final = "azure-cosmos"
DEFAULT_ADDRESS: Final = "https://localhost:8081"
BOTH_WAYS: Final = (
    "test_crud",
    "test_crud_database",
    "test_crud_container",
    "test_crud_subpartition",
    "test_change_feed",
    "test_change_feed_split",
    "test_changefeed_partition_key_variation",
    "test_transactional_batch",
    "test_query",
    "test_query_cross_partition",
    "test_query_feed_range",
    "test_query_response_headers",
    "test_read_items",
    "test_read_items_partition_split",
    "test_partition_key",
    "test_partition_split_query",
    "test_headers",
    "test_feed_range",
    "test_session",
    "test_auto_scale",
)
"""Files that the suite has for the synchronous client and, as `…_async.py`, for the other."""
FILES: Final = (
    *(f"{name}.py" for name in BOTH_WAYS),
    "test_orderby.py",
    "test_multi_orderby.py",
    "test_aggregate.py",
    "test_ttl.py",
    *(f"{name}_async.py" for name in BOTH_WAYS),
)
STUBS: Final = {
    "__init__.py": "",
    "azure_recorded_testcase.py": (
        "def get_credential(**_):\n    raise RuntimeError('the emulator has no directory')\n"
    ),
    "helpers.py": "def is_live():\n    return False\n",
}


class SuiteError(Exception):
    """The suite cannot be had; the message says why."""


def fetch(folder: Path) -> Path:
    """Download the source distribution of the installed SDK version; returns the archive.

    Raises:
        SuiteError: pip cannot get it.
    """
    wanted = f"{PACKAGE}=={version(PACKAGE)}"
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
        "--no-deps", "--no-binary", ":all:", "--dest", str(folder), wanted,
    ]  # fmt: skip
    done = subprocess.run(  # noqa: S603 - our own interpreter and a fixed package
        command, capture_output=True, text=True, check=False
    )
    archives = list(folder.glob("*.tar.gz"))
    if done.returncode or not archives:
        raise SuiteError(f"pip could not download {wanted}: {done.stderr.strip()[-500:]}")
    return archives[0]


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack the archive's tests beside a stand-in for the module they share; returns the folder.

    Raises:
        SuiteError: the archive carries no tests.
    """
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    found = next(folder.glob("*/tests"), None)
    if found is None:
        raise SuiteError(f"{archive.name} carries no tests.")
    stub = found / "devtools_testutils"
    stub.mkdir(exist_ok=True)
    for name, text in STUBS.items():
        (stub / name).write_text(text)
    (found / "empty.ini").write_text("[pytest]\n")
    return found


def point_at(tests: Path, address: str) -> None:
    """Make the tests use an address in place of the one they take for granted."""
    for path in tests.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        if DEFAULT_ADDRESS in text:
            path.write_text(text.replace(DEFAULT_ADDRESS, address), encoding="utf-8")


def run_file(tests: Path, name: str, report: Path) -> None:
    """Run one file of the suite with pytest, which writes its results as JUnit XML."""
    command = [
        sys.executable, "-m", "pytest", name, "-q", "-p", "no:cacheprovider",
        "-c", str(tests / "empty.ini"), "--rootdir", str(tests), "-W", "ignore",
        "--timeout", "300", f"--junitxml={report}",
        # A test of time-outs may end in a recursion that the default style fails to print.
        "--tb", "native",
    ]  # fmt: skip
    subprocess.run(  # noqa: S603 - our own interpreter
        command, cwd=tests, capture_output=True, check=False
    )
