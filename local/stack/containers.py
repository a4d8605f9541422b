"""The app's containers, made before the host starts: its change-feed trigger reads one of them."""

import asyncio
import logging

from azure.core.exceptions import AzureError

from local.stack import probes
from shared.settings import Settings
from shared.store.client import open_database


def create_containers(url: str, connection: str) -> bool:
    """Create database and containers that do not exist; return whether the emulator answers.

    It is the probe too: in the cloud the deployment creates them. Raises OSError when nothing
    listens.
    """
    if not probes.answers(f"{url}/"):
        return False
    logging.getLogger("azure").setLevel(logging.ERROR)
    try:
        asyncio.run(_create(connection))
    except AzureError:
        return False
    return True


async def _create(connection: str) -> None:
    settings = Settings(cosmos_connection=connection, create_containers=True)
    async with await open_database(settings):
        pass
