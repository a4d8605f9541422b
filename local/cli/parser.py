"""A parser of arguments that says what was probably meant."""

import argparse
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any, Final, NoReturn

HIGHEST_PORT: Final = 65_535


class Parser(argparse.ArgumentParser):
    """argparse's parser, which names the option or the value that is like a mistyped one."""

    def parse_args(  # type: ignore[override]  # argparse's own has overloads for namespaces, unused here
        self, args: Sequence[str] | None = None, namespace: None = None
    ) -> argparse.Namespace:
        """Parse; an unknown argument ends the program, with the option that is like it."""
        found, unknown = self.parse_known_args(args, namespace)
        if unknown:
            self._refuse(unknown)
        return found

    def error(self, message: str) -> NoReturn:
        """End the program with what is wrong, and where to read on; the usage would bury it."""
        self.exit(2, f"{self.prog}: {message}\n`{self.prog} --help` lists what it takes.\n")

    def _refuse(self, unknown: Sequence[str]) -> NoReturn:
        options = [text for text in unknown if text.startswith("-")]
        if not options:
            self.error(f"{unknown[0]!r} is one argument too many")
        name = options[0].partition("=")[0]
        self.error(f"unknown option {name}{meant(name, self._option_string_actions)}")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            known = [str(each) for each in action.choices]
            close = meant(str(value), known) or f"; choose from {', '.join(known)}"
            raise argparse.ArgumentError(action, f"invalid choice: {str(value)!r}{close}")


def meant(text: str, known: Iterable[str]) -> str:
    """`: did you mean x?`, or an empty text where nothing known is like the text."""
    close = get_close_matches(text, list(known), n=1, cutoff=0.6)
    return f": did you mean {close[0]}?" if close else ""


def port(text: str) -> int:
    """A TCP port, 0 for any free one. Raises ArgumentTypeError."""
    if not text.isascii() or not text.isdecimal() or int(text) > HIGHEST_PORT:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a port: give a whole number from 0 to {HIGHEST_PORT}"
        )
    return int(text)


def add_format(parser: argparse.ArgumentParser) -> None:
    """Declare `--format`: text for people, or one JSON document for programs."""
    parser.add_argument(
        "--format",
        choices=("text", "json"),
        default="text",
        help="what standard output gets: text (default) or one JSON document",
    )
