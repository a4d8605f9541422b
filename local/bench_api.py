"""`python -m local.bench_api`: how fast the API answers over the Cosmos emulator.

Starts an emulator of its own in memory, fills it with made-up incidents and alerts through the real
SDK, calls the API's functions as the host does, and prints the median and the 95th percentile of
each kind of request. What is measured is everything but the host's own HTTP.
"""

import argparse
import asyncio
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, Final

import azure.functions as func

from http_api import alerts, feed, incidents, summary
from local.bench_documents import alert_batch, incident_documents
from local.stack.stack import COSMOS_KEY
from shared.settings import read_settings
from shared.store.client import Database, open_database
from shared.store.definitions import ALERTS, ENTITIES, INCIDENTS
from shared.store.process import process_database

SEED: Final = 20_261_124
ALERTS_A_RESOURCE: Final = 100
_AT_ONCE: Final = 8
_ORIGIN: Final = "http://localhost"

Endpoint = Callable[[func.HttpRequest], Awaitable[func.HttpResponse]]


@contextmanager
def emulator() -> Iterator[str]:
    """A Cosmos emulator in memory; gives its connection string."""
    command = [sys.executable, "-m", "local", "cosmos", "--port", "0", "--data", ":memory:"]
    # S603: the command is this project's own.
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        announced = process.stdout.readline() if process.stdout else ""
        address = announced.split()[-1]
        try:
            yield f"AccountEndpoint={address}/;AccountKey={COSMOS_KEY};"
        finally:
            process.terminate()


async def fill(database: Database, incident_count: int, alert_count: int) -> list[str]:
    """Store incidents with what they cover, and alerts; returns public ids of some alerts."""
    resources = max(1, alert_count // ALERTS_A_RESOURCE)
    dice = random.Random(SEED)  # noqa: S311 - made-up data, the same each time
    ids: list[str] = []

    async def store_alerts(number: int) -> None:
        batch = alert_batch(number, ALERTS_A_RESOURCE, dice)
        ids.append(batch[0]["alertId"])
        operations = [("create", (document,)) for document in batch]
        await database.container(ALERTS).execute_item_batch(operations, batch[0]["resourceKey"])

    async def store_incident(number: int) -> None:
        root, member, entity = incident_documents(number, number % resources, dice)
        await database.container(INCIDENTS).create_item(root)
        await database.container(INCIDENTS).create_item(member)
        await database.container(ENTITIES).upsert_item(entity)

    await _spread(store_alerts(number) for number in range(resources))
    await _spread(store_incident(number) for number in range(incident_count))
    return ids


async def _spread(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    rest = iter(work)
    while chunk := list(islice(rest, _AT_ONCE)):
        await asyncio.gather(*chunk)


async def ask(endpoint: Endpoint, path: str, **values: str) -> tuple[float, int]:
    """Call an endpoint; gives milliseconds and the bytes of the answer."""
    headers = {"accept-encoding": "gzip"}
    request = func.HttpRequest(
        "GET", _ORIGIN + path, headers=headers, route_params=values, body=b""
    )
    began = time.perf_counter()
    response = await endpoint(request)
    took = (time.perf_counter() - began) * 1_000
    if response.status_code != 200:
        raise RuntimeError(f"{path}: {response.status_code} {response.get_body()[:200]!r}")
    return took, len(response.get_body())


def requests(incident_count: int, alert_ids: list[str]) -> dict[str, Callable[[], Any]]:
    """Each kind of request by name; calling it makes one, with ids drawn at random."""
    dice = random.Random(SEED)  # noqa: S311 - made-up data, the same each time

    def incident_id() -> str:
        return f"{dice.randrange(incident_count):024x}"

    def one(endpoint: Endpoint, path: str, pick: Callable[[], str]) -> Callable[[], Any]:
        def make() -> Any:
            chosen = pick()
            return ask(endpoint, path.format(chosen), id=chosen)

        return make

    def pick_alert() -> str:
        return dice.choice(alert_ids)

    return {
        "incidents": lambda: ask(incidents.incidents, "/api/incidents"),
        "incidents, filtered": lambda: ask(
            incidents.incidents, "/api/incidents?severity=High,Critical&status=Active&q=web"
        ),
        "incidents, by severity": lambda: ask(
            incidents.incidents, "/api/incidents?orderBy=severity"
        ),
        "incident": one(incidents.incident, "/api/incidents/{}", incident_id),
        "incident's alerts": one(
            incidents.incident_alerts, "/api/incidents/{}/alerts", incident_id
        ),
        "alerts": lambda: ask(alerts.alerts, "/api/alerts"),
        "alerts, filtered": lambda: ask(alerts.alerts, "/api/alerts?severity=High&stage=Impact"),
        "alerts, searched": lambda: ask(alerts.alerts, "/api/alerts?q=web0077"),
        "alert": one(alerts.alert, "/api/alerts/{}", pick_alert),
        "feed": lambda: ask(feed.feed, "/api/feed"),
        "summary": lambda: ask(summary.summary, "/api/summary"),
        "summary, 7 days": lambda: ask(
            summary.summary, "/api/summary?from=2026-11-14&to=2026-11-21"
        ),
    }


async def measure(args: argparse.Namespace) -> None:
    """Fill the emulator, then time each kind of request."""
    async with await open_database(read_settings(os.environ)) as database:
        began = time.perf_counter()
        alert_ids = await fill(database, args.incidents, args.alerts)
        print(
            f"{args.incidents:,} incidents and {args.alerts:,} alerts stored"
            f" in {time.perf_counter() - began:.0f} s"
        )
    print(f"{'request':<24}{'first ms':>10}{'median':>9}{'p95':>9}{'kB':>8}")
    for name, make in requests(args.incidents, alert_ids).items():
        first, _ = await make()
        times, sizes = zip(*[await make() for _ in range(args.times)], strict=True)
        p95 = statistics.quantiles(times, n=20)[-1]
        median = statistics.median(times)
        size = statistics.mean(sizes) / 1_000
        print(f"{name:<24}{first:>10.1f}{median:>9.1f}{p95:>9.1f}{size:>8.1f}")
    await (await process_database()).close()


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m local.bench_api", description=__doc__)
    parser.add_argument("--incidents", type=int, default=10_000)
    parser.add_argument("--alerts", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=100, help="requests of each kind")
    args = parser.parse_args()
    with emulator() as connection:
        os.environ |= {"COSMOS": connection, "CREATE_CONTAINERS": "true"}
        asyncio.run(measure(args))


if __name__ == "__main__":
    main()
