"""Batches of up to 100 operations.

A transactional one is of one logical partition, and all of it is done or nothing. A bulk one is of
one physical partition: each operation names its key and stands or falls alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from local.cosmos.errors import PARTITION_KEY_RANGE_GONE, CosmosError, bad_request, too_large
from local.cosmos.limits import BATCH_BYTES, BATCH_OPERATIONS
from local.cosmos.messages import Request, Response, dump_json, parse_json
from local.cosmos.store.items import Stored, Write, etag_check

from .headers import item_headers
from .items import key_for, patch_edit, request_key
from .scopes import request_scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from local.cosmos.partition import PhysicalRange
    from local.cosmos.service import Service
    from local.cosmos.store.containers import Container

ATOMIC: Final = b"x-ms-cosmos-batch-atomic"
CONTINUE_ON_ERROR: Final = b"x-ms-cosmos-batch-continue-on-error"
MULTI_STATUS: Final = 207
FAILED_CHARGE: Final = 1.0
FAILED_RESULT: Final = b'{"statusCode":424,"requestCharge":0.0}'
Operation = dict[str, Any]
Outcome = tuple[int, Stored | None, float]


def run_batch(service: Service, request: Request, container: Container) -> Response:
    """`POST …/docs` with the batch header: 200 with a result for each operation, or 207.

    In a transactional batch a failed operation undoes the others: its own status is reported, and
    424 for the rest.
    """
    operations = _operations(request)
    if request.headers.get(ATOMIC, b"true").lower() == b"false":
        return _run_bulk(service, request, container, operations)
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
    charge = sum(charge for *_, charge in outcomes)
    if failure is None:
        return Response(200, _body(map(_result, outcomes)), headers, charge)
    failed = len(outcomes)
    results = [FAILED_RESULT] * len(operations)
    results[failed] = _refusal(failure)
    return Response(MULTI_STATUS, _body(results), headers, charge + FAILED_CHARGE)


def _run_bulk(
    service: Service, request: Request, container: Container, operations: list[Operation]
) -> Response:
    """Each operation in a transaction of its own; after a failure the rest go on, if asked to."""
    _, physical = request_scope(container, request) or (None, None)
    if physical is None:
        raise bad_request("A bulk batch needs x-ms-documentdb-partitionkeyrangeid.")
    go_on = request.flag(CONTINUE_ON_ERROR)
    results: list[bytes] = []
    charge, failed = 0.0, False
    for operation in operations:
        if failed and not go_on:
            results.append(FAILED_RESULT)
            continue
        try:
            outcome = _run_alone(service, container, physical, operation)
        except CosmosError as error:
            failed = True
            results.append(_refusal(error))
            charge += FAILED_CHARGE
        else:
            results.append(_result(outcome))
            charge += outcome[2]
    status = MULTI_STATUS if failed else 200
    return Response(status, _body(results), item_headers(container, physical), charge)


def _run_alone(
    service: Service, container: Container, physical: PhysicalRange, operation: Operation
) -> Outcome:
    """One operation of a bulk batch, whose key must lie in the batch's physical partition."""
    key = container.scheme.key_of_header(str(operation.get("partitionKey")))
    if container.scheme.range_of(container.scheme.epk(key)) != physical:
        raise CosmosError(
            410,
            f"The key {key} does not lie in partition key range {physical.id}.",
            substatus=PARTITION_KEY_RANGE_GONE,
        )
    with service.store.items.write(container) as write:
        return _run(write, container, key, operation)


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
    return 201, write.create(key, _document(container, key, operation)), write.charge


def _upsert(write: Write, container: Container, key: str, operation: Operation) -> Outcome:
    document = _document(container, key, operation)
    stored, created = write.upsert(key, document, _checks(operation))
    return 201 if created else 200, stored, write.charge


def _replace(write: Write, container: Container, key: str, operation: Operation) -> Outcome:
    document = _document(container, key, operation)
    stored = write.replace(key, str(operation.get("id")), document, _checks(operation))
    return 200, stored, write.charge


def _patch(write: Write, container: Container, key: str, operation: Operation) -> Outcome:
    edit = patch_edit(container, key, operation.get("resourceBody") or {})
    stored = write.change(key, str(operation.get("id")), edit, _checks(operation))
    return 200, stored, write.charge


def _read(write: Write, _: Container, key: str, operation: Operation) -> Outcome:
    stored = write.read(key, str(operation.get("id")))
    if operation.get("ifNoneMatch") == stored.etag:
        return 304, None, 1.0
    return 200, stored, write.charge


def _delete(write: Write, _: Container, key: str, operation: Operation) -> Outcome:
    write.delete(key, str(operation.get("id")), _checks(operation))
    return 204, None, write.charge


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


def _refusal(error: CosmosError) -> bytes:
    return dump_json(
        {
            "statusCode": error.status,
            "subStatusCode": error.substatus,
            "requestCharge": FAILED_CHARGE,
            "message": error.message,
        }
    )


def _body(results: Iterable[bytes]) -> bytes:
    return b"[" + b",".join(results) + b"]"
