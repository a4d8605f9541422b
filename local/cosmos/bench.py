"""`python -m local.cosmos.bench`: the emulator's speed beside a server that answers at once.

The SDK itself costs about a millisecond of CPU a request, so absolute rates say little about a
server. Both servers run in one run, in turns, with the same client: what counts is the ratio.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson
import uvicorn
from azure.cosmos import PartitionKey
from azure.cosmos.aio import CosmosClient

from local.cosmos.api.account import read_account
from local.cosmos.app import read_request

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from azure.cosmos.aio import ContainerProxy

KEY: Final = (
    "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw=="
)
CONCURRENCY: Final = 16
ROUNDS: Final = 3
TARGETS: Final = {"creates": 0.6, "point reads": 0.7}
PAGE_TARGET_MS: Final = 50.0
PAGE: Final = 1_000
INSTANT: Final = "--instant"
CONTAINER: Final = {
    "id": "items",
    "_rid": "AAAAAYAAAAI=",
    "partitionKey": {"paths": ["/pk"], "kind": "Hash", "version": 2},
}
POLICY: Any = {
    "compositeIndexes": [
        [{"path": "/lastActivity", "order": "descending"}, {"path": "/id", "order": "descending"}]
    ]
}


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the report."""

    name: str
    value: str
    target: str
    met: bool


async def answer_at_once(scope: Any, receive: Any, send: Any) -> None:
    """An application that stores nothing: enough of the protocol to satisfy the SDK."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    request = read_request(scope, body)
    status, reply = 200, b"{}"
    if not request.path:
        reply = read_account(request).body
    elif request.path[-1] == "docs":
        status, reply = 201, body
    elif "docs" in request.path:
        reply = orjson.dumps(document(0))
    elif request.path[-2:-1] == ("colls",):
        reply = orjson.dumps(CONTAINER)
    elif request.path[-1] == "pkranges":
        reply = b""
        status = 304
    headers = [(b"content-type", b"application/json"), (b"etag", b'"1"')]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": reply})


def document(number: int) -> dict[str, Any]:
    """An item of about 1 KB."""
    return {
        "id": f"item-{number:07d}",
        "pk": f"pk-{number % 20_000}",
        "severity": ("High", "Medium", "Low", "Low", "Informational")[number % 5],
        "lastActivity": f"2026-{number % 12 + 1:02d}-{number % 28 + 1:02d}T00:00:00.0000000Z",
        "number": number,
        "text": "x" * 800,
    }


@contextmanager
def server(*arguments: str) -> Iterator[str]:
    """A server process of its own; gives its address."""
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", *arguments], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None  # noqa: S101 - it was asked for above
        yield process.stdout.readline().split()[-1]
    finally:
        process.terminate()
        process.wait()


async def rate(count: int, send: Callable[[int], Awaitable[Any]]) -> float:
    """Requests a second with a fixed number of them under way."""
    numbers = iter(range(count))

    async def worker() -> None:
        for number in numbers:
            await send(number)

    begun = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(CONCURRENCY)))
    return count / (time.perf_counter() - begun)


async def compare(instant: str, emulator: str, count: int) -> list[Result]:
    """Creates and point reads against both servers in turns; the best ratio of the rounds."""
    ratios: dict[str, list[tuple[float, float]]] = {name: [] for name in TARGETS}
    async with CosmosClient(instant, KEY) as fast, CosmosClient(emulator, KEY) as real:
        base = fast.get_database_client("bench").get_container_client("items")
        database = await real.create_database("bench")
        own = await database.create_container("items", PartitionKey("/pk"))
        for turn in range(ROUNDS):
            offset = turn * count
            pair = [await rate(count, _create(item, offset)) for item in (base, own)]
            ratios["creates"].append((pair[0], pair[1]))
            pair = [await rate(count, _read(item, offset)) for item in (base, own)]
            ratios["point reads"].append((pair[0], pair[1]))
    return [_ratio(name, pairs) for name, pairs in ratios.items()]


def _create(container: ContainerProxy, offset: int) -> Callable[[int], Awaitable[Any]]:
    return lambda number: container.create_item(document(offset + number))


def _read(container: ContainerProxy, offset: int) -> Callable[[int], Awaitable[Any]]:
    def send(number: int) -> Awaitable[Any]:
        item = document(offset + number)
        return container.read_item(item["id"], item["pk"])

    return send


def _ratio(name: str, pairs: list[tuple[float, float]]) -> Result:
    base, own = max(pairs, key=lambda pair: pair[1] / pair[0])
    target = TARGETS[name]
    text = f"{own:,.0f}/s, {own / base:.2f} of {base:,.0f}/s"
    return Result(name, text, f"at least {target}", own / base >= target)


async def measure_reads(emulator: str, items: int) -> list[Result]:
    """A change-feed page and list queries over many items."""
    async with CosmosClient(emulator, KEY) as client:
        database = await client.create_database("many")
        container = await database.create_container(
            "items", PartitionKey("/pk"), indexing_policy=POLICY
        )
        await rate(items // 100 + 1, _batch(container, items))
        results = [await _page(container)]
        for name, query in QUERIES.items():
            results.append(await _query(name, container, query))
    return results


def _batch(container: ContainerProxy, items: int) -> Callable[[int], Awaitable[Any]]:
    """Each call stores up to a hundred items of one partition."""

    async def send(number: int) -> None:
        numbers = range(number * 100, min(number * 100 + 100, items))
        bodies = [{**document(n), "pk": f"pk-{number}"} for n in numbers]
        if bodies:
            await container.execute_item_batch(
                [("create", (body,)) for body in bodies], f"pk-{number}"
            )

    return send


QUERIES: Final = {
    "list by an indexed path, ordered": (
        "SELECT TOP 51 * FROM c WHERE c.severity = 'High' ORDER BY c.lastActivity DESC, c.id DESC"
    ),
    "list, a page deep inside": (
        "SELECT TOP 51 * FROM c WHERE c.lastActivity < '2026-06-15' OR"
        " (c.lastActivity = '2026-06-15' AND c.id < 'item-0050000')"
        " ORDER BY c.lastActivity DESC, c.id DESC"
    ),
    "count by an indexed path": "SELECT VALUE COUNT(1) FROM c WHERE c.severity = 'High'",
}


async def _page(container: ContainerProxy) -> Result:
    begun = time.perf_counter()
    pages = container.query_items_change_feed(start_time="Beginning", max_item_count=PAGE).by_page()
    count = len([item async for item in await anext(pages)])
    first = (time.perf_counter() - begun) * 1e3
    begun = time.perf_counter()
    count = len([item async for item in await anext(pages)])
    later = (time.perf_counter() - begun) * 1e3
    return _time(f"change-feed page of {count}", min(first, later))


async def _query(name: str, container: ContainerProxy, query: str) -> Result:
    times = []
    for _ in range(ROUNDS + 1):
        begun = time.perf_counter()
        async for _item in container.query_items(query):
            pass
        times.append((time.perf_counter() - begun) * 1e3)
    return _time(name, min(times))


def _time(name: str, milliseconds: float) -> Result:
    met = milliseconds < PAGE_TARGET_MS
    return Result(name, f"{milliseconds:.1f} ms", f"under {PAGE_TARGET_MS:.0f} ms", met)


def serve_instant() -> None:
    """Run the server that answers at once, on a free port, and print its address."""
    sock = socket.create_server(("127.0.0.1", 0))
    print(f"Instant server on http://127.0.0.1:{sock.getsockname()[1]}", flush=True)
    config = uvicorn.Config(
        answer_at_once, loop="uvloop", http="httptools", lifespan="off", log_level="error"
    )
    uvicorn.Server(config).run(sockets=[sock])


def main() -> int:
    """Measure and print the table; returns 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m local.cosmos.bench", description=__doc__)
    parser.add_argument("--requests", type=int, default=3_000, help="in each round")
    parser.add_argument("--items", type=int, default=100_000, help="for the list queries")
    parser.add_argument("--data", default=":memory:", metavar="DIR")
    parser.add_argument(INSTANT, action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.instant:
        serve_instant()
        return 0
    emulator = ("local.cosmos", "--port", "0", "--data", args.data)
    with server("local.cosmos.bench", INSTANT) as instant, server(*emulator) as address:
        results = asyncio.run(compare(instant, address, args.requests))
        results += asyncio.run(measure_reads(address, args.items))
    print(f"{os.cpu_count()} CPUs, one client process, {CONCURRENCY} requests under way\n")
    for result in results:
        print(f"{result.name:34} {result.value:38} {result.target:14} {_verdict(result)}")
    return 0 if all(result.met for result in results) else 1


def _verdict(result: Result) -> str:
    return "met" if result.met else "MISSED"


if __name__ == "__main__":
    raise SystemExit(main())
