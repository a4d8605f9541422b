"""The containers: partition keys, time to live, and what is indexed.

Only what lists filter and order by is indexed, and each list order has its composite index. The
deployment is tested against these same definitions.
"""

from dataclasses import dataclass
from typing import Any, Final

from shared.settings import Settings

ALERTS: Final = "alerts"
NEWS: Final = "news"
INCIDENTS: Final = "incidents"
REJECTED: Final = "rejected"
LEASES: Final = "leases"
RULES: Final = "suppressions"
FORMATS: Final = "formats"

DAY_SECONDS: Final = 86_400
NEWS_DAYS: Final = 14
"""How long news is kept: far longer than the change feed ever lags."""


@dataclass(frozen=True, slots=True)
class Container:
    """One container. `ttl` is in seconds, -1 for on but without a default, None for off.

    `orders` are composite indexes: each a tuple of paths, all descending.
    """

    name: str
    partition_key: str
    ttl: int | None
    indexed: tuple[str, ...] = ()
    orders: tuple[tuple[str, ...], ...] = ()

    def indexing_policy(self) -> dict[str, Any]:
        """The policy as Cosmos DB takes it: the named paths and nothing else."""
        return {
            "indexingMode": "consistent",
            "automatic": True,
            "includedPaths": [{"path": path} for path in self.indexed],
            "excludedPaths": [{"path": "/*"}],
            "compositeIndexes": [
                [{"path": path, "order": "descending"} for path in order] for order in self.orders
            ],
        }


def containers(settings: Settings) -> tuple[Container, ...]:
    """All containers; the retention settings give their time to live."""
    retention = settings.alert_retention_days * DAY_SECONDS
    return (
        Container(
            ALERTS,
            "/bucket",
            retention,
            indexed=(
                "/bucket/?",
                "/type/?",
                "/organisation/?",
                "/entity/?",
                "/takesPart/?",
                "/severityRank/?",
                "/status/?",
                "/source/?",
                "/tactics/[]/?",
                "/keys/[]/?",
                "/startTimeUtc/?",
                "/endTimeUtc/?",
                "/receivedTimeUtc/?",
                "/updatedUtc/?",
                "/hour/?",
                "/assignedTo/?",
                "/labels/[]/?",
            ),
            orders=(
                ("/entity", "/startTimeUtc", "/id"),
                ("/startTimeUtc", "/id"),
                ("/endTimeUtc", "/id"),
                ("/severityRank", "/id"),
                ("/receivedTimeUtc", "/id"),
                ("/updatedUtc", "/id"),
            ),
        ),
        Container(
            NEWS, "/organisation", NEWS_DAYS * DAY_SECONDS, indexed=("/organisation/?", "/kind/?")
        ),
        Container(
            INCIDENTS,
            "/organisation",
            -1,
            indexed=(
                "/organisation/?",
                "/type/?",
                "/incidentId/?",
                "/entity/?",
                "/day/?",
                "/incidents/[]/?",
                "/visible/?",
                "/severityRank/?",
                "/confidenceRank/?",
                "/status/?",
                "/score/?",
                "/stages/[]/?",
                "/sources/[]/?",
                "/keys/[]/?",
                "/firstActivityUtc/?",
                "/lastActivityUtc/?",
                "/createdUtc/?",
                "/updatedUtc/?",
                "/assignedTo/?",
                "/labels/[]/?",
                "/atUtc/?",
                "/seq/?",
            ),
            orders=(
                ("/organisation", "/lastActivityUtc", "/id"),
                ("/organisation", "/severityRank", "/id"),
                ("/organisation", "/score", "/id"),
                ("/organisation", "/createdUtc", "/id"),
                ("/organisation", "/updatedUtc", "/id"),
                ("/organisation", "/atUtc", "/id"),
            ),
        ),
        Container(
            REJECTED,
            "/day",
            settings.rejected_retention_days * DAY_SECONDS,
            indexed=(
                "/organisation/?",
                "/day/?",
                "/reason/?",
                "/source/?",
                "/atUtc/?",
                "/status/?",
            ),
            orders=(("/atUtc", "/id"),),
        ),
        Container(RULES, "/id", -1, indexed=("/expiresUtc/?",)),
        Container(FORMATS, "/id", -1),
        Container(LEASES, "/id", -1),
    )
