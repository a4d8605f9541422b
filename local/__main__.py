"""`python -m local <command>`, installed as `a2i`: everything that runs on one's own machine."""

import sys
from collections.abc import Sequence

from local.cli.faults import guarded
from local.cli.parser import Parser, meant
from local.cli.program import program as typed_program
from local.commands import ALIASES, COMMANDS, GROUPS, load
from local.project import version


def _usage(program: str) -> str:
    width = max(map(len, COMMANDS))
    lines = [f"usage: {program} <command> [options]   ({program} <command> --help lists them)"]
    for heading, names in GROUPS.items():
        lines += ["", f"{heading}:"]
        lines += [f"  {name.ljust(width)}  {COMMANDS[name][1]}" for name in names]
    return "\n".join([*lines, "", f"{program} --version tells the version."])


def main(argv: Sequence[str], program: str | None = None) -> int:
    """Run the command that `argv` names and return its exit code."""
    typed = program or typed_program()
    return guarded(argv[0] if argv else typed, lambda: _chosen(argv, typed))


def _chosen(argv: Sequence[str], program: str) -> int:
    if not argv or argv[0] in {"-h", "--help", "help"}:
        print(_usage(program))
        return 0 if argv else 2
    if argv[0] in {"-V", "--version"}:
        print(f"a2i {version()}")
        return 0
    name, *rest = argv
    name = ALIASES.get(name, name)
    if name not in COMMANDS:
        close = meant(name, COMMANDS)
        print(f"there is no command {name!r}{close}", file=sys.stderr)
        if not close:
            print(f"\n{_usage(program)}", file=sys.stderr)
        return 2
    command = load(name)
    parser = Parser(prog=f"{program} {name}", description=COMMANDS[name][1])
    command.add_arguments(parser)
    return command.run(parser.parse_args(rest))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
