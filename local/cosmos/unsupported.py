"""What the service has and the emulator has not: each answers 501 and is listed for users.

`COMPATIBILITY.md` carries the table that `render` makes; a test holds one against the other.
"""

from __future__ import annotations

from typing import Final

SCRIPTS: Final = {
    "sprocs": "stored procedures",
    "triggers": "triggers",
    "udfs": "user-defined functions",
    "clientencryptionkeys": "client encryption keys",
    "schemas": "schemas",
}
POLICIES: Final = {
    "vectorEmbeddingPolicy": "vector search",
    "fullTextPolicy": "full-text search",
    "computedProperties": "computed properties",
    "clientEncryptionPolicy": "client-side encryption policies",
    "materializedViewDefinition": "global secondary indexes",
}
FUNCTIONS: Final = {
    "VECTORDISTANCE": "vector search",
    "FULLTEXTCONTAINS": "full-text search",
    "FULLTEXTCONTAINSALL": "full-text search",
    "FULLTEXTCONTAINSANY": "full-text search",
    "FULLTEXTSCORE": "full-text search",
    "RRF": "hybrid search",
    "ST_AREA": "geospatial functions",
    "ST_DISTANCE": "geospatial functions",
    "ST_INTERSECTS": "geospatial functions",
    "ST_ISVALID": "geospatial functions",
    "ST_ISVALIDDETAILED": "geospatial functions",
    "ST_WITHIN": "geospatial functions",
    "DOCUMENTID": "the function DOCUMENTID",
}
ALL_VERSIONS: Final = "the change feed of all versions and deletes"


def render() -> str:
    """The table of features, each with what asks for it."""
    asked: dict[str, list[str]] = {}
    for name, feature in SCRIPTS.items():
        asked.setdefault(feature, []).append(f"paths under `{name}`")
    for name, feature in POLICIES.items():
        asked.setdefault(feature, []).append(f"`{name}` in a container's definition")
    for name, feature in FUNCTIONS.items():
        asked.setdefault(feature, []).append(f"`{name}` in a query")
    asked["user-defined functions"].append("`udf.…` in a query")
    asked[ALL_VERSIONS] = ["`A-IM: Full-Fidelity Feed`"]
    rows = [f"| {feature} | {', '.join(asked[feature])} |" for feature in sorted(asked)]
    return "\n".join(["| feature | asked for by |", "|---|---|", *rows])
