"""host.json: what the host reads of it, with the real host's defaults.

An app setting `AzureFunctionsJobHost__a__b__c` overrides the value at `a.b.c`, as on Azure. A few
fields exist here only, so that tests need not wait for minutes; their descriptions say so.
"""

import json
import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from local.host.errors import SettingsError
from local.host.timespan import TimeSpan

_OVERRIDE = "AzureFunctionsJobHost__"


class _Section(BaseModel):
    """A part of host.json; fields that the local host does not use are ignored."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True, extra="ignore")


class HttpSection(_Section):
    """`extensions.http`."""

    route_prefix: str = "api"


class QueuesSection(_Section):
    """`extensions.queues`. Source of the defaults: `QueuesOptions` of the storage extension."""

    batch_size: int = Field(default=16, ge=1, le=32)
    new_batch_threshold: int | None = Field(default=None, ge=0)
    max_dequeue_count: int = Field(default=5, ge=1)
    visibility_timeout: TimeSpan = timedelta(0)
    max_polling_interval: TimeSpan = Field(
        default=timedelta(seconds=2),
        ge=timedelta(milliseconds=100),
        description="2 s is the default of a development host; on Azure it is one minute",
    )
    message_encoding: Literal["base64", "none"] = "base64"
    receive_visibility: TimeSpan = Field(
        default=timedelta(minutes=10),
        ge=timedelta(seconds=1),
        description="local only: how long a received message is hidden; renewed at half-time",
    )

    @property
    def threshold(self) -> int:
        """At how many running messages the next batch is fetched."""
        if self.new_batch_threshold is not None:
            return self.new_batch_threshold
        return self.batch_size // 2 * (os.cpu_count() or 1)


class CosmosSection(_Section):
    """`extensions.cosmosDB`. Local only: what a trigger that does not say gets, in ms."""

    lease_acquire_interval: int = Field(default=13_000, gt=0)
    lease_renew_interval: int = Field(default=17_000, gt=0)
    lease_expiration_interval: int = Field(default=60_000, gt=0)
    feed_poll_delay: int = Field(default=5_000, gt=0)


class ExtensionsSection(_Section):
    """`extensions`."""

    http: HttpSection = HttpSection()
    queues: QueuesSection = QueuesSection()
    cosmos_db: CosmosSection = Field(default=CosmosSection(), alias="cosmosDB")


class LoggingSection(_Section):
    """`logging`: only the level of everything that has no level of its own."""

    log_level: dict[str, str] = Field(default_factory=dict)


class HostJson(_Section):
    """The whole file."""

    version: Literal["2.0"]
    extensions: ExtensionsSection = ExtensionsSection()
    logging: LoggingSection = LoggingSection()
    function_timeout: TimeSpan | Literal["-1"] = timedelta(minutes=30)

    @property
    def timeout_seconds(self) -> float | None:
        """How long a function may run, or None for ever."""
        limit = self.function_timeout
        return None if isinstance(limit, str) else limit.total_seconds()


def read_host_json(app: Path, settings: Mapping[str, str]) -> HostJson:
    """Read `host.json` of the app's folder and apply the overrides among the settings.

    Raises:
        SettingsError: it is missing or wrong; the message names the field.

    """
    path = app / "host.json"
    try:
        raw = json.loads(path.read_text())
    except FileNotFoundError as error:
        raise SettingsError(f"{path} is missing: a function app needs it") from error
    except ValueError as error:
        raise SettingsError(f"{path} is no JSON: {error}") from error
    for name, value in settings.items():
        if name.startswith(_OVERRIDE):
            _override(raw, name.removeprefix(_OVERRIDE).split("__"), value)
    try:
        return HostJson.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"host.json: {field}: {first['msg']}") from error


def _override(tree: dict[str, Any], keys: list[str], value: str) -> None:
    *parents, last = keys
    for key in parents:
        tree = tree.setdefault(key, {})
    tree[last] = value
