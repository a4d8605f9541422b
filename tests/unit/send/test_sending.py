"""The pace, the count, and what the summary tells."""

from argparse import ArgumentTypeError, Namespace

import pytest

from local.send.cli import positive, run
from local.send.contents import Refusal
from local.send.packing import Packed
from local.send.sending import MOST_SHOWN, Pace, Tally, send_all


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.time = 100.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


@pytest.mark.parametrize(
    ("rate", "moments", "most"),
    [
        pytest.param(None, [0, 0, 0], None, id="no rate: at once"),
        pytest.param(10.0, [0, 1, 1.5], 10, id="each waits for those before it"),
        pytest.param(0.5, [0, 20, 30], 1, id="less than one a second"),
    ],
)
def test_messages_go_out_at_the_rate_of_their_alerts(
    rate: float | None, moments: list[float], most: int | None
) -> None:
    clock = Clock()
    pace = Pace(rate, clock.now, clock.sleep)
    sent: list[float] = []
    packed = [Packed(b"x", 10), Packed(b"y", 5), Packed(b"z", 1)]
    send_all(packed, lambda _: sent.append(clock.time - 100), pace, Tally())
    assert sent == moments
    assert pace.most == most


def test_what_is_sent_is_counted_and_what_is_refused_is_kept() -> None:
    tally, clock = Tally(files=2), Clock()
    refusal = Refusal("f line 2", "no JSON")
    packed: list[Packed | Refusal] = [Packed(b"x", 3), refusal, Packed(b"y", 1)]
    bodies: list[bytes] = []
    send_all(packed, bodies.append, Pace(None, clock.now, clock.sleep), tally)
    assert bodies == [b"x", b"y"]
    assert tally.lines("alerts") == [
        "2 files: 4 alerts in 2 messages sent to alerts; 1 refused",
        "  refused: f line 2: no JSON",
    ]


def test_the_summary_shows_the_first_refusals() -> None:
    tally = Tally(files=1, refused=[Refusal(f"f line {n}", "no JSON") for n in range(50)])
    lines = tally.lines("alerts")
    assert len(lines) == MOST_SHOWN + 2
    assert lines[-1] == f"  and {50 - MOST_SHOWN} more"


@pytest.mark.parametrize("text", ["0", "-1", "inf", "nan", "fast"])
def test_a_rate_is_a_number_above_nought(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="not a number above 0"):
        positive(text)


@pytest.mark.parametrize(
    ("connection", "reason"),
    [
        pytest.param("nonsense", "--connection is not a storage connection string", id="nonsense"),
        pytest.param(
            "UseDevelopmentStorage=true;QueueEndpoint=http://127.0.0.1:1/devstoreaccount1",
            "start the stack with `python -m local up`",
            id="nobody listens",
        ),
    ],
)
def test_a_queue_that_cannot_be_used_is_told(
    connection: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    args = Namespace(files=["f"], connection=connection, queue="alerts", format="text", rate=None)
    assert run(args) == 2
    assert reason in capsys.readouterr().err


def test_programs_get_every_refusal() -> None:
    refused = [Refusal(f"f line {number}", "why") for number in range(30)]
    told = Tally(files=1, alerts=2, messages=1, refused=refused).document("alerts")
    assert (told["files"], told["alerts"], told["messages"], told["queue"]) == (1, 2, 1, "alerts")
    assert told["refused"][29] == {"place": "f line 29", "reason": "why"}
