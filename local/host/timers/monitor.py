"""The schedule monitor: remembers when a timer last fired, and tells at a start what was missed.

The rules are those of the timers extension's `ScheduleMonitor.CheckPastDueAsync`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from local.host.timers.cron import Cron

#: What .NET writes for a time that never was.
_NEVER = "0001-01-01T00:00:00"


@dataclass(frozen=True, slots=True)
class ScheduleStatus:
    """When a timer last fired (None = never), is due next, and what `next` was worked out from."""

    last: datetime | None
    next: datetime
    last_updated: datetime | None

    def describe(self) -> dict[str, str]:
        """Return it as the function and the stored status have it."""
        return {
            "Last": self.last.isoformat() if self.last else _NEVER,
            "Next": self.next.isoformat(),
            "LastUpdated": self.last_updated.isoformat() if self.last_updated else _NEVER,
        }

    @classmethod
    def parse(cls, stored: Mapping[str, Any]) -> "ScheduleStatus":
        """Read what `describe` gave.

        Raises:
            KeyError, ValueError: it is something else.

        """
        return cls(
            last=_moment(stored["Last"]),
            next=datetime.fromisoformat(stored["Next"]),
            last_updated=_moment(stored["LastUpdated"]),
        )

    @classmethod
    def after(cls, fired: datetime, schedule: Cron) -> "ScheduleStatus":
        """Return the status once a timer has fired."""
        return cls(fired, schedule.next_after(fired), fired)


class StatusStore(Protocol):
    """Keeps the status of one timer across restarts."""

    def read(self) -> ScheduleStatus | None:
        """Return it; None = nothing has been kept yet."""

    def write(self, status: ScheduleStatus) -> None:
        """Keep it. A fault is logged, not raised: the real host does its best and goes on."""


def is_monitored(schedule: Cron) -> bool:
    """Whether the schedule is kept: not one that fires more often than once a minute."""
    return not (schedule.is_every_minute and len(schedule.seconds) > 1)


def checked(status: ScheduleStatus | None, schedule: Cron, now: datetime) -> ScheduleStatus:
    """Return the status to go on from: the kept one, unless there is none or the schedule changed.

    It is past due when its `next` lies before now. A changed schedule never is: what it would have
    done in the past is nothing that was missed.
    """
    if status is None:
        return ScheduleStatus(None, schedule.next_after(now), now)
    since = status.last or status.last_updated or now
    expected = schedule.next_after(since)
    if status.next == expected:
        return status
    if now > expected:
        return ScheduleStatus(None, schedule.next_after(now), now)
    return replace(status, last=None, next=expected, last_updated=since)


def _moment(text: str) -> datetime | None:
    return None if text == _NEVER else datetime.fromisoformat(text)
