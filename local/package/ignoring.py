"""`.funcignore`: which files a deployment leaves out.

Core Tools read it as git reads `.gitignore`. The patterns that this project uses are a subset of
that: a name or a path, with `*` and `?`. Any other is refused, so that none is read differently.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

ALWAYS = (
    ".git",
    ".vscode",
    ".funcignore",
    ".gitignore",
    "local.settings.json",
    "project.lock.json",
)
"""What Core Tools leave out, whatever the file says."""

_UNREAD = re.compile(r"[!\[\]\\]|\*\*")


class PatternError(ValueError):
    """A line of `.funcignore` that is not read here; the message names it."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """The patterns of a `.funcignore`, ready to be asked."""

    patterns: tuple[re.Pattern[str], ...]

    @classmethod
    def read(cls, text: str) -> Self:
        """Read the file's text. Raises PatternError for a pattern that is not read here."""
        lines = (line.strip() for line in text.splitlines())
        wanted = [line for line in lines if line and not line.startswith("#")]
        return cls(tuple(map(_compile, (*ALWAYS, *wanted))))

    def covers(self, parts: Iterable[str]) -> bool:
        """Whether a file, given by the parts of its path, or a folder above it is left out."""
        path = ""
        for part in parts:
            path = f"{path}/{part}"
            if any(pattern.fullmatch(path) for pattern in self.patterns):
                return True
        return False


def _compile(line: str) -> re.Pattern[str]:
    if _UNREAD.search(line):
        raise PatternError(f".funcignore: {line!r} is not read here: use names, paths, * and ?")
    text = line.rstrip("/")
    anchored = "/" in text
    body = re.escape(text.lstrip("/")).replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
    return re.compile(f"/{body}" if anchored else f"(?:/.*)?/{body}")
