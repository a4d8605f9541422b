"""HTTP triggers: the API under `/api`, and the page at `/`.

`bp` is the blueprint with every route; each noun has a module of its own.
"""

from http_api import (
    alert_facets,
    alerts,
    contract,
    decisions,
    entities,
    exporting,
    facets,
    feed,
    formats,
    health,
    incidents,
    ingestion,
    me,
    previews,
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
    "contract",
    "decisions",
    "entities",
    "exporting",
    "facets",
    "feed",
    "formats",
    "health",
    "incidents",
    "ingestion",
    "me",
    "previews",
    "rejected",
    "site",
    "summary",
    "suppressions",
]
