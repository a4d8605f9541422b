"""The package in an environment with nothing but its requirements."""

import subprocess
from pathlib import Path

import pytest

from local.environment import UnavailableError
from local.package.building import ROOT, Package
from local.package.environment import size_of_dependencies
from local.package.timing import measure
from tests.worker.environment import ensure_python as ensure_worker_python
from tests.worker.side import Side

MEGABYTE = 1_000_000
FUNCTIONS = """
import function_app, sys
assert "azure.identity" not in sys.modules, "only an app with a managed identity needs it"
print(*sorted(each.get_function_name() for each in function_app.app.get_functions()))
"""

pytestmark = pytest.mark.timeout(600)


def test_the_app_loads_with_all_its_functions(package: Package, clean_python: Path) -> None:
    result = subprocess.run(  # noqa: S603 - the fixture's interpreter
        [str(clean_python), "-W", "error", "-c", FUNCTIONS],
        cwd=package.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert {"correlate", "ingest_alert", "push_alerts", "page"} <= set(result.stdout.split())


@pytest.mark.parametrize(
    "module", ["correlate.services", "ingest_alert.messages", "azure.identity.aio"]
)
def test_what_is_imported_late_is_there(package: Package, clean_python: Path, module: str) -> None:
    command = [str(clean_python), "-c", f"import {module}"]
    subprocess.run(command, cwd=package.folder, check=True)  # noqa: S603 - the fixture's interpreter


def test_with_its_dependencies_it_stays_small(package: Package, clean_python: Path) -> None:
    assert clean_python.exists()
    assert package.size + size_of_dependencies() < 60 * MEGABYTE


def test_importing_it_costs_little_more_than_importing_its_dependencies(
    package: Package, clean_python: Path
) -> None:
    most = 1.25
    times = measure(clean_python, package.folder, enough=most)
    assert times.ratio <= most, f"{times.app:.3f} s beside {times.dependencies:.3f} s alone"


def test_the_real_worker_loads_the_package(package: Package, tmp_path: Path) -> None:
    try:
        python = ensure_worker_python()
    except UnavailableError as error:
        pytest.skip(f"no worker library: {error}")
    driver = ROOT / "tests" / "worker" / "driver.py"
    worker = Side([str(python), str(driver), str(package.folder)], {}, tmp_path / "log")
    answer = worker.ask(do="index")
    worker.close()
    assert {"correlate", "ingest_alert", "push_alerts", "page"} <= answer["functions"].keys()
