"""Rebuild `shared/attack_techniques.json`, the table of ATT&CK techniques and their tactics.

pySigma's releases 0.10 and 0.11 carry ATT&CK's enterprise matrix as a Python module; newer ones
fetch it when they run. Nothing of the package is run or installed: its literals are read.

    pip download --no-deps --dest build pysigma==0.11.23
    python -m local.attack_table build/pysigma-0.11.23-py3-none-any.whl
"""

import ast
import json
import sys
import zipfile
from pathlib import Path
from typing import Any, Final

from shared.killchain import parse_tactics

_MODULE: Final = "sigma/data/mitre_attack.py"
_TABLE: Final = Path(__file__).parent.parent / "shared" / "attack_techniques.json"


def read_literals(source: str) -> dict[str, Any]:
    """The names that a module binds to literals, with their values."""
    found: dict[str, Any] = {}
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.AnnAssign):
            targets: list[ast.expr] = [statement.target]
        elif isinstance(statement, ast.Assign):
            targets = statement.targets
        else:
            continue
        if statement.value is not None:
            for target in targets:
                if isinstance(target, ast.Name):
                    found[target.id] = ast.literal_eval(statement.value)
    return found


def build_table(literals: dict[str, Any], origin: str) -> dict[str, Any]:
    """The table: tactics by technique, without sub-techniques that share their parent's; and the
    techniques by name, for sources that state only that, without names that two have.

    Raises ValueError naming a tactic that the kill chain does not have.
    """
    techniques: dict[str, list[str]] = {}
    for technique, words in sorted(literals["mitre_attack_techniques_tactics_mapping"].items()):
        tactics, unknown = parse_tactics(words)
        if unknown:
            raise ValueError(f"{technique}: {', '.join(unknown)} stands for an unknown tactic")
        names = [tactic.name for tactic in tactics]
        if techniques.get(technique.partition(".")[0]) != names:
            techniques[technique] = names
    version = literals["mitre_attack_version"]
    names_of = literals["mitre_attack_techniques"]
    by_name: dict[str, list[str]] = {}
    for technique, name in sorted(names_of.items()):
        by_name.setdefault(name, []).append(technique)
    unique = {name: found[0] for name, found in sorted(by_name.items()) if len(found) == 1}
    return {
        "attackVersion": version,
        "origin": origin,
        "techniques": techniques,
        "names": unique,
    }


def render(table: dict[str, Any]) -> str:
    """The table as text, one technique a line, so that a new version shows as a readable change."""
    return (
        "{\n"
        f'  "attackVersion": {json.dumps(table["attackVersion"])},\n'
        f'  "origin": {json.dumps(table["origin"])},\n'
        f'  "techniques": {_render_lines(table["techniques"])},\n'
        f'  "names": {_render_lines(table["names"])}\n'
        "}\n"
    )


def _render_lines(mapping: dict[str, Any]) -> str:
    lines = [f"    {json.dumps(key)}: {json.dumps(value)}" for key, value in mapping.items()]
    return "{\n" + ",\n".join(lines) + "\n  }"


def main(arguments: list[str]) -> int:
    """Read the wheel that the one argument names and write the table."""
    if len(arguments) != 1:
        print("usage: python -m local.attack_table WHEEL", file=sys.stderr)
        return 2
    wheel = Path(arguments[0])
    with zipfile.ZipFile(wheel) as archive:
        literals = read_literals(archive.read(_MODULE).decode())
    origin = "-".join(wheel.name.split("-")[:2])
    _TABLE.write_text(render(build_table(literals, origin)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
