"""Who makes a change, as its history names them, and which roles they have."""

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
_ROLES: Final = ("roles", "http://schemas.microsoft.com/ws/2008/06/identity/claims/role")


def who(request: Request, *, trust_client_principal: bool) -> str:
    """The name of the Entra principal, where the platform vouches for it; else the key.

    The header `X-MS-CLIENT-PRINCIPAL` can be forged wherever the platform's authentication is not
    in front, so it counts only when the setting TRUST_CLIENT_PRINCIPAL says that it is.
    """
    if not trust_client_principal:
        return FUNCTION_KEY
    return _principal_name(request.headers.get("x-ms-client-principal", "")) or FUNCTION_KEY


def principal_roles(request: Request) -> frozenset[str] | None:
    """The roles of the request's Entra principal; None where there is none that can be read.

    For the caller to ask only where the platform's authentication is in front: see `who`.
    """
    principal = _principal(request.headers.get("x-ms-client-principal", ""))
    if principal is None:
        return None
    kinds = {str(principal.get("role_typ", "")), *_ROLES}
    return frozenset(value for kind, value in _claims(principal) if kind in kinds)


def _principal(header: str) -> Mapping[str, Any] | None:
    """A client principal: base64 of JSON with `name_typ`, `role_typ` and claims `typ`, `val`."""
    try:
        principal = json.loads(base64.b64decode(header, validate=True))
    except (ValueError, binascii.Error, RecursionError):
        return None
    return principal if isinstance(principal, dict) else None


def _principal_name(header: str) -> str:
    principal = _principal(header)
    if principal is None:
        return ""
    claims = dict(reversed(_claims(principal)))
    for name in (str(principal.get("name_typ", "")), *_NAMES):
        if value := claims.get(name, "").strip():
            return value[:_LONGEST]
    return ""


def _claims(principal: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The claims in order; a kind may come several times, and for a name the first counts."""
    claims = principal.get("claims")
    if not isinstance(claims, list):
        return []
    return [
        (str(claim["typ"]), str(claim["val"]))
        for claim in claims
        if isinstance(claim, dict) and "typ" in claim and "val" in claim
    ]
