"""Transactional batches: up to 100 operations on one logical partition, all or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from local.cosmos.charges import read_charge, write_charge
from local.cosmos.errors import CosmosError, bad_request, too_large
from local.cosmos.limits import BATCH_BYTES, BATCH_OPERATIONS
from local.cosmos.messages import Request, Response, dump_json, parse_json
from local.cosmos.store.items import Stored, Write, etag_check

from .headers import item_headers
from .items import key_for, patch_edit, request_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.cosmos.service import Service
    from local.cosmos.store.containers import Container

FAILED_DEPENDENCY: Final = 424
MULTI_STATUS: Final = 207
Operation = dict[str, Any]
Outcome = tuple[int, Stored | None, float]


def run_batch(service: Service, request: Request, container: Container) -> Response:
    """`POST …/docs` with the batch header: 200 with a result for each operation, or 207.

    A failed operation undoes the batch: its own status is reported, and 424 for the others.
    """
    operations = _operations(request)
    key = request_key(container, request)
    outcomes: list[Outcome] = []
    failure: CosmosError | None = None
    try:
        with service.store.items.write(container) as write:
            for operation in operations:
                outcome = _run(write, container, key, operation)
                outcomes.append(outcome)
    except CosmosError as error:
        failure = error
    physical = container.scheme.range_of(container.scheme.epk(key))
    headers = item_headers(container, physical)
    if failure is None:
        body = b"[" + b",".join(map(_result, outcomes)) + b"]"
        return Response(200, body, headers, sum(charge for *_, charge in outcomes))
    body = dump_json(_failed_results(len(operations), len(outcomes), failure))
    return Response(MULTI_STATUS, body, headers)


def _operations(request: Request) -> list[Operation]:
    if len(request.body) > BATCH_BYTES:
        raise too_large(f"The batch has {len(request.body)} bytes; the limit is {BATCH_BYTES}.")
    operations = parse_json(request.body)
    if not isinstance(operations, list) or not all(isinstance(op, dict) for op in operations):
        raise bad_request("A batch must be a JSON list of operations.")
    if not operations:
        raise bad_request("Batch request has no operations.")
    if len(operations) > BATCH_OPERATIONS:
        raise bad_request(
            "Batch request has more operations than what is supported. "
            f"It has {len(operations)}; the limit is {BATCH_OPERATIONS}."
        )
    return operations


def _run(write: Write, container: Container, key: str, operation: Operation) -> Outcome:
    kind = str(operation.get("operationType"))
    run = _KINDS.get(kind)
    if run is None:
        raise bad_request(f"Unknown batch operation {kind!r}.")
    return run(write, container, key, operation)


def _document(container: Container, key: str, operation: Operation) -> dict[str, Any]:
    """The operation's document, which must belong to the batch's partition."""
    document = operation.get("resourceBody")
    if not isinstance(document, dict):
        raise bad_request("The batch operation needs a 'resourceBody' object.")
    if key_for(container, document, None) != key:
        raise bad_request("The document's partition key is not the batch's.")
    return document


def _checks(operation: Operation) -> Any:
    return etag_check(operation.get("ifMatch"), operation.get("ifNoneMatch"))


def _create(write: Write, container: Container, key: str, operation: Operation) -> Outcome:
    stored = write.create(key, _document(container, key, operation))
    return 201, stored, write_charge(len(stored.doc))


def _upsert(write: Write, container: Container, key: str, operation: Operation) -> Outcome:
    document = _document(container, key, operation)
    stored, created = write.upsert(key, document, _checks(operation))
    return 201 if created else 200, stored, write_charge(len(stored.doc))


def _replace(write: Write, container: Container, key: str, operation: Operation) -> Outcome:
    document = _document(container, key, operation)
    stored = write.replace(key, str(operation.get("id")), document, _checks(operation))
    return 200, stored, write_charge(len(stored.doc))


def _patch(write: Write, container: Container, key: str, operation: Operation) -> Outcome:
    edit = patch_edit(container, key, operation.get("resourceBody") or {})
    stored = write.change(key, str(operation.get("id")), edit, _checks(operation))
    return 200, stored, write_charge(len(stored.doc))


def _read(write: Write, _: Container, key: str, operation: Operation) -> Outcome:
    stored = write.read(key, str(operation.get("id")))
    if operation.get("ifNoneMatch") == stored.etag:
        return 304, None, 1.0
    return 200, stored, read_charge(len(stored.doc))


def _delete(write: Write, _: Container, key: str, operation: Operation) -> Outcome:
    gone = write.delete(key, str(operation.get("id")), _checks(operation))
    return 204, None, write_charge(len(gone.doc))


_KINDS: Final[dict[str, Callable[[Write, Container, str, Operation], Outcome]]] = {
    "Create": _create,
    "Upsert": _upsert,
    "Replace": _replace,
    "Patch": _patch,
    "Read": _read,
    "Delete": _delete,
}


def _result(outcome: Outcome) -> bytes:
    status, stored, charge = outcome
    fields = b'{"statusCode":%d,"requestCharge":%.2f' % (status, charge)
    if stored is not None:
        etag = orjson.dumps(stored.etag)
        fields += b',"eTag":%s,"resourceBody":%s' % (etag, stored.doc)
    return fields + b"}"


def _failed_results(count: int, failed: int, error: CosmosError) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = [
        {"statusCode": FAILED_DEPENDENCY, "requestCharge": 0.0} for _ in range(count)
    ]
    results[failed] = {
        "statusCode": error.status,
        "subStatusCode": error.substatus,
        "requestCharge": 1.0,
        "message": error.message,
    }
    return results
