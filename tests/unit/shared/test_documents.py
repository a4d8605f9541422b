"""Atomic writes: tried again as they were, and refused as a whole when a document moved."""

from collections.abc import Sequence
from typing import Any

import pytest
from azure.cosmos import exceptions

from shared.store import client
from shared.store.documents import ConflictError, transact

CREATE: Any = ("create", ({"id": "a"},))
REPLACE: Any = ("replace", ("a", {"id": "a"}), {"if_match_etag": "v1"})


class Container:
    """Takes batches as the SDK does: it empties the options, then answers or raises in turn."""

    def __init__(self, *statuses: int) -> None:
        self._statuses = list(statuses)
        self.seen: list[list[dict[str, Any]]] = []

    async def execute_item_batch(
        self, operations: Sequence[Any], partition: str
    ) -> list[dict[str, Any]]:
        assert partition == "p"
        options = [operation[2] if len(operation) > 2 else {} for operation in operations]
        self.seen.append([dict(each) for each in options])
        for each in options:
            each.clear()
        status = self._statuses.pop(0)
        if status != 200:
            raise exceptions.CosmosBatchOperationError(  # type: ignore[no-untyped-call]  # the SDK has no types here
                error_index=0,
                headers={},
                status_code=status,
                message="",
                operation_responses=[{"statusCode": status}],
            )
        return [{"statusCode": 200} for _ in operations]


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_FIRST_WAIT", 0.0)


async def test_a_second_attempt_carries_its_precondition_again() -> None:
    container = Container(449, 200)
    await transact(container, "p", [REPLACE])  # type: ignore[arg-type]  # a stand-in for the SDK's container
    assert container.seen == [[{"if_match_etag": "v1"}]] * 2


@pytest.mark.parametrize("status", [404, 409, 412])
async def test_a_document_that_moved_refuses_the_whole(status: int) -> None:
    with pytest.raises(ConflictError) as refused:
        await transact(Container(status), "p", [CREATE])  # type: ignore[arg-type]  # as above
    assert refused.value.status == status


async def test_any_other_fault_is_raised_as_it_is() -> None:
    with pytest.raises(exceptions.CosmosBatchOperationError):
        await transact(Container(413), "p", [CREATE])  # type: ignore[arg-type]  # as above
