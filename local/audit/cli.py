"""`python -m local audit`: is what the service stores sound?"""

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Final

from azure.core.exceptions import AzureError

from local.audit.checks import findings
from local.audit.cosmos import read_stored
from local.stack.stack import COSMOS_KEY
from shared.settings import Settings, read_settings
from shared.store.client import open_database
from shared.times import now

LOCAL: Final = f"AccountEndpoint=http://127.0.0.1:8081/;AccountKey={COSMOS_KEY};"
UNSOUND: Final = 1
FAILED: Final = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument(
        "--connection", help="the account's connection string (default: COSMOS, else the emulator)"
    )
    parser.add_argument("--organisation", help="whose incidents (default: ORGANISATION, else main)")


def run(args: argparse.Namespace) -> int:
    """Recount everything; 0 where it is sound, 1 with a line for each finding, 2 when it fails."""
    try:
        settings = read_settings(_environment(os.environ, args))
        found = asyncio.run(audit(settings))
    except (AzureError, KeyError, ValueError) as fault:
        print(f"audit: {type(fault).__name__}: {fault}", file=sys.stderr)
        return FAILED
    for each in found:
        print(f"unsound: {each}")
    print(f"audit: {len(found)} findings" if found else "audit: sound")
    return UNSOUND if found else 0


def _environment(environment: Mapping[str, str], args: argparse.Namespace) -> dict[str, str]:
    asked = {"COSMOS": args.connection, "ORGANISATION": args.organisation}
    return {"COSMOS": LOCAL, **environment, **{name: text for name, text in asked.items() if text}}


async def audit(settings: Settings) -> Sequence[str]:
    """What is wrong in an organisation's store, a sentence each. Raises what the store raises."""
    async with await open_database(settings) as database:
        stored = await read_stored(
            database,
            settings.organisation,
            retention_days=settings.alert_retention_days,
            now=now(),
        )
    return findings(stored)
