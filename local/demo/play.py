"""Playing the story: push each act, wait until it has arrived, show what it has become."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from azure.storage.queue import BinaryBase64EncodePolicy, QueueClient

from local.api import Api
from local.demo.show import Show
from local.demo.story import EXPECTED, Act, Expected

PATIENCE_SECONDS: Final = 45.0
POLL_SECONDS: Final = 0.2


class MissingError(Exception):
    """What was expected did not come; the message says what."""


@dataclass(slots=True)
class Play:
    """The demo on a running stack."""

    api: Api
    queue: QueueClient
    show: Show
    shown: dict[str, str] = field(default_factory=dict)
    stored: int = 0

    def act(self, act: Act, expected_stored: int) -> None:
        """Push an act's messages, and wait until they are stored and correlated as they should."""
        self.show.act(act)
        for message in act.messages:
            self.queue.send_message(message)
        self._until(lambda: self._stored() >= expected_stored, "the alerts to be stored")
        self._until(lambda: self._stages() >= act.stages, f"{act.stages} stages in incidents")
        self._news()

    def finish(self) -> list[str]:
        """Wait for what must come of it all, and return what is missing; nothing if all is well."""
        try:
            self._until(self._as_expected, "the expected incidents")
        except MissingError:
            self._news()
            return [_missing(each) for each in EXPECTED if not self._found(each)]
        self._news()
        return []

    def alone(self) -> list[Any]:
        """The alerts that no incident holds."""
        held = {
            alert["alertId"]
            for incident in self._incidents()
            for alert in self.api.all(f"/api/incidents/{incident['incidentId']}/alerts?limit=500")
        }
        alerts = self.api.all("/api/alerts?limit=500&orderBy=activity")
        return [alert for alert in alerts if alert["alertId"] not in held]

    def _stored(self) -> int:
        self.stored = sum(1 for _ in self.api.all("/api/alerts?limit=500"))
        return self.stored

    def _stages(self) -> int:
        return sum(len(incident["stages"]) for incident in self._incidents())

    def _incidents(self) -> list[Any]:
        return list(self.api.all("/api/incidents?confidence=all"))

    def _news(self) -> None:
        """Show the incidents that are new or have changed."""
        for incident in self._incidents():
            told = f"{incident['stages']} {incident['alertCount']} {incident['resourceCount']}"
            if self.shown.get(incident["incidentId"]) != told:
                new = incident["incidentId"] not in self.shown
                self.shown[incident["incidentId"]] = told
                detail = self.api.get(f"/api/incidents/{incident['incidentId']}")
                self.show.incident(detail, new=new)

    def _as_expected(self) -> bool:
        found = self._incidents()
        return len(found) == len(EXPECTED) and all(self._found(each) for each in EXPECTED)

    def _found(self, expected: Expected) -> bool:
        return sum(_is(incident, expected) for incident in self._incidents()) == 1

    def _until(self, condition: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            if time.monotonic() > end:
                raise MissingError(f"waited {PATIENCE_SECONDS:.0f} s for {what}")
            time.sleep(POLL_SECONDS)


def _is(incident: Any, expected: Expected) -> bool:
    return (
        expected.title_words in incident["title"].lower()
        and incident["confidence"] == expected.confidence
        and tuple(incident["stages"]) == expected.stages
        and incident["resourceCount"] == len(expected.resources)
        and {resource["name"] for resource in incident["resources"]} <= expected.resources
        and incident["alertCount"] == expected.alerts
    )


def _missing(expected: Expected) -> str:
    return (
        f"an incident of {expected.confidence} confidence about {expected.title_words} on"
        f" {', '.join(sorted(expected.resources))} with {expected.alerts} alerts and the stages"
        f" {' → '.join(expected.stages)}"
    )


@contextmanager
def opened(connection: str) -> Iterator[QueueClient]:
    """A client of the `alerts` queue that encodes as the trigger decodes."""
    with QueueClient.from_connection_string(
        connection, "alerts", message_encode_policy=BinaryBase64EncodePolicy()
    ) as queue:
        yield queue
