"""Suppression rules from a file: what `GET /api/suppressions` gives, or a list of its rules."""

from pathlib import Path
from typing import Any, Final

import orjson
from pydantic import ValidationError

from shared.suppression import Rule

_FIELDS: Final = ("id", "reason", "author", "conditions", "expiresUtc")
"""What of a rule says something; the service tells more of it, such as how often it matched."""


def read_rules(path: Path) -> tuple[Rule, ...]:
    """The rules in a file. Raises OSError, or ValueError naming the rule and the field at fault."""
    try:
        content = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as fault:
        raise ValueError(f"{path} is no JSON: {fault}") from None
    rows = content.get("value") if isinstance(content, dict) else content
    if not isinstance(rows, list):
        raise ValueError(  # noqa: TRY004 - the content of a file, not a caller's mistake
            f"{path} holds no rules: give a list of them, or an object with a list `value`"
        )
    return tuple(_rule(path, number, row) for number, row in enumerate(rows, start=1))


def _rule(path: Path, number: int, row: Any) -> Rule:
    if not isinstance(row, dict):
        raise ValueError(f"{path} rule {number} is no object")  # noqa: TRY004 - as above
    try:
        return Rule.model_validate({name: row[name] for name in _FIELDS if name in row})
    except ValidationError as fault:
        first = fault.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise ValueError(f"{path} rule {number}: {field}: {first['msg']}") from None
