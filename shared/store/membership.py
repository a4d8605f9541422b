"""Which incidents alerts belong to, and why one belongs to none."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from azure.cosmos import exceptions

from shared.alert import Finding
from shared.store.client import Database
from shared.store.definitions import INCIDENTS
from shared.store.incident_alerts import part_of, place
from shared.store.incident_reads import IncidentReads
from shared.store.queries import Document
from shared.times import DAY, HOUR, parse_time

SUPPRESSED: Final = "A suppression rule dismissed it, so it takes no part in correlation."
NO_ATTACK: Final = "It tells of no attack, so it takes no part in correlation."
NOT_YET: Final = "It has not been correlated yet: that follows within seconds of its arrival."
NO_STAGE: Final = "It names no stage of the kill chain, and the alerts tied to it make no incident."
BY_CHANCE: Final = (
    "It and the alerts tied to it are nothing that chance would not make: together they are not"
    " rare enough to be an incident."
)


@dataclass(frozen=True, slots=True)
class Belonging:
    """The incident that an alert is in, as it is mentioned, and as which part of it; or none."""

    incident: Document | None = None
    part: str = ""


OUTSIDE: Final = Belonging()


class Membership:
    """Looks up where alerts belong. `database` is not closed here."""

    def __init__(self, database: Database, incidents: IncidentReads) -> None:
        self._documents = database.container(INCIDENTS)
        self._incidents = incidents

    async def of_alerts(self, alerts: Sequence[Document]) -> list[Belonging]:
        """Where each of some alerts of one or more organisations belongs, in their order.

        Two requests an organisation, however many alerts, as long as no incident was absorbed.
        """
        found: dict[str, Belonging] = {}
        for own in sorted({alert["organisation"] for alert in alerts}):
            some = [each for each in alerts if each["organisation"] == own and each["takesPart"]]
            found |= await self._of_organisation(own, some)
        return [found.get(alert["id"], OUTSIDE) for alert in alerts]

    async def _of_organisation(self, own: str, alerts: Iterable[Document]) -> dict[str, Belonging]:
        covered: dict[str, tuple[Document, Mapping[str, object]]] = {}
        by_entity: dict[str, list[Document]] = {}
        for alert in alerts:
            by_entity.setdefault(alert["entity"], []).append(alert)
        if not by_entity:
            return {}
        for entity, intervals in (await self._incidents.coverage(own, by_entity)).items():
            for alert in by_entity[entity]:
                interval = covering(alert, intervals)
                if interval is not None:
                    covered[alert["id"]] = alert, interval
        names = {str(interval["incident"]) for _, interval in covered.values()}
        mentions = await self._incidents.mentions(own, names) if names else {}
        return {
            name: Belonging(mentions[incident], part_of(alert, interval))
            for name, (alert, interval) in covered.items()
            if (incident := str(interval["incident"])) in mentions
        }

    async def why_outside(self, alert: Document) -> str:
        """Why an alert is in no incident, as a sentence."""
        if alert.get("suppressedBy"):
            return SUPPRESSED
        if alert["finding"] != Finding.ATTACK:
            return NO_ATTACK
        if not await self._is_known(alert):
            return NOT_YET
        return BY_CHANCE if alert.get("tactics") else NO_STAGE

    async def _is_known(self, alert: Document) -> bool:
        """Whether correlation has taken the alert in."""
        start = parse_time(alert["startTimeUtc"])
        name = f"a-{alert['entity']}-{start // DAY}"
        try:
            activity = await self._documents.read_item(name, alert["organisation"])
        except exceptions.CosmosResourceNotFoundError:
            return False
        return any(
            (cell["sid"], cell["hour"]) == (alert["sid"], start // HOUR)
            for cell in activity["cells"]
        )


def covering(alert: Document, intervals: Iterable[Document]) -> Document | None:
    """The interval that an alert stands in."""
    at = list(place(alert))
    return next((each for each in intervals if each["first"] <= at <= each["last"]), None)
