"""Who makes a change, as its history names them."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any, Final

from http_api.requests import Request

FUNCTION_KEY: Final = "function key"
"""Who a request is from that only a key let in: the platform does not tell which."""
_LONGEST: Final = 200
_NAMES: Final = ("preferred_username", "upn", "email", "name", "appid")


def who(request: Request, *, trust_client_principal: bool) -> str:
    """The name of the Entra principal, where the platform vouches for it; else the key.

    The header `X-MS-CLIENT-PRINCIPAL` can be forged wherever the platform's authentication is not
    in front, so it counts only when the setting TRUST_CLIENT_PRINCIPAL says that it is.
    """
    if not trust_client_principal:
        return FUNCTION_KEY
    return _principal_name(request.headers.get("x-ms-client-principal", "")) or FUNCTION_KEY


def _principal_name(header: str) -> str:
    """The name in a client principal: base64 of JSON with `name_typ` and claims `typ`, `val`."""
    try:
        principal = json.loads(base64.b64decode(header, validate=True))
    except (ValueError, binascii.Error):
        return ""
    if not isinstance(principal, dict):
        return ""
    claims = _claims(principal)
    for name in (str(principal.get("name_typ", "")), *_NAMES):
        if value := claims.get(name, "").strip():
            return value[:_LONGEST]
    return ""


def _claims(principal: Mapping[str, Any]) -> dict[str, str]:
    claims = principal.get("claims")
    if not isinstance(claims, list):
        return {}
    return {
        str(claim["typ"]): str(claim["val"])
        for claim in reversed(claims)
        if isinstance(claim, dict) and "typ" in claim and "val" in claim
    }
