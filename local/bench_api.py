"""`python -m local.bench_api`: how fast the API answers over the Cosmos emulator.

Fills an emulator of its own with made-up incidents and alerts, and a second database in it with the
same incidents and ten times the alerts; calls the API's functions as the host does, in turns on
the one and on the other; prints the 95th percentile of each kind of request on both, and how they
compare. What is measured is everything but the host's own HTTP. The machine's load is told with the
figures: what else it does slows both, so the ratio says more than either.
"""

import argparse
import asyncio
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from typing import Final

import azure.functions as func

from http_api import alert_facets, alerts, blueprint, facets, feed, incidents, summary
from http_api.services import Services, compose
from local.bench_load import SEED, load
from local.stack.stack import COSMOS_KEY
from shared.settings import Settings
from shared.store.client import Database, open_database

_ORIGIN: Final = "http://localhost"

Endpoint = Callable[[func.HttpRequest], Awaitable[func.HttpResponse]]


@dataclass(slots=True)
class Side:
    """A database to measure, and public ids of some of its alerts."""

    name: str
    alerts: int
    ids: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of request: the function that answers, and its path, in which `{id}` is drawn."""

    endpoint: Endpoint
    path: str
    ids: str = ""


KINDS: Final = {
    "incidents": Kind(incidents.incidents, "/api/incidents"),
    "incidents, selected": Kind(incidents.incidents, "/api/incidents?select=incidentId,title"),
    "incidents, filtered": Kind(
        incidents.incidents, "/api/incidents?severity=High,Critical&status=Active&q=web"
    ),
    "incidents, by severity": Kind(incidents.incidents, "/api/incidents?orderBy=severity"),
    "incidents' facets": Kind(facets.facets, "/api/incidents/facets"),
    "incident": Kind(incidents.incident, "/api/incidents/{id}", "incidents"),
    "incident's alerts": Kind(incidents.incident_alerts, "/api/incidents/{id}/alerts", "incidents"),
    "alerts": Kind(alerts.alerts, "/api/alerts"),
    "alerts, filtered": Kind(alerts.alerts, "/api/alerts?severity=High&stage=Impact"),
    "alerts' facets": Kind(
        alert_facets.alert_facets, "/api/alerts/facets?from=2026-11-10T10:20:30Z&status=Active"
    ),
    "alerts, searched": Kind(alerts.alerts, "/api/alerts?q=web0077"),
    "alerts, searched in vain": Kind(alerts.alerts, "/api/alerts?q=no-such-word"),
    "the same, by severity": Kind(alerts.alerts, "/api/alerts?q=no-such-word&orderBy=severity"),
    "alert": Kind(alerts.alert, "/api/alerts/{id}", "alerts"),
    "feed": Kind(feed.feed, "/api/feed"),
    "summary": Kind(summary.summary, "/api/summary"),
    "summary, 7 days": Kind(summary.summary, "/api/summary?from=2026-11-14&to=2026-11-21"),
}


@contextmanager
def emulator(data: str) -> Iterator[str]:
    """A Cosmos emulator on a folder; gives its connection string."""
    command = [sys.executable, "-m", "local", "cosmos", "--port", "0", "--data", data]
    # S603: the command is this project's own.
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        announced = process.stdout.readline() if process.stdout else ""
        address = announced.split()[-1]
        try:
            yield f"AccountEndpoint={address}/;AccountKey={COSMOS_KEY};"
        finally:
            process.terminate()


async def open_side(connection: str, side: Side) -> Database:
    """The database of a side, with its containers."""
    settings = Settings(cosmos_connection=connection, database=side.name, create_containers=True)
    return await open_database(settings)


async def prepare(connection: str, sides: list[Side]) -> None:
    """Make databases and containers, as a deployment does."""
    for side in sides:
        await (await open_side(connection, side)).close()


async def ask(services: Services, kind: Kind, chosen: str) -> float:
    """Call the function of a kind of request with services; gives milliseconds."""

    async def opened() -> Services:
        return services

    vars(blueprint)["process_services"] = opened
    values = {"id": chosen} if kind.ids else {}
    request = func.HttpRequest(
        "GET",
        _ORIGIN + kind.path.format(id=chosen),
        headers={"accept-encoding": "gzip"},
        route_params=values,
        body=b"",
    )
    began = time.perf_counter()
    response = await kind.endpoint(request)
    took = (time.perf_counter() - began) * 1_000
    if response.status_code != 200:
        raise RuntimeError(f"{kind.path}: {response.status_code} {response.get_body()[:200]!r}")
    return took


def picker(side: Side, incident_count: int) -> Callable[[Kind], str]:
    """Draws the id for a request of a kind."""
    dice = random.Random(SEED)  # noqa: S311 - made-up data, the same each time

    def pick(kind: Kind) -> str:
        if kind.ids == "alerts":
            return dice.choice(side.ids)
        return f"{dice.randrange(incident_count):024x}"

    return pick


async def measure(connection: str, sides: list[Side], args: argparse.Namespace) -> None:
    """Time each kind of request, on all sides in turns, and print a line for it."""
    databases = [await open_side(connection, side) for side in sides]
    settings = Settings(cosmos_connection=connection)
    services = [compose(each, settings, trust_client_principal=False) for each in databases]
    picks = [picker(side, args.incidents) for side in sides]
    heads = "".join(f"{f'{side.alerts:,}':>22}" for side in sides)
    print(f"{'milliseconds, alerts:':<26}{heads}{'ratio of':>10}")
    print(f"{'':<26}{'first  median     p95' * len(sides)}{'medians':>10}")
    for name, kind in KINDS.items():
        first = [await ask(s, kind, pick(kind)) for s, pick in zip(services, picks, strict=True)]
        times: list[list[float]] = [[] for _ in sides]
        for _ in range(args.times):
            for number, pick in enumerate(picks):
                times[number].append(await ask(services[number], kind, pick(kind)))
        print(_line(name, first, times), flush=True)
    for database in databases:
        await database.close()


def _line(name: str, first: list[float], times: list[list[float]]) -> str:
    medians = [statistics.median(each) for each in times]
    p95 = [statistics.quantiles(each, n=20)[-1] for each in times]
    parts = "".join(
        f"{start:>8.0f}{median:>7.1f}{high:>7.1f}"
        for start, median, high in zip(first, medians, p95, strict=True)
    )
    return f"{name:<26}{parts}{medians[-1] / medians[0]:>10.2f}"


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m local.bench_api", description=__doc__)
    parser.add_argument("--incidents", type=int, default=10_000)
    parser.add_argument("--alerts", type=int, default=100_000)
    parser.add_argument(
        "--more", type=int, default=10, help="times the alerts of the second database; 1 for none"
    )
    parser.add_argument("--times", type=int, default=100, help="requests of each kind")
    args = parser.parse_args()
    sizes = [args.alerts] if args.more == 1 else [args.alerts, args.alerts * args.more]
    sides = [Side(f"bench-{size}", size) for size in sizes]
    with TemporaryDirectory(prefix="bench-api-") as data:
        with emulator(data) as connection:
            asyncio.run(prepare(connection, sides))
        began = time.monotonic()
        for side in sides:
            side.ids = load(data, side.name, args.incidents, side.alerts)
        print(f"{sum(sizes):,} alerts loaded in {time.monotonic() - began:.0f} s")
        with emulator(data) as connection:
            asyncio.run(measure(connection, sides, args))
    print(f"load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
