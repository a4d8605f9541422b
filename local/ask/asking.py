"""A list or one item of a running service, asked for by options, told as text or JSON."""

import argparse
import json
import os
import sys
import urllib.error
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from rich.console import Console
from rich.table import Table

from local.api import Api
from local.cli.faults import FAILED, told
from local.cli.parser import add_format
from local.cli.program import program

LOCAL: Final = "http://127.0.0.1:7071"
URL_SETTING: Final = "A2I_URL"
KEY_SETTING: Final = "A2I_KEY"
"""The function key comes from the environment alone: a command line is for all to see."""
_LARGEST_PAGE: Final = 500
_UNBROKEN: Final = 1_000
"""The columns of a table that goes to a file or a pipe, so that a row is a line."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What can be asked for: its route, its filters, and how items are shown.

    `columns` are headings with what stands below each; `tell` gives one item's lines.
    """

    noun: str
    path: str
    filters: Sequence[str]
    columns: Sequence[tuple[str, Callable[[Any], str]]]
    tell: Callable[[Any], list[str]]


def add_arguments(parser: argparse.ArgumentParser, kind: Kind) -> None:
    """Declare the options of a kind."""
    parser.add_argument("id", nargs="?", help=f"show this {kind.noun} (default: list them)")
    for name in kind.filters:
        parser.add_argument(f"--{name}", metavar="VALUE", help="filter, see docs/api.md")
    parser.add_argument("--order", metavar="FIELD", help="severity, activity …, see docs/api.md")
    parser.add_argument(
        "--limit", type=_positive, default=20, metavar="N", help="list so many at most (default 20)"
    )
    parser.add_argument(
        "--url",
        type=_url,
        default=os.environ.get(URL_SETTING, LOCAL),
        help=f"the service (default: {URL_SETTING} in the environment, else the local stack);"
        f" {KEY_SETTING} in the environment is its function key",
    )
    add_format(parser)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise argparse.ArgumentTypeError(f"{text!r} is not an address such as {LOCAL}")
    return text.rstrip("/")


def run(args: argparse.Namespace, kind: Kind) -> int:
    """Ask and tell: 0, or 2 when the service does not answer as it should."""
    api = Api(args.url, os.environ.get(KEY_SETTING, ""))
    try:
        found = _one(api, args, kind) if args.id else _several(api, args, kind)
    except urllib.error.HTTPError as fault:
        print(f"{kind.noun}s: {_problem(fault)}", file=sys.stderr)
        return FAILED
    except OSError as fault:
        reason = getattr(fault, "reason", fault)
        said = told(reason) if isinstance(reason, OSError) else str(reason)
        print(
            f"{kind.noun}s: {args.url} does not answer ({said}):"
            f" start the stack with `{program()} up`, or correct --url",
            file=sys.stderr,
        )
        return FAILED
    except ValueError:
        print(f"{kind.noun}s: {args.url} does not answer in JSON: correct --url", file=sys.stderr)
        return FAILED
    if args.format == "json":
        print(json.dumps(found, ensure_ascii=False, indent=1))
    elif args.id:
        print("\n".join(kind.tell(found)))
    else:
        _show(found, kind)
    return 0


def _one(api: Api, args: argparse.Namespace, kind: Kind) -> Any:
    return api.get(f"{kind.path}/{quote(args.id, safe='')}")


def _several(api: Api, args: argparse.Namespace, kind: Kind) -> list[Any]:
    chosen = {name: getattr(args, name) for name in kind.filters if getattr(args, name)}
    if args.order:
        chosen["orderBy"] = args.order
    chosen["limit"] = str(min(args.limit, _LARGEST_PAGE))
    return list(islice(api.all(f"{kind.path}?{urlencode(chosen)}"), args.limit))


def _show(found: Sequence[Any], kind: Kind) -> None:
    if not found:
        print(f"no {kind.noun}s")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading, _ in kind.columns:
        table.add_column(heading, overflow="fold")
    for item in found:
        table.add_row(*(cell(item) for _, cell in kind.columns))
    width = None if sys.stdout.isatty() else _UNBROKEN
    Console(highlight=False, markup=False, width=width).print(table)


def _problem(fault: urllib.error.HTTPError) -> str:
    """What the service says is wrong, and what may help."""
    try:
        problem = json.load(fault)
        said = problem.get("detail") or problem.get("title") or fault.reason
    except (ValueError, AttributeError):
        said = fault.reason
    hint = f": set {KEY_SETTING} to a function key" if fault.code in {401, 403} else ""
    return f"{fault.code} {said}{hint}"
