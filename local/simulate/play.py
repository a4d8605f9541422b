"""A scenario with its noise, as the messages that tools would send, and the truth about them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson

from ingest_alert.reading import read_message
from ingest_alert.registry import parse_alert
from local.simulate.cast import Cast
from local.simulate.noise import noise
from local.simulate.scenarios import Scenario
from local.simulate.step import Alert, Stamp, Step
from shared.alert_versions import version_of
from shared.times import MINUTE

JITTER_MINUTES: Final = 3.0
"""By how much a step may be late; steps of one stage may change places by it."""


class Labelled(NamedTuple):
    """An alert with its time (ms since 1970), its id, and the true incident, None for noise.

    The id is what the service knows it by. `again` tells that it came before through another
    channel, which may have stated another id: `id` is that of the older version.
    """

    at: int
    id: str
    alert: Alert
    incident: str | None
    again: bool = False

    @property
    def message(self) -> bytes:
        """The alert as JSON."""
        return orjson.dumps(self.alert)

    @property
    def truth_line(self) -> bytes:
        """The truth as `python -m local backtest --truth` reads it."""
        return orjson.dumps({"alertId": self.id, "incident": self.incident})


@dataclass(frozen=True, slots=True)
class Play:
    """Alerts in order of time."""

    alerts: tuple[Labelled, ...]

    @property
    def messages(self) -> tuple[bytes, ...]:
        """Each alert as JSON."""
        return tuple(each.message for each in self.alerts)

    @property
    def truth(self) -> dict[str, str | None]:
        """For each alert's id the incident it belongs to, or None."""
        return {each.id: each.incident for each in self.alerts}

    @property
    def attack(self) -> set[str]:
        """The ids of the attack's alerts."""
        return {each.id for each in self.alerts if each.incident is not None}


def play(scenario: Scenario, *, seed: int, ratio: float, start: int) -> Play:
    """The attack from an instant on, and `ratio` times as many alerts of noise around it.

    The same arguments give the same bytes. Raises ValueError for more noise than there are names.
    """
    chance = Random(f"{scenario.name}/{seed}/{start}")  # noqa: S311 - sample data, no secret
    cast = Cast(chance)
    attack = scenario.steps(cast)
    others = noise(round(ratio * len(attack)), attack, cast, chance)
    timed = late(attack, scenario.name, chance)
    timed += [(step.minute, step, None) for step in others]
    return Play(tuple(performed(timed, start=start, chance=chance)))


Timed = tuple[float, Step, str | None]
"""The minute, the step, and the incident that it belongs to."""


def late(steps: Iterable[Step], incident: str, chance: Random) -> list[Timed]:
    """The steps of an attack, each a little late, with the names of their incidents."""
    return [
        (
            step.minute + chance.random() * JITTER_MINUTES,
            step,
            f"{incident}/{step.part}" if step.part else incident,
        )
        for step in steps
    ]


def performed(timed: Iterable[Timed], *, start: int, chance: Random) -> Iterator[Labelled]:
    """The alerts that the tools raise about steps, in order of time."""
    for minute, step, incident in sorted(timed, key=lambda each: each[0]):
        identifier = str(UUID(int=chance.getrandbits(128), version=4))
        at = start + int(minute * MINUTE)
        stamp = Stamp(identifier, at)
        alert = step.writer(step, stamp)
        copies = [alert] if step.also is None else [alert, step.also(step, stamp)]
        known_by = _source_id(copies)
        for number, copy in enumerate(copies):
            yield Labelled(at, known_by, copy, incident, again=number > 0)


def _source_id(copies: Iterable[Any]) -> str:
    """The id by which a backtest knows an alert: that of its oldest version, as parsers read it."""
    parsed = [
        parse_alert(payload) for copy in copies for payload in read_message(orjson.dumps(copy))
    ]
    return min(parsed, key=version_of).source_id
