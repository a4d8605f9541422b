"""Indexing policies: the default one, which paths they index, and the composite indexes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from .errors import bad_request

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SYSTEM_PROPERTIES: Final = ("_rid", "_self", "_etag", "_attachments", "_ts", "_lsn")
REMEMBERED_PATHS: Final = 4_096
SYSTEM_INDEXED: Final = frozenset({("id",), ("_ts",)})

Path = tuple[str | int, ...]
#: A value under an indexed path, as text.
Term = tuple[str, str]


def complete_policy(policy: Mapping[str, Any] | None) -> dict[str, Any]:
    """The policy with the service's defaults filled in.

    Raises:
        CosmosError: 400 for a path that does not start with a slash, or an unknown mode.
    """
    given = dict(policy or {})
    mode = str(given.get("indexingMode", "consistent")).lower()
    if mode not in ("consistent", "none"):
        raise bad_request(f"The indexing mode {mode!r} must be 'consistent' or 'none'.")
    included = [_plain_entry(entry) for entry in given.get("includedPaths") or ()]
    excluded = [_plain_entry(entry) for entry in given.get("excludedPaths") or ()]
    if mode == "none":
        return {**given, "indexingMode": mode, "automatic": False}
    if not any(entry["path"] == "/*" for entry in [*included, *excluded]):
        included = [{"path": "/*"}, *included]
    if not any(_names(entry["path"])[0] == "_etag" for entry in [*included, *excluded]):
        excluded.append({"path": '/"_etag"/?'})
    return {
        **given,
        "indexingMode": mode,
        "automatic": given.get("automatic", True),
        "includedPaths": included,
        "excludedPaths": excluded,
    }


def _plain_entry(entry: Any) -> dict[str, Any]:
    """An entry of the policy without the index kinds that the service no longer reads."""
    path = entry.get("path") if isinstance(entry, Mapping) else None
    if not isinstance(path, str) or not path.startswith("/"):
        raise bad_request(f"The indexing path {path!r} must start with '/'.")
    return {"path": "/*" if path == "/" else path}


def is_indexed(policy: Mapping[str, Any], path: Path) -> bool:
    """Whether the policy has a range index on a property: the more precise path decides."""
    if path in SYSTEM_INDEXED:
        return True
    included = _best_match(policy.get("includedPaths", ()), path)
    excluded = _best_match(policy.get("excludedPaths", ()), path)
    return included > excluded


def _best_match(entries: Sequence[Mapping[str, Any]], path: Path) -> int:
    """How precisely the best entry matches (0: not at all)."""
    return max((_precision(_names(entry["path"]), path) for entry in entries), default=0)


def _precision(names: Sequence[str], path: Path) -> int:
    *prefix, last = names or ["*"]
    wanted = ["[]" if isinstance(name, int) else name for name in path]
    if last == "*" and wanted[: len(prefix)] == prefix:
        return 1 + 2 * len(prefix)
    if last == "?" and wanted == prefix:
        return 2 + 2 * len(prefix)
    return 0


def _names(path: str) -> list[str]:
    names = [part.strip("\"'") for part in path.strip("/").split("/") if part]
    return names if names and names[-1] in ("*", "?") else [*names, "*"]


def composite_orders(policy: Mapping[str, Any]) -> Iterator[tuple[tuple[Path, bool], ...]]:
    """Each composite index as paths with "descending"."""
    for index in policy.get("compositeIndexes") or ():
        yield tuple(
            (
                tuple(part.strip("\"'") for part in entry["path"].strip("/").split("/")),
                str(entry.get("order", "ascending")).lower() == "descending",
            )
            for entry in index
        )


class Indexer:
    """Which index terms a document has under one policy."""

    def __init__(self, policy: Mapping[str, Any]) -> None:
        self._policy = policy
        self._composites = [[path for path, _ in order] for order in composite_orders(policy)]
        self._known: dict[tuple[str, ...], bool] = {}

    def terms(self, document: Mapping[str, Any]) -> Counter[Term]:
        """Each value under an indexed path, and each composite index, with how often."""
        found: Counter[Term] = Counter()
        if self._policy.get("indexingMode") == "none":
            return found
        for path, value in _leaves(document, ()):
            if path[0] not in SYSTEM_PROPERTIES and self._indexes(path):
                found["/".join(path), str(value)] += 1
        for paths in self._composites:
            values = [_value(document, path) for path in paths]
            found["+".join(map(str, paths)), str(values)] += 1
        return found

    def _indexes(self, path: tuple[str, ...]) -> bool:
        known = self._known.get(path)
        if known is None:
            if len(self._known) >= REMEMBERED_PATHS:
                self._known.clear()
            wanted = tuple(0 if name == "[]" else name for name in path)
            known = self._known[path] = is_indexed(self._policy, wanted)
        return known


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, Mapping):
        for name, child in value.items():
            yield from _leaves(child, (*path, name))
    elif isinstance(value, list):
        for child in value:
            yield from _leaves(child, (*path, "[]"))
    else:
        yield path, value


def _value(document: Any, path: Path) -> Any:
    for name in path:
        if not isinstance(document, Mapping) or name not in document:
            return None
        document = document[name]
    return document
