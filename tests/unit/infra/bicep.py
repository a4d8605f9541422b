"""Reads of a Bicep file what the tests compare: no compiler, only the shapes that ours use."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "infra"

_PARAMETER = re.compile(r"^param (\w+) (\w+)( = .+)?$", re.MULTILINE)
_OUTPUT = re.compile(r"^output (\w+) ", re.MULTILINE)
_MODULE = re.compile(r"^module (\w+) '([^']+)' = \{$(.*?)^\}$", re.MULTILINE | re.DOTALL)
_RESOURCE = re.compile(r"^\s*resource (\w+) '([^'@]+)(?:@[\d-]+)?' = ", re.MULTILINE)
_VALUE = re.compile(r"^\s*([A-Za-z_]\w*): (.+)$", re.MULTILINE)
_STRING = re.compile(r"'(?:\\.|[^'\\])*'")


@dataclass(frozen=True, slots=True)
class Bicep:
    """One file's text, without its comments."""

    name: str
    text: str

    @classmethod
    def read(cls, name: str) -> "Bicep":
        """Read a file of the folder `infra`."""
        lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if not line.lstrip().startswith("//")]
        return cls(name, "\n".join(kept) + "\n")

    def parameters(self) -> dict[str, bool]:
        """Parameter names, and whether each has a default."""
        return {name: bool(default) for name, _, default in _PARAMETER.findall(self.text)}

    def outputs(self) -> set[str]:
        """Output names."""
        return set(_OUTPUT.findall(self.text))

    def modules(self) -> dict[str, tuple[str, set[str]]]:
        """Modules by symbol: the file, and the parameters that are given."""
        return {
            symbol: (file, {name for name, _ in _VALUE.findall(body.partition("params: {")[2])})
            for symbol, file, body in _MODULE.findall(self.text)
        }

    def resources(self) -> dict[str, str]:
        """Resource types by symbol."""
        return dict(_RESOURCE.findall(self.text))

    def block(self, start: str) -> dict[str, str]:
        """The values of the innermost block that opens after the line holding `start`."""
        body = self.text[self.text.index(start) :]
        opened = body.index("properties: {") + len("properties: {")
        depth, end = 1, opened
        while depth:
            depth += {"{": 1, "}": -1}.get(body[end], 0)
            end += 1
        return dict(_VALUE.findall(body[opened:end]))

    def unquoted(self) -> str:
        """The text with every string emptied."""
        return _STRING.sub("''", self.text)


FILES = tuple(sorted(path.name for path in FOLDER.glob("*.bicep")))
