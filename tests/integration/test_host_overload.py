"""More alerts at once than the store may spend on: nothing is lost and nothing becomes poison."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.bench_overload import overload
from local.bench_pipeline import load
from local.stack import Stack, StackOptions
from shared.times import HOUR, now

ALERTS = 400
THROUGHPUT = 150
#: A message that failed comes again after five seconds here, so that the test need not wait.
SOONER = {"AzureFunctionsJobHost__extensions__queues__visibilityTimeout": "00:00:05"}


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    stack = Stack(StackOptions(data=tmp_path, throughput=THROUGHPUT, environment=SOONER))
    stack.start()
    yield stack
    stack.stop()


@pytest.mark.timeout(280)
def test_all_is_stored_in_the_time_that_the_budget_dictates(stack: Stack) -> None:
    alerts = load(ALERTS, 40, 4, now() - 6 * HOUR)
    outcome = overload(stack, alerts, patience=240)
    assert outcome.refused > 0, "the budget was never spent: the test shows nothing"
    assert (outcome.stored, outcome.rejected, outcome.poisoned) == (ALERTS, 0, 0)
    assert outcome.seconds >= outcome.dictated(THROUGHPUT)
