"""The bindings that the host runs, validated at the edge.

Each model reads one element of a function's `function.json`. A binding of another type is refused
by name, because a host that silently ignores it would let an app pass that fails on Azure.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

Name = Annotated[str, StringConstraints(min_length=1)]


class _Binding(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, frozen=True, extra="ignore")

    name: str
    data_type: Literal["UNDEFINED", "STRING", "BINARY", "STREAM"] | None = None


class QueueTrigger(_Binding):
    """`queueTrigger`."""

    type: Literal["queueTrigger"]
    queue_name: Name
    connection: str = "AzureWebJobsStorage"


class CosmosTrigger(_Binding):
    """`cosmosDBTrigger`; intervals in milliseconds, None = the host's default."""

    type: Literal["cosmosDBTrigger"]
    connection: Name
    database_name: Name
    container_name: Name
    lease_connection: str | None = None
    lease_database_name: str | None = None
    lease_container_name: str = "leases"
    create_lease_container_if_not_exists: bool = False
    lease_container_prefix: str = ""
    feed_poll_delay: int | None = Field(default=None, gt=0)
    lease_acquire_interval: int | None = Field(default=None, gt=0)
    lease_renew_interval: int | None = Field(default=None, gt=0)
    lease_expiration_interval: int | None = Field(default=None, gt=0)
    max_items_per_invocation: int | None = Field(default=None, gt=0)
    start_from_beginning: bool = False
    start_from_time: datetime | None = None


class HttpTrigger(_Binding):
    """`httpTrigger`; no methods = all of them."""

    type: Literal["httpTrigger"]
    route: str = ""
    methods: tuple[str, ...] = ()
    auth_level: Literal["ANONYMOUS", "FUNCTION", "ADMIN"] = "FUNCTION"


class TimerTrigger(_Binding):
    """`timerTrigger`."""

    type: Literal["timerTrigger"]
    schedule: Name
    run_on_startup: bool = False
    use_monitor: bool = True


class HttpOutput(_Binding):
    """`http`: the response."""

    type: Literal["http"]


class QueueOutput(_Binding):
    """`queue`: messages to send."""

    type: Literal["queue"]
    queue_name: Name
    connection: str = "AzureWebJobsStorage"


Trigger = QueueTrigger | CosmosTrigger | HttpTrigger | TimerTrigger
Output = HttpOutput | QueueOutput

TRIGGERS: dict[str, type[Trigger]] = {
    "queueTrigger": QueueTrigger,
    "cosmosDBTrigger": CosmosTrigger,
    "httpTrigger": HttpTrigger,
    "timerTrigger": TimerTrigger,
}
OUTPUTS: dict[str, type[Output]] = {"http": HttpOutput, "queue": QueueOutput}
