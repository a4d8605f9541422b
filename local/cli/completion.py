"""`a2i completion SHELL`: the script that completes commands and options in a shell."""

import argparse
from collections.abc import Mapping
from typing import Final

import shtab

from local.cli.parser import Parser
from local.commands import ALIASES, COMMANDS, load

PROGRAM: Final = "a2i"
SHELLS: Final = ("bash", "zsh", "fish", "tcsh")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("shell", choices=SHELLS, metavar="SHELL", help=", ".join(SHELLS))


def run(args: argparse.Namespace) -> int:
    """Print the script."""
    print(shtab.complete(whole_parser(), shell=args.shell))
    return 0


def whole_parser() -> argparse.ArgumentParser:
    """One parser of every command and its options, which imports all of them."""
    parser = Parser(prog=PROGRAM)
    parser.add_argument("--version", action="version", version="")
    several = parser.add_subparsers(dest="command")
    for name, (_, summary) in COMMANDS.items():
        aliases = [alias for alias, full in ALIASES.items() if full == name]
        command = several.add_parser(name, help=summary, aliases=aliases)
        load(name).add_arguments(command)
        _plain_choices(command)
    return parser


def _plain_choices(parser: argparse.ArgumentParser) -> None:
    """List choices that are kept as a mapping: shtab takes one for a command's commands."""
    for action in parser._actions:
        if isinstance(action.choices, Mapping):
            action.choices = tuple(action.choices)
