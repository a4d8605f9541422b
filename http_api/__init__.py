"""HTTP triggers: the API under `/api`, and the page at `/`.

`bp` is the blueprint with every route; each noun has a module of its own.
"""

from http_api import (
    alert_facets,
    alerts,
    by_hand,
    contract,
    entities,
    exporting,
    facets,
    feed,
    health,
    incidents,
    intake,
    rejected,
    site,
    summary,
    suppressions,
)
from http_api.blueprint import bp

__all__ = [
    "alert_facets",
    "alerts",
    "bp",
    "by_hand",
    "contract",
    "entities",
    "exporting",
    "facets",
    "feed",
    "health",
    "incidents",
    "intake",
    "rejected",
    "site",
    "summary",
    "suppressions",
]
