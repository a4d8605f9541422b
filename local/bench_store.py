"""`python -m local bench-store`: how many requests an alert costs, from the queue to its incident.

The app's own ingest and correlation run in this process over the Cosmos emulator, whose meter
counts. The change feed is read as the trigger reads it; the host's leases come on top, a write or
two a batch.
"""

import argparse
import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table

from correlate.policy import default_policy
from correlate.record import Unreadable, record
from correlate.services import Services as Correlation
from correlate.services import services_of
from correlate.store.documents import news_of
from ingest_alert.bootstrap import compose
from ingest_alert.handling import Message, Services, ingest
from local.demo.cast import Happening, account, address, arm_alert, host, machine
from local.stack.stack import COSMOS_KEY
from shared.settings import Settings
from shared.store.client import Database, open_database
from shared.store.definitions import ALERTS, NEWS
from shared.times import now, parse_time

if TYPE_CHECKING:
    from azure.core.async_paging import AsyncPageIterator

MESSAGE: Final = 50
"""Alerts a message at most."""
FEED_BATCH: Final = 1_000
NEWS_BATCH: Final = 100
ORGANISATION: Final = "main"
START: Final = parse_time("2026-11-20T08:00:00Z")
GROUP: Final = 8
"""Resources that share an address: fewer than make it common."""
INTENTS: Final = ("Probing", "InitialAccess", "Execution", "LateralMovement", "Exfiltration")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--alerts", type=int, default=1_000, help="alerts of each load")
    parser.add_argument("--burst", type=int, default=100, help="alerts of a burst on one resource")
    parser.add_argument(
        "--batch", type=int, default=200, help="alerts that are stored before they are correlated"
    )


def run(args: argparse.Namespace) -> int:
    """Measure each load in a database of its own, and print a table for each."""
    with emulator() as connection:
        asyncio.run(_measure_all(connection, args))
    return 0


@contextmanager
def emulator() -> Iterator[str]:
    """A Cosmos emulator in memory; gives its connection string."""
    command = [sys.executable, "-m", "local", "cosmos", "--port", "0", "--data", ":memory:"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own
        announced = process.stdout.readline() if process.stdout else ""
        try:
            yield f"AccountEndpoint={announced.split()[-1]}/;AccountKey={COSMOS_KEY};"
        finally:
            process.terminate()


async def _measure_all(connection: str, args: argparse.Namespace) -> None:
    console = Console(highlight=False)
    for name, alerts, batch in loads(args.alerts, args.burst, args.batch):
        settings = Settings(
            cosmos_connection=connection, database=name.replace(" ", "-"), create_containers=True
        )
        async with await open_database(settings) as database:
            console.print(table(name, await measure(database, settings, alerts, batch)))


def loads(alerts: int, burst: int, batch: int) -> Iterator[tuple[str, list[dict[str, Any]], int]]:
    """The name of each load, its alerts, and how many are stored before they are correlated."""
    for name, make, size in (
        ("one by one", lambda count: isolated(min(count, 100)), 1),
        ("isolated", isolated, batch),
        ("burst", lambda count: on_one(count, burst), burst),
        ("campaign", campaign, batch),
        ("busy", busy, batch),
        ("scan", scan, batch),
        ("arrays over many resources", arrays, 50),
    ):
        yield name, [arm_alert(each, START) for each in make(alerts)], size


def isolated(count: int) -> Iterator[Happening]:
    """Alerts with three keys each (machine, account, address), none of which another has."""
    for number in range(count):
        entities = (account(f"user{number}"), address(_address(number)))
        yield Happening(number % 300, *_kind(number), machine(f"vm{number:05d}"), entities)


def on_one(count: int, burst: int) -> Iterator[Happening]:
    """Bursts, each of so many alerts on one resource, with its host and its account."""
    for number in range(count):
        name = f"vm{number // burst:05d}"
        entities = (host(name), account(f"{name}-owner"))
        minute = number % burst / 20
        yield Happening(minute, *_kind(number), machine(name), entities)


def campaign(count: int) -> Iterator[Happening]:
    """An attack over a fifth as many machines: groups share an address, neighbours an account."""
    machines = count // 5
    for number in range(count):
        which = number % machines
        shared = account(f"admin{(which + GROUP // 2) // GROUP}")
        entities = (address(_address(which // GROUP)), shared)
        minute = number // machines * 20 + which / machines
        yield Happening(minute, *_kind(number // machines), machine(f"vm{which:05d}"), entities)


def busy(count: int) -> Iterator[Happening]:
    """Alerts on a twentieth as many machines in turn, each with an account of its own."""
    machines = count // 20
    for number in range(count):
        name = f"vm{number % machines:05d}"
        entities = (host(name), account(f"{name}-owner"))
        yield Happening(number // machines * 7, *_kind(number // machines), machine(name), entities)


def scan(count: int) -> Iterator[Happening]:
    """Alerts over a fifth as many machines that one address visits: it becomes common."""
    machines = count // 5
    for number in range(count):
        which = number % machines
        minute = number // machines * 20 + which / machines
        entities = (address(_address(0)),)
        yield Happening(minute, *_kind(number // machines), machine(f"vm{which:05d}"), entities)


def arrays(count: int) -> Iterator[Happening]:
    """Alerts of which each fifty, one message, are of as many resources out of two hundred."""
    for number in range(count):
        name = f"vm{number * 7 % 200:05d}"
        yield Happening(number / 10, *_kind(number), machine(name), (account(f"{name}-owner"),))


def _address(number: int) -> str:
    return f"203.0.{113 + number // 256}.{number % 256}"


def _kind(number: int) -> tuple[str, str, str, str]:
    step = number % len(INTENTS)
    return f"Detection {step}", f"T_Detection{step}", "Medium", INTENTS[step]


@dataclass(slots=True)
class Cost:
    """What a load cost: requests and request units by step and kind of request."""

    alerts: int
    requests: dict[tuple[str, str], int] = field(default_factory=dict)
    units: dict[tuple[str, str], float] = field(default_factory=dict)

    def add(self, step: str, span: dict[str, Any]) -> None:
        """Add what a span of the meter counted."""
        for kind, number in span["requests"].items():
            if kind != "total":
                key = (step, kind)
                self.requests[key] = self.requests.get(key, 0) + number
                self.units[key] = self.units.get(key, 0.0) + span["requestUnits"][kind]

    @property
    def requests_an_alert(self) -> float:
        """Requests of all kinds, by the number of alerts, but for the trigger's own polling."""
        own = (number for (step, _), number in self.requests.items() if not step.startswith("feed"))
        return sum(own) / self.alerts


async def measure(
    database: Database,
    settings: Settings,
    alerts: Sequence[dict[str, Any]],
    batch: int,
) -> Cost:
    """Push alerts in arrays, correlate after each `batch` of them, and count."""
    cost, meter = Cost(len(alerts)), Meter(settings.cosmos_connection)
    services, correlator = compose(database), Correlator(database, settings)
    await _warm(services, correlator)
    for first in range(0, len(alerts), batch):
        meter.begin()
        for message in messages(alerts[first : first + batch]):
            await ingest(message, services)
        cost.add("ingest", meter.end())
        meter.begin()
        pages = [page async for page in correlator.alerts.pages()]
        cost.add("feed of alerts", meter.end())
        meter.begin()
        for page in pages:
            await correlator.record(page)
        cost.add("record", meter.end())
        meter.begin()
        pages = [page async for page in correlator.news.pages()]
        cost.add("feed of news", meter.end())
        meter.begin()
        for page in pages:
            await correlator.reconcile(page)
        cost.add("reconcile", meter.end())
    return cost


async def _warm(services: Services, correlator: "Correlator") -> None:
    """What a process asks once: the account, the containers, the rules of suppression."""
    warmth = [
        arm_alert(
            Happening(0, *_kind(0), machine(f"warm{number}"), (host(f"warm{number}"),)), START
        )
        for number in range(4)
    ]
    for message in messages(warmth):
        await ingest(message, services)
    async for page in correlator.alerts.pages():
        await correlator.record(page)
    async for page in correlator.news.pages():
        await correlator.reconcile(page)


def messages(alerts: Sequence[dict[str, Any]]) -> Iterator[Message]:
    """Queue messages, each an array of alerts."""
    for first in range(0, len(alerts), MESSAGE):
        body = json.dumps(alerts[first : first + MESSAGE]).encode()
        yield Message(str(first), body, now())


class Feed:
    """What is new in a container's change feed, in pages as the trigger takes them."""

    def __init__(self, database: Database, container: str, most: int) -> None:
        self._container = database.container(container)
        self._most = most
        self._from: dict[str, Any] = {"start_time": "Beginning"}

    async def pages(self) -> AsyncIterator[list[dict[str, Any]]]:
        """What is new since it was last asked."""
        feed = self._container.query_items_change_feed(**self._from, max_item_count=self._most)
        pages = cast("AsyncPageIterator[dict[str, Any]]", feed.by_page())
        async for page in pages:
            documents = [document async for document in page]
            if documents:
                yield documents
        self._from = {"continuation": pages.continuation_token}


class Correlator:
    """Records and reconciles what is new in the feeds, as the change-feed functions do."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.alerts = Feed(database, ALERTS, FEED_BATCH)
        self.news = Feed(database, NEWS, NEWS_BATCH)
        self._organisation = settings.organisation
        self._services: Correlation = services_of(database, settings, default_policy())

    async def record(self, documents: list[dict[str, Any]]) -> None:
        """Turn a page of alerts into news."""
        await record(documents, self._services.post, _refuse, self._services.readings)

    async def reconcile(self, documents: list[dict[str, Any]]) -> None:
        """Do what a page of news says."""
        news = [news_of(document) for document in documents]
        await self._services.reconciler(self._organisation).run(news)


async def _refuse(unreadable: list[Unreadable]) -> None:
    raise ValueError(f"a document cannot be read: {unreadable[0].reason}")


class Meter:
    """A span of the emulator's meter."""

    def __init__(self, connection: str) -> None:
        endpoint = connection.partition("AccountEndpoint=")[2].partition(";")[0]
        self._at = urlsplit(endpoint).netloc

    def begin(self) -> None:
        """Count from now on."""
        self._ask("PUT")

    def end(self) -> dict[str, Any]:
        """What was counted."""
        return self._ask("DELETE")

    def _ask(self, method: str) -> dict[str, Any]:
        connection = HTTPConnection(self._at, timeout=10)
        connection.request(method, "/_emulator/meter/bench-store")
        answer: dict[str, Any] = json.loads(connection.getresponse().read())
        connection.close()
        return answer


def table(name: str, cost: Cost) -> Table:
    """Requests and estimated request units an alert, by step and kind of request."""
    shown = Table("step", "request", title=f"{name}: {cost.alerts:,} alerts", title_justify="left")
    for column in ("requests", "an alert", "RU an alert"):
        shown.add_column(column, justify="right")
    for (step, kind), number in cost.requests.items():
        units = cost.units[step, kind]
        shown.add_row(step, kind, *_figures(cost.alerts, number, units))
    total = sum(cost.requests.values()), sum(cost.units.values())
    shown.add_section()
    shown.add_row("all", "", *_figures(cost.alerts, *total))
    return shown


def _figures(alerts: int, number: int, units: float) -> tuple[str, str, str]:
    return f"{number:,}", f"{number / alerts:.2f}", f"{units / alerts:.1f}"
