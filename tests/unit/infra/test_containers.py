"""The deployment's containers are the app's."""

import json

from local.package.infrastructure import FILE, RETENTIONS, definitions, text
from shared.settings import Settings
from shared.store.definitions import DAY_SECONDS, containers


def test_the_file_is_fresh() -> None:
    assert FILE.read_text(encoding="utf-8") == text(), "run python -m local.package.infrastructure"


def test_every_container_is_deployed_as_the_app_makes_it() -> None:
    settings = Settings(alert_retention_days=7, rejected_retention_days=3)
    deployed = {each["name"]: each for each in json.loads(FILE.read_text())["containers"]}
    expected = {each.name: each for each in containers(settings)}
    assert deployed.keys() == expected.keys()
    for name, container in expected.items():
        each = deployed[name]
        assert each["partitionKey"] == container.partition_key
        assert each["indexingPolicy"] == container.indexing_policy()
        field = RETENTIONS.get(each["retention"], "")
        days = getattr(settings, field) if field else 0
        assert (days * DAY_SECONDS or each["defaultTtl"] or None) == container.ttl, name


def test_both_settings_that_give_a_time_to_live_are_found() -> None:
    assert {each["retention"] for each in definitions(Settings())} == {"", *RETENTIONS}
