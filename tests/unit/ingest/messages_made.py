"""Messages that nobody should send, each made from a seed: samples that are broken in every way."""

import base64
import json
from collections.abc import Callable
from random import Random
from typing import Any, Final, TypeAlias

from http_api.queue_messages import MESSAGE_BYTES
from shared.rejection import RejectedId, redrive_message
from tests.unit.ingest import sampling

Maker: TypeAlias = Callable[[Random], bytes]

SAMPLES: Final = [sampling.value(name) for name in sampling.NAMES]
BODIES: Final = [sampling.body(name) for name in sampling.NAMES]
OTHER_TYPES: Final[list[Any]] = [
    None,
    True,
    0,
    -7,
    3.5,
    "",
    " ",
    "\0\0",
    "x" * 3_000,
    "\ud83d",
    "\u2028",
    "{",
    "[1,",
    '{"a": 1}',
    "-",
    [],
    {},
    [None, [[]]],
    [{"$ref": "1"}],
    {"$id": "1", "$ref": "1"},
    {"type": []},
    "T1059",
    "arn:",
    "/subscriptions//",
    "[::1]:99999",
]
NUMBERS: Final = ["1e308", "-1e999", "1" + "0" * 250, "9" * 5_000, "1e15", "0.1e-400", "NaN", "-0"]
DATES: Final[list[Any]] = [
    "0001-01-01T00:00:00Z",
    "0001-01-02T00:00:00+23:59",
    "9999-12-31T23:59:59.9999999Z",
    "9999-12-31T23:59:59-14:00",
    "10000-01-01T00:00:00Z",
    "-0044-03-15T12:00:00Z",
    "1970-01-01T00:00:00Z",
    "2026-02-30T00:00:00Z",
    "2026-03-02T25:61:61Z",
    "2026-W10-1",
    "20260302T101500Z",
    "yesterday",
    0,
    -1,
    1e300,
    253_402_300_800_000,
    "18446744073709551616",
]


def make_message(seed: int) -> bytes:
    """A message of at most 48 KiB."""
    chance = Random(seed)  # noqa: S311 - a test's choice
    return chance.choice(MAKERS)(chance)[:MESSAGE_BYTES]


def changed(value: Any, chance: Random, put: Callable[[Random], Any], share: float) -> Any:
    """A value with a share of its parts replaced by what `put` gives."""
    if chance.random() < share:
        return put(chance)
    if isinstance(value, dict):
        return {name: changed(item, chance, put, share) for name, item in value.items()}
    if isinstance(value, list):
        return [changed(item, chance, put, share) for item in value]
    return value


def written(value: Any) -> bytes:
    return json.dumps(value).encode()


def whole(chance: Random) -> bytes:
    return chance.choice(BODIES)


def cut_off(chance: Random) -> bytes:
    body = chance.choice(BODIES)
    return body[: chance.randrange(len(body))]


def of_wrong_types(chance: Random) -> bytes:
    sample = chance.choice(SAMPLES)
    return written(changed(sample, chance, lambda chance: chance.choice(OTHER_TYPES), 0.08))


def with_huge_numbers(chance: Random) -> bytes:
    """Numbers as JSON writes them, which Python would not write."""
    text = json.dumps(changed(chance.choice(SAMPLES), chance, lambda _: "#", 0.05))
    while '"#"' in text:
        text = text.replace('"#"', chance.choice(NUMBERS), 1)
    return text.encode()


def nested_deeply(chance: Random) -> bytes:
    """A sample with a hole of some depth, closed or not."""
    depth = chance.choice((3, 50, 400, 3_000, 9_000, 24_000))
    opening, closing = chance.choice((("[", "]"), ('{"a":', "}"), ('[{"value":', "}]")))
    hole = opening * depth + "1" + closing * chance.choice((depth, 0))
    text = json.dumps(changed(chance.choice(SAMPLES), chance, lambda _: "#", 0.03))
    return text.replace('"#"', hole, 1).encode() if '"#"' in text else hole.encode()


def of_bad_bytes(chance: Random) -> bytes:
    body = bytearray(chance.choice(BODIES))
    for _ in range(chance.randint(1, 4)):
        body[chance.randrange(len(body))] = chance.randrange(256)
    return bytes(body)


def with_null_bytes(chance: Random) -> bytes:
    body = chance.choice(BODIES)
    at = chance.randrange(len(body))
    return body[:at] + b"\0" * chance.choice((1, 7, 5_000)) + body[at:]


def of_nothing(chance: Random) -> bytes:
    """Up to 48 KiB that say nothing."""
    piece = chance.choice(
        (b"\0", b" ", b"\n", b"x", b"[],", b"{}".ljust(240) + b"\n", b"[", b'"', b"\xff", b"0")
    )
    return piece * (MESSAGE_BYTES // len(piece) // chance.choice((1, 1, 100)))


def of_strange_times(chance: Random) -> bytes:
    """Whatever reads as a time becomes another."""

    def timed(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: timed(item) for name, item in value.items()}
        if isinstance(value, list):
            return [timed(item) for item in value]
        is_time = isinstance(value, str) and value[:2] == "20" and value[4:5] == "-"
        return chance.choice(DATES) if is_time and chance.random() < 0.7 else value

    return written(timed(chance.choice(SAMPLES)))


def of_anything(chance: Random) -> bytes:
    def value(depth: int) -> Any:
        kind = chance.randrange(6 if depth else 4)
        if kind < 3:
            return chance.choice(OTHER_TYPES)
        if kind == 3:
            return chance.choice(DATES)
        items = [value(depth - 1) for _ in range(chance.randrange(4))]
        return items if kind == 4 else {chance.choice(NAMES): item for item in items}

    return written(value(4))


def several(chance: Random) -> bytes:
    """An array or lines of samples, some changed, in envelopes or not."""
    put = chance.choice(OTHER_TYPES)
    count = chance.randint(2, 8)
    items = [changed(chance.choice(SAMPLES), chance, lambda _: put, 0.02) for _ in range(count)]
    ways: list[Callable[[], bytes]] = [
        lambda: written(items),
        lambda: b"\n".join(map(written, items)),
        lambda: written({chance.choice(NAMES): items}),
        lambda: written([{"message": {"data": base64.b64encode(written(items)).decode()}}]),
        lambda: written({"Records": [{"body": json.dumps(item)} for item in items]}),
    ]
    return chance.choice(ways)()


def of_a_redrive(chance: Random) -> bytes:
    """A redrive of a rejection that there is not, or what only looks like one."""
    message = redrive_message(RejectedId("2026-03-08", f"{chance.randrange(10**9):x}"))
    return message[: chance.choice((len(message), len(message) - 1, 20))]


NAMES: Final = sorted(
    {name for sample in SAMPLES if isinstance(sample, dict) for name in sample}
    | {"value", "Records", "records", "alerts", "tables", "hits", "detail", "data", "redriveOf"}
)
MAKERS: Final[list[Maker]] = [
    whole,
    cut_off,
    of_wrong_types,
    with_huge_numbers,
    nested_deeply,
    of_bad_bytes,
    with_null_bytes,
    of_nothing,
    of_strange_times,
    of_anything,
    several,
    of_a_redrive,
]
