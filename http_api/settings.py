"""The settings that only the HTTP API has, beside those in `shared.settings`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from shared.settings import SettingError

_TRUE: Final = ("1", "true", "yes", "on")
_FALSE: Final = ("", "0", "false", "no", "off")


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """`trust_client_principal`: the platform's authentication is in front of the app."""

    trust_client_principal: bool = False


def read_api_settings(environment: Mapping[str, str]) -> ApiSettings:
    """The API's settings in an environment. Raises SettingError naming a bad one."""
    word = environment.get("TRUST_CLIENT_PRINCIPAL", "").strip().lower()
    if word not in (*_TRUE, *_FALSE):
        raise SettingError(f"TRUST_CLIENT_PRINCIPAL is {word!r}: use true or false")
    return ApiSettings(trust_client_principal=word in _TRUE)
