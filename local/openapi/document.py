"""The OpenAPI document, from the table of operations."""

import json
from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from http_api.ingestion import MEDIA_TYPES
from http_api.problems import MEDIA_TYPE
from local.openapi.operations import OPERATIONS, Operation
from local.openapi.schemas import Answer, Problem

JSON: Final = "application/json"
_REF: Final = "#/components/schemas/{model}"
_KEYS: Final = {
    "key": {"type": "apiKey", "in": "header", "name": "x-functions-key"},
    "keyInQuery": {"type": "apiKey", "in": "query", "name": "code"},
}
_ALERTS: Final = {
    "anyOf": [
        {"type": "object"},
        {"type": "array", "items": {"type": ["object", "array"]}, "minItems": 1},
    ]
}
"""A body of alerts: what each source has in them, only its format knows."""
_HEADERS: Final = {
    200: ("ETag", "The version of this answer, for If-None-Match."),
    201: ("ETag", "The version of the item."),
    308: ("Location", "Where it lives on."),
    503: ("Retry-After", "Seconds to wait."),
}
"""The header that each answer of a status has."""
_ABOUT: Final = {
    "title": "Alerts to incidents",
    "version": "1",
    "description": "Incidents, the alerts they are made of, and what people decide about them.",
}


def document() -> dict[str, Any]:
    """The whole document."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": _ABOUT,
        "servers": [{"url": "/"}],
        "security": [{name: []} for name in _KEYS],
        "paths": paths,
        "components": {"schemas": _schemas(), "securitySchemes": _KEYS},
    }


def text() -> str:
    """The document as it is committed."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


def _operation(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {"operationId": operation.name, "summary": operation.summary}
    if operation.parameters:
        described["parameters"] = [each.document() for each in operation.parameters]
    if operation.body is not None:
        described["requestBody"] = _body(operation.body)
    described["responses"] = _responses(operation)
    if not operation.needs_key:
        described["security"] = []
    return described


def _body(body: type[BaseModel] | str) -> dict[str, Any]:
    if isinstance(body, str):
        return {"required": True, "content": {name: {"schema": _ALERTS} for name in MEDIA_TYPES}}
    return {"required": True, "content": {JSON: {"schema": _reference(body)}}}


def _responses(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for status, model in operation.answers.items():
        found[str(status)] = {"description": HTTPStatus(status).phrase}
        if model is not None:
            found[str(status)]["content"] = {JSON: {"schema": _shape(operation, status, model)}}
    if operation.files:
        found["200"]["content"] = {name.partition(";")[0]: {} for name in operation.files}
    for status in operation.problems:
        found[str(status)] = {"description": HTTPStatus(status).phrase}
        # The platform itself answers a missing key, without a body.
        if status != HTTPStatus.UNAUTHORIZED:
            found[str(status)]["content"] = {MEDIA_TYPE: {"schema": _reference(Problem)}}
    for status, (name, about) in _HEADERS.items():
        if str(status) in found:
            header = {"description": about, "required": True, "schema": {"type": "string"}}
            found[str(status)]["headers"] = {name: header}
    return dict(sorted(found.items()))


def _shape(operation: Operation, status: int, model: type[BaseModel]) -> dict[str, Any]:
    if operation.selected is None or status != HTTPStatus.OK:
        return _reference(model)
    return {"anyOf": [_reference(model), _reference(operation.selected)]}


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REF.format(model=model.__name__)}


def _schemas() -> dict[str, Any]:
    models = {Problem: None} | {
        model: None
        for operation in OPERATIONS
        for model in (*operation.answers.values(), operation.selected, operation.body)
        if isinstance(model, type)
    }
    _, made = models_json_schema(
        [(model, "validation") for model in models], by_alias=True, ref_template=_REF
    )
    bodies = {body.__name__ for body in models if not issubclass(body, Answer)}
    return {
        name: _plain(schema, clearing=name in bodies)
        for name, schema in sorted(made["$defs"].items())
    }


def _plain(schema: Any, *, clearing: bool) -> Any:
    """A schema without what only Python cares for: titles and defaults.

    In an answer, null as a default means that the field may be left out; in a body (`clearing`), it
    is a value that clears.
    """
    if isinstance(schema, list):
        return [_plain(each, clearing=clearing) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if not clearing and schema.get("default", ...) is None and "anyOf" in schema:
        schema = _without_null(schema)
    return {
        name: {key: _plain(value, clearing=clearing) for key, value in each.items()}
        if name == "properties"
        else _plain(each, clearing=clearing)
        for name, each in schema.items()
        if name not in ("title", "default")
    }


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    kept = [each for each in schema["anyOf"] if each != {"type": "null"}]
    rest = {name: each for name, each in schema.items() if name != "anyOf"}
    return {**rest, **kept[0]} if len(kept) == 1 else {**rest, "anyOf": kept}
