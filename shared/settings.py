"""Settings, read once from the environment, cast, and refused by name when they are wrong."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


class SettingError(ValueError):
    """A setting is missing or has a value that cannot be used; the message names it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the app is told from outside. See `docs/operations.md` for each setting.

    `cosmos_connection` is empty where a managed identity connects to `cosmos_endpoint`;
    `cosmos_client_id` names a user-assigned one. `alert_buckets` is how many partitions `alerts`
    has: it is chosen before the first alert, since an alert is found by it. `tenants` are
    pairs of a source's tenant, in lower case, and the organisation that it belongs to.
    """

    cosmos_connection: str = field(default="", repr=False)
    cosmos_endpoint: str = ""
    cosmos_client_id: str = ""
    database: str = "incidents"
    create_containers: bool = False
    alert_retention_days: int = 90
    alert_buckets: int = 4
    organisation: str = "main"
    rejected_retention_days: int = 30
    page_limit: int = 500
    cursor_key: str = field(default="", repr=False)
    own_networks: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    tenants: tuple[tuple[str, str], ...] = ()


_NAME: Final = re.compile(r"[a-z][a-z0-9]{0,19}")
_MANAGED_IDENTITY: Final = "managedidentity"
_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"0", "false", "no", "off", ""})


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings in an environment.

    Raises SettingError naming the first setting that is missing or cannot be cast.
    """
    connection = environment.get("COSMOS", "")
    return Settings(
        cosmos_connection=connection,
        cosmos_endpoint="" if connection else _endpoint(environment),
        cosmos_client_id=environment.get("COSMOS__clientId", "").strip(),
        database=environment.get("COSMOS_DATABASE", "") or "incidents",
        create_containers=_flag(environment, "CREATE_CONTAINERS", default=False),
        alert_retention_days=_whole(environment, "ALERT_RETENTION_DAYS", 90, 1, 3_650),
        alert_buckets=_whole(environment, "ALERT_BUCKETS", 4, 1, 256),
        organisation=_name(environment, "ORGANISATION", "main"),
        rejected_retention_days=_whole(environment, "REJECTED_RETENTION_DAYS", 30, 1, 3_650),
        page_limit=_whole(environment, "PAGE_LIMIT", 500, 1, 500),
        cursor_key=environment.get("CURSOR_KEY", ""),
        own_networks=_networks(environment, "OWN_NETWORKS"),
        proxies=_listed(environment, "PROXIES"),
        tenants=_tenants(environment, "TENANTS"),
    )


def _endpoint(environment: Mapping[str, str]) -> str:
    """The account to connect to with a managed identity, by the names the trigger's own uses."""
    endpoint = environment.get("COSMOS__accountEndpoint", "").strip()
    if not endpoint:
        raise SettingError(
            "COSMOS is not set: give a Cosmos DB connection string, or COSMOS__accountEndpoint"
            " to connect with a managed identity"
        )
    if not endpoint.startswith("https://"):
        raise SettingError(
            f"COSMOS__accountEndpoint is {endpoint!r}: an https URL is needed,"
            " such as https://<account>.documents.azure.com/"
        )
    credential = environment.get("COSMOS__credential", "").strip()
    if credential.lower() not in ("", _MANAGED_IDENTITY):
        raise SettingError(f"COSMOS__credential is {credential!r}: use {_MANAGED_IDENTITY}")
    return endpoint


def _whole(environment: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = environment.get(name, "").strip()
    if not text:
        return default
    try:
        number = int(text)
    except ValueError:
        raise SettingError(f"{name} is {text!r}: a whole number is needed") from None
    if not least <= number <= most:
        raise SettingError(f"{name} is {number}: it must lie between {least} and {most}")
    return number


def _name(environment: Mapping[str, str], name: str, default: str) -> str:
    text = environment.get(name, "").strip() or default
    if not _NAME.fullmatch(text):
        raise SettingError(f"{name} is {text!r}: use 1 to 20 lower-case letters and digits")
    return text


def _listed(environment: Mapping[str, str], name: str) -> tuple[str, ...]:
    """The texts of a setting, by commas or spaces."""
    return tuple(environment.get(name, "").replace(",", " ").split())


def _networks(environment: Mapping[str, str], name: str) -> tuple[str, ...]:
    listed = _listed(environment, name)
    for text in listed:
        try:
            ipaddress.ip_network(text, strict=False)
        except ValueError:
            raise SettingError(
                f"{name} holds {text!r}: networks such as 203.0.113.0/24 are needed"
            ) from None
    return listed


def _tenants(environment: Mapping[str, str], name: str) -> tuple[tuple[str, str], ...]:
    """Pairs `tenant=organisation`, by commas or lines."""
    found: dict[str, str] = {}
    for text in environment.get(name, "").replace("\n", ",").split(","):
        if not text.strip():
            continue
        tenant, equals, organisation = (part.strip() for part in text.rpartition("="))
        if not (tenant and equals and _NAME.fullmatch(organisation)):
            raise SettingError(
                f"{name} holds {text.strip()!r}: tenant=organisation is needed, the organisation of"
                " 1 to 20 lower-case letters and digits"
            )
        if found.setdefault(tenant.lower(), organisation) != organisation:
            raise SettingError(f"{name} assigns {tenant!r} to two organisations")
    return tuple(found.items())


def _flag(environment: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = environment.get(name)
    if text is None:
        return default
    word = text.strip().lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise SettingError(f"{name} is {text!r}: use true or false")
