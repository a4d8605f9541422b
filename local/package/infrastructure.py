"""`python -m local.package.infrastructure`: write the containers that the deployment makes.

`infra/cosmos.bicep` reads them from `infra/containers.json`, so that they are defined once, in
`shared.store.definitions`.
"""

import json
from dataclasses import replace
from typing import Any, Final

from local.package.building import ROOT
from shared.settings import Settings
from shared.store.definitions import DAY_SECONDS, Container, containers

FILE: Final = ROOT / "infra" / "containers.json"
RETENTIONS: Final = {
    "ALERT_RETENTION_DAYS": "alert_retention_days",
    "REJECTED_RETENTION_DAYS": "rejected_retention_days",
}
"""Settings that give containers their time to live: name -> the field that they are read into."""


def definitions(settings: Settings) -> list[dict[str, Any]]:
    """Each container as the deployment needs it.

    `retention` names the setting that its time to live comes from, and is empty where none does;
    `defaultTtl` is then the time to live in seconds, -1 for on without a default, 0 for off. Every
    container has both, so that Bicep sees one type.
    """
    return [_definition(each, settings) for each in containers(settings)]


def _definition(container: Container, settings: Settings) -> dict[str, Any]:
    retention = _retention(container.name, settings)
    return {
        "name": container.name,
        "partitionKey": container.partition_key,
        "retention": retention,
        "defaultTtl": 0 if retention else container.ttl or 0,
        "indexingPolicy": container.indexing_policy(),
    }


def _retention(name: str, settings: Settings) -> str:
    """The setting that changes the container's time to live, found by changing each; or none."""
    for setting, field in RETENTIONS.items():
        other = replace(settings, **{field: getattr(settings, field) + 1})
        before, after = (_ttl(name, each) for each in (settings, other))
        if before is not None and after == before + DAY_SECONDS:
            return setting
    return ""


def _ttl(name: str, settings: Settings) -> int | None:
    return next(each.ttl for each in containers(settings) if each.name == name)


def text() -> str:
    """The file's text."""
    return json.dumps({"containers": definitions(Settings())}, indent=2) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
    print(FILE.relative_to(ROOT))
