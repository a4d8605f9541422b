from collections.abc import Iterator

import pytest

from tests.unit.cosmos.emulated import Emulated


@pytest.fixture
def emulated() -> Iterator[Emulated]:
    """An emulator with an empty container `items` partitioned by `/pk`."""
    emulator = Emulated()
    emulator.container()
    yield emulator
    emulator.store.close()
