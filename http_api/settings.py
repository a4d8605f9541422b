"""The settings that only the HTTP API has, beside those in `shared.settings`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from http_api.roles import Role
from shared.settings import SettingError

_TRUE: Final = ("1", "true", "yes", "on")
_FALSE: Final = ("", "0", "false", "no", "off")


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """What the API is told from outside.

    `trust_client_principal`: the platform's authentication is in front of the app.
    `key_roles`: the roles of a caller that only a key let in.
    """

    trust_client_principal: bool = False
    key_roles: frozenset[Role] = frozenset({Role.ADMIN})


def read_api_settings(environment: Mapping[str, str]) -> ApiSettings:
    """The API's settings in an environment. Raises SettingError naming a bad one."""
    word = environment.get("TRUST_CLIENT_PRINCIPAL", "").strip().lower()
    if word not in (*_TRUE, *_FALSE):
        raise SettingError(f"TRUST_CLIENT_PRINCIPAL is {word!r}: use true or false")
    trust = word in _TRUE
    return ApiSettings(trust, _key_roles(environment, trust_client_principal=trust))


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
