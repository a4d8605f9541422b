"""The whole of handling in memory: the real writers over containers that are none."""

import json

from ingest_alert.handling import Message, Services, Tally, ingest
from shared.alert_versions import Keeping
from shared.store.alert_writes import AlertWriter
from shared.store.rejected import RejectedStore
from tests.unit.ingest.fakes import NOW, Rules
from tests.unit.shared.fake_container import FakeContainer


class Store:
    """Handling, and what it has written."""

    def __init__(self, now: int = NOW, keeping: Keeping = Keeping()) -> None:  # noqa: B008 - frozen
        self.now = now
        self.alerts = FakeContainer()
        self.rejected = FakeContainer("day")
        self.services = Services(
            alerts=AlertWriter(self.alerts.database, keeping),
            rejected=RejectedStore(self.rejected.database),
            rules=Rules(),
            now=lambda: self.now,
        )

    async def push(self, body: bytes, name: str) -> Tally:
        return await ingest(Message(name, body, self.now), self.services)

    def check(self) -> None:
        """Whether every document is one that the real store could take."""
        for container in (self.alerts, self.rejected):
            for document in container.documents.values():
                text = json.dumps(document, allow_nan=False, separators=(",", ":"))
                assert len(text.encode()) < 2_000_000
