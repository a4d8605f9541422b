"""Values at paths of a payload, whatever the case of the names and however they are nested.

A path is names with dots between them. A name may hold dots itself (`threat.tactic.name` as one
field); a list on the way is gone through; a text that holds JSON is opened.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from ingest_alert.field_names import field_names_of
from shared.strict_json import load

if TYPE_CHECKING:  # nobody needs pydantic to look up a value
    from ingest_alert.mapping.model import Rule, Rules

_MOST: Final = 500
"""Values that one path may give: lists within lists multiply."""


def values_at(payload: object, path: str) -> list[Any]:
    """The values at a path, in order; those of lists one by one; at most 500."""
    found: list[Any] = []
    for value in _walk(payload, _parts(path)):
        if len(found) == _MOST:
            break
        found.append(value)
    return found


@lru_cache(maxsize=4_096)
def _parts(path: str) -> tuple[str, ...]:
    return tuple(path.lower().split(".")) if path else ()


def _walk(value: object, parts: tuple[str, ...]) -> Iterator[Any]:
    if isinstance(value, list):
        for each in value:
            yield from _walk(each, parts)
    elif not parts:
        if value is not None:
            yield value
    elif isinstance(value, dict):
        names = field_names_of(value).names
        for count in range(len(parts), 0, -1):
            spelled = names.get(".".join(parts[:count]))
            if spelled is not None:
                yield from _walk(value[spelled], parts[count:])
                return
    elif isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        yield from _walk(_opened(value), parts)


def _opened(text: str) -> object:
    try:
        return load(text)
    except (ValueError, RecursionError):
        return None


def text_of(value: object) -> str:
    """A value as text; "" for what is none."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else ""


def texts(payload: object, rules: "Rules") -> list[str]:
    """The texts that the first rule finds which finds any."""
    for rule in rules.rules:
        found = [text for text in _texts(payload, rule) if text]
        if found:
            return found
    return []


def all_texts(payload: object, rules: "Rules") -> list[str]:
    """The texts that all rules find."""
    return [text for rule in rules.rules for text in _texts(payload, rule) if text]


def text(payload: object, rules: "Rules") -> str:
    """The first text, "" when there is none."""
    found = texts(payload, rules)
    return found[0] if found else ""


def _texts(payload: object, rule: "Rule") -> list[str]:
    if rule.text:
        return [rule.text]
    if rule.join:
        parts = [next(map(text_of, values_at(payload, path)), "") for path in rule.join]
        found = [rule.between.join(parts)] if all(parts) else []
    else:
        found = [text_of(value) for value in values_at(payload, rule.path)]
    return [_matched(rule.match, each) for each in found] if rule.match else found


def _matched(pattern: str, value: str) -> str:
    match = _compiled(pattern).search(value[:_LONGEST_MATCHED])
    return (match[1] or "").strip() if match else ""


_LONGEST_MATCHED: Final = 2_000
_compiled = lru_cache(maxsize=512)(re.compile)


def has(payload: Mapping[str, Any], path: str) -> bool:
    """Whether there is anything at a path."""
    return bool(values_at(payload, path))


def holds(payload: object, path: str, wanted: str | tuple[str, ...]) -> bool:
    """Whether a text at a path is one of those wanted, whatever its case."""
    words = (wanted,) if isinstance(wanted, str) else wanted
    known = {word.lower() for word in words}
    return any(text_of(value).lower() in known for value in values_at(payload, path))
