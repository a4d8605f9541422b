"""`python -m local try-format`: what a mapping file makes of alerts, without storing anything."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from ingest_alert.errors import FieldError, MessageError
from ingest_alert.mapping.model import MappingError
from ingest_alert.mapping.trial import Trial, dry_run, shown
from ingest_alert.reading import read_message


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("format", type=Path, help="the mapping file")
    parser.add_argument("alerts", type=Path, nargs="+", help="files of alerts; - is standard input")


def run(args: argparse.Namespace) -> int:
    """Print what becomes of each alert; 1 when the file or an alert is at fault."""
    try:
        mapping = json.loads(args.format.read_text(encoding="utf-8"))
        payloads = [payload for path in args.alerts for payload in _read(path)]
        trials = dry_run(mapping, payloads)
    except (OSError, MessageError, json.JSONDecodeError) as fault:
        print(f"it cannot be read: {fault}", file=sys.stderr)
        return 1
    except MappingError as fault:
        print("\n".join([f"{args.format} is at fault:", *_told(fault.errors)]), file=sys.stderr)
        return 1
    for number, trial in enumerate(trials, start=1):
        print("\n".join(_lines(number, trial)))
    return 0 if all(each.recognised and each.document for each in trials) else 1


def _read(path: Path) -> list[object]:
    return read_message(sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes())


def _lines(number: int, trial: Trial) -> list[str]:
    known = "recognised" if trial.recognised else "NOT recognised"
    taken = f"; {trial.taken_by} takes it first" if trial.taken_by else ""
    facts = [f"  {name}: {_plain(value)}" for name, value in shown(trial).items()]
    return [f"alert {number}: {known}{taken}", *facts, *_told(trial.errors)]


def _told(errors: tuple[FieldError, ...]) -> list[str]:
    return [f"  {error.field or 'it'}: {error.reason}" for error in errors]


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
