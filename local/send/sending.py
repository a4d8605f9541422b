"""Sending messages at a rate, and counting what came of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from local.send.contents import Refusal
from local.send.packing import Packed

MOST_SHOWN: Final = 20


@dataclass(slots=True)
class Tally:
    """What was sent, and what was not."""

    files: int = 0
    alerts: int = 0
    messages: int = 0
    refused: list[Refusal] = field(default_factory=list)

    def lines(self, queue: str) -> list[str]:
        """The summary: counts first, then why something was refused."""
        head = (
            f"{_counted(self.files, 'file')}: {_counted(self.alerts, 'alert')} in"
            f" {_counted(self.messages, 'message')} sent to {queue}; {len(self.refused)} refused"
        )
        shown = [f"  refused: {refusal}" for refusal in self.refused[:MOST_SHOWN]]
        more = len(self.refused) - len(shown)
        return [head, *shown, *([f"  and {more} more"] if more else [])]

    def document(self, queue: str) -> dict[str, Any]:
        """The summary for programs, with every refusal."""
        return {
            "queue": queue,
            "files": self.files,
            "alerts": self.alerts,
            "messages": self.messages,
            "refused": [{"place": each.place, "reason": each.reason} for each in self.refused],
        }


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class Pace:
    """A rate in alerts a second, None for as fast as can be; `clock` gives seconds."""

    rate: float | None
    clock: Callable[[], float]
    sleep: Callable[[float], None]

    @property
    def most(self) -> int | None:
        """Alerts that one message may hold: a second's worth, so that they come evenly."""
        return None if self.rate is None else max(1, int(self.rate))

    def wait(self, started: float, sent: int) -> None:
        """Wait until so many alerts may have been sent since the start."""
        if self.rate is not None:
            early = started + sent / self.rate - self.clock()
            if early > 0:
                self.sleep(early)


def send_all(
    packed: Iterable[Packed | Refusal], send: Callable[[bytes], None], pace: Pace, tally: Tally
) -> None:
    """Send each message at the pace, and count it, or the refusal. Raises what `send` raises."""
    started, before = pace.clock(), tally.alerts
    for each in packed:
        if isinstance(each, Refusal):
            tally.refused.append(each)
            continue
        pace.wait(started, tally.alerts - before)
        send(each.body)
        tally.alerts += each.alerts
        tally.messages += 1
