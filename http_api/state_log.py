"""What is told of a change of an incident's state: a log line, and a measurement."""

import logging
from typing import Final

from shared.log_lines import line
from shared.store.queries import Document
from shared.store.triage import CLOSED, Outcome
from shared.telemetry import INCIDENTS, Telemetry

_LOG: Final = logging.getLogger("http_api")


def log_state_change(document: Document, outcome: Outcome, telemetry: Telemetry) -> None:
    """Tell that people closed or reopened an incident; `document` is what it was before.

    Who did it, and what they wrote, is in the incident's history and in no log.
    """
    before, after = document["status"], outcome.set.get("status", document["status"])
    if (before in CLOSED) == (after in CLOSED):
        return
    what = "closed" if after in CLOSED else "reopened"
    telemetry.add(INCIDENTS, change=what)
    _LOG.info(line(what, incident=document["incidentId"], status=after))
