"""A package, built once, and the clean environment that it is tried in."""

from pathlib import Path

import pytest

from local.environment import UnavailableError
from local.package.building import Package, PackageError, build
from local.package.environment import ensure_python


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """The package of this working tree."""
    try:
        return build(folder=tmp_path_factory.mktemp("package") / "app")
    except PackageError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def clean_python() -> Path:
    """The interpreter of an environment that holds only what requirements.txt names."""
    try:
        return ensure_python()
    except UnavailableError as error:
        pytest.skip(f"no clean environment: {error}")
