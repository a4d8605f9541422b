"""One change of state for many items, each with the version it is based on and its own outcome."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from http_api.changes import StateChange, read_model
from http_api.problems import FieldError, Problem, invalid
from http_api.responses import Response, json_response
from shared.concurrency import gather_bounded
from shared.store.triage import Change

MOST_ITEMS: Final = 100
BATCH_LIMIT: Final = 128 * 1024
"""The largest body, in bytes."""


class BatchItem(BaseModel):
    """An item to change, and the version that the change is based on."""

    model_config = ConfigDict(defer_build=True, extra="forbid", strict=True)

    id: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    etag: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        description="As in lists and details; `*` for any version."
    )


class BatchChange(BaseModel):
    """The same change for many items."""

    model_config = ConfigDict(defer_build=True, extra="forbid", strict=True)

    items: list[BatchItem] = Field(min_length=1, max_length=MOST_ITEMS)
    change: StateChange


@dataclass(frozen=True, slots=True)
class Batch:
    """The items and what is to be done to each."""

    items: Sequence[BatchItem]
    change: Change


def read_batch(body: Any) -> Batch:
    """The batch in a body. Raises Problem (400) naming each field at fault."""
    model = read_model(BatchChange, body)
    if not model.change.says_something:
        raise invalid([FieldError("change", "changes nothing", tuple(StateChange.model_fields))])
    ids = [item.id for item in model.items]
    if len(set(ids)) < len(ids):
        raise invalid([FieldError("items", "names an item more than once")])
    return Batch(model.items, model.change.change())


async def batch_response(
    items: Sequence[BatchItem], change_one: Callable[[BatchItem], Awaitable[tuple[int, str]]]
) -> Response:
    """The outcome of each item, in their order: its status and new version, or what was wrong."""

    async def outcome(item: BatchItem) -> dict[str, Any]:
        try:
            status, etag = await change_one(item)
        except Problem as problem:
            return {"id": item.id, "status": int(problem.status), "problem": problem.view()}
        return {"id": item.id, "status": status, "etag": f'"{etag}"'}

    return json_response({"value": await gather_bounded(outcome, items)})
