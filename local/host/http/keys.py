"""Access keys: which a request carries, which a function asks for, and where they are kept."""

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

KEY_HEADER = "x-functions-key"
KEY_PARAMETER = "code"
AuthLevel = Literal["ANONYMOUS", "FUNCTION", "ADMIN"]


@dataclass(frozen=True, slots=True)
class HostKeys:
    """The master key, the host key (good for every function) and one key a function."""

    master: str
    host: str
    functions: Mapping[str, str]

    @classmethod
    def open(cls, path: Path, functions: Iterable[str]) -> tuple[Self, bool]:
        """Read the keys, make those that are missing, and tell whether any was made."""
        kept = json.loads(path.read_text()) if path.exists() else {}
        keys = cls(
            master=kept.get("master") or _new_key(),
            host=kept.get("host") or _new_key(),
            functions={
                name: kept.get("functions", {}).get(name) or _new_key() for name in functions
            },
        )
        document = {"master": keys.master, "host": keys.host, "functions": dict(keys.functions)}
        if document == kept:
            return keys, False
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps(document, indent=2) + "\n")
        return keys, True

    def allow(self, key: str | None, level: AuthLevel, function: str | None = None) -> bool:
        """Whether the key opens a function (None: the host's own paths) of that level."""
        if level == "ANONYMOUS":
            return True
        allowed = [self.master]
        if level == "FUNCTION":
            allowed += [self.host, *([self.functions[function]] if function else [])]
        return key is not None and any(_equal(key, candidate) for candidate in allowed)


def presented_key(headers: Mapping[str, str], query: Mapping[str, str]) -> str | None:
    """Return the key that a request carries; the header comes before the parameter."""
    return headers.get(KEY_HEADER) or query.get(KEY_PARAMETER)


def _new_key() -> str:
    return secrets.token_urlsafe(40)


def _equal(one: str, other: str) -> bool:
    return secrets.compare_digest(one.encode(), other.encode())
