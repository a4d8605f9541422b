"""`python -m local <command>`: everything that runs on a developer's machine."""

import argparse
import sys

from local.commands import COMMANDS, load

PROGRAM = "python -m local"


def _usage() -> str:
    width = max(map(len, COMMANDS))
    rows = [f"  {name.ljust(width)}  {summary}" for name, (_, summary) in COMMANDS.items()]
    head = f"usage: {PROGRAM} <command> [options]   ({PROGRAM} <command> --help lists them)"
    return "\n".join([head, "", "commands:", *rows])


def main(argv: list[str]) -> int:
    """Run the command that `argv` names and return its exit code."""
    if not argv or argv[0] in {"-h", "--help"}:
        print(_usage())
        return 0 if argv else 2
    name, *rest = argv
    if name not in COMMANDS:
        print(f"there is no command {name!r}\n\n{_usage()}", file=sys.stderr)
        return 2
    command = load(name)
    parser = argparse.ArgumentParser(prog=f"{PROGRAM} {name}", description=COMMANDS[name][1])
    command.add_arguments(parser)
    return command.run(parser.parse_args(rest))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
