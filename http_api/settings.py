"""The settings that only the HTTP API has, beside those in `shared.settings`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from http_api.roles import Role
from shared.settings import SettingError

_TRUE: Final = ("1", "true", "yes", "on")
_FALSE: Final = ("", "0", "false", "no", "off")


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """What the API is told from outside.

    `trust_client_principal`: the platform's authentication is in front of the app.
    `key_roles`: the roles of a caller that only a key let in.
    `origin`: what links to the API begin with, such as `https://alerts.example`; empty where it is
    what the request was sent to.
    """

    trust_client_principal: bool = False
    key_roles: frozenset[Role] = frozenset({Role.ADMIN})
    origin: str = ""


def read_api_settings(environment: Mapping[str, str]) -> ApiSettings:
    """The API's settings in an environment. Raises SettingError naming a bad one."""
    word = environment.get("TRUST_CLIENT_PRINCIPAL", "").strip().lower()
    if word not in (*_TRUE, *_FALSE):
        raise SettingError(f"TRUST_CLIENT_PRINCIPAL is {word!r}: use true or false")
    trust = word in _TRUE
    roles = _key_roles(environment, trust_client_principal=trust)
    return ApiSettings(trust, roles, _origin(environment))


def _origin(environment: Mapping[str, str]) -> str:
    text = environment.get("PUBLIC_URL", "").strip().rstrip("/")
    parts = urlsplit(text)
    is_origin = parts.scheme in ("http", "https") and parts.netloc and not parts.username
    if text and (not is_origin or parts.path or parts.query or parts.fragment):
        raise SettingError(f"PUBLIC_URL is {text!r}: use an origin such as https://alerts.example")
    return text


def _key_roles(environment: Mapping[str, str], *, trust_client_principal: bool) -> frozenset[Role]:
    """A key grants everything unless told otherwise, and nothing where people sign in.

    Else whoever signs in, and needs a key too, could leave the sign-in out and be let do anything.
    """
    text = environment.get("FUNCTION_KEY_ROLES", "")
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in set(Role):
            raise SettingError(f"FUNCTION_KEY_ROLES names {name!r}: use {', '.join(Role)}")
    default = frozenset() if trust_client_principal else frozenset({Role.ADMIN})
    return frozenset(map(Role, names)) or default
