"""How deep JSON is nested, told from its text: Python's reader recurses, and may run out of stack.

Cosmos DB keeps 128 levels in an item, of which an alert's original is one part.
"""

from typing import Final

MOST_LEVELS: Final = 100
_ALIKE: Final = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))


def is_too_deep(text: str) -> bool:
    """Whether arrays and objects are nested in more than a hundred levels.

    What is never closed is too deep when that is left open more than a hundred times.
    """
    if text.count("[") + text.count("{") <= MOST_LEVELS:
        return False
    brackets = _brackets(text)
    for _ in range(MOST_LEVELS):
        outer = brackets.replace(b"[]", b"")
        if len(outer) == len(brackets):
            return brackets.count(b"[") > MOST_LEVELS
        brackets = outer
    return b"[" in brackets


def _brackets(text: str) -> bytes:
    """The brackets outside of strings: in every second part between quotes that are not escaped."""
    outside = "".join(text.replace("\\\\", "").replace('\\"', "").split('"')[::2])
    return outside.encode("ascii", "ignore").translate(_ALIKE, _NO_BRACKETS)
