"""How alerts share messages: by size, by rate, and never a message that a queue refuses."""

import base64
import json

import pytest

from local.send.contents import Item, Refusal
from local.send.packing import MESSAGE_BYTES, Packed, pack

QUEUE_LIMIT = 64 * 1024


def item(size: int) -> Item:
    return Item("f", b'{"x":"' + b"y" * (size - 8) + b'"}')


def counts(sizes: list[int], most: int | None = None) -> list[int]:
    """How many alerts each message holds; 0 for a refusal."""
    packed = pack(map(item, sizes), most=most)
    return [each.alerts if isinstance(each, Packed) else 0 for each in packed]


@pytest.mark.parametrize(
    ("sizes", "most", "expected"),
    [
        pytest.param([], None, [], id="nothing"),
        pytest.param([100], None, [1], id="one"),
        pytest.param([100] * 5, None, [5], id="all in one"),
        pytest.param([MESSAGE_BYTES], None, [1], id="one that just fits"),
        pytest.param([MESSAGE_BYTES + 1], None, [0], id="one byte too many"),
        pytest.param([100, MESSAGE_BYTES + 1, 100], None, [0, 2], id="others go on"),
        pytest.param([100, MESSAGE_BYTES - 103], None, [2], id="two that just fit"),
        pytest.param([100, MESSAGE_BYTES - 102], None, [1, 1], id="two that just do not"),
        pytest.param([100] * 5, 2, [2, 2, 1], id="no more than asked for"),
    ],
)
def test_alerts_share_a_message_while_they_fit(
    sizes: list[int], most: int | None, expected: list[int]
) -> None:
    assert counts(sizes, most) == expected


def test_every_message_fits_the_queue_and_holds_its_alerts_in_order() -> None:
    items = [Item("f", json.dumps({"n": n, "x": "y" * (n * 37 % 9_000)}).encode())
             for n in range(200)]  # fmt: skip
    packed = [each for each in pack(items) if isinstance(each, Packed)]
    assert all(len(base64.b64encode(each.body)) <= QUEUE_LIMIT for each in packed)
    found = [json.loads(each.body) for each in packed]
    assert [alert["n"] for alerts in found for alert in alerts] == list(range(200))


def test_a_refusal_says_how_large_it_is_and_what_to_do() -> None:
    (refused,) = pack([item(MESSAGE_BYTES + 1)])
    assert isinstance(refused, Refusal)
    assert str(refused) == (
        "f: the alert has 49,153 bytes, and a queue message takes 49,152:"
        " shorten its longest fields at the source"
    )


def test_what_could_not_be_read_passes_through() -> None:
    refusal = Refusal("f", "no JSON")
    assert list(pack([refusal])) == [refusal]
