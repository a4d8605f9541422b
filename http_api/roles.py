"""Who may do what: the roles, the role that each route and method needs, and the check.

The Functions host has let a request in before it gets here: with a key, or because the route is
open. What is left to decide is what its caller may do.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from http_api.identity import principal_roles
from http_api.problems import forbidden, unauthenticated
from http_api.requests import Request

if TYPE_CHECKING:
    from http_api.settings import ApiSettings


class Role(StrEnum):
    """The app roles of the Entra application, as its tokens name them."""

    READ = "Incidents.Read"
    TRIAGE = "Incidents.Triage"
    PUSH = "Alerts.Write"
    ADMIN = "Admin"


GRANTS: Final[Mapping[str, frozenset[Role]]] = MappingProxyType(
    {
        Role.READ: frozenset({Role.READ}),
        Role.TRIAGE: frozenset({Role.READ, Role.TRIAGE}),
        Role.PUSH: frozenset({Role.PUSH}),
        Role.ADMIN: frozenset(Role),
    }
)
"""What a role lets its holder do. A change is answered with the item: triage includes reading."""

Methods = Mapping[str, Role]
OPEN: Final[Methods] = MappingProxyType({})
"""A route that anybody may ask: the page's files, the contract, liveness."""

_READ: Final = {"GET": Role.READ}
_TRIAGE: Final = {"GET": Role.READ, "PATCH": Role.TRIAGE}

ROUTES: Final[Mapping[str, Methods]] = MappingProxyType(
    {
        "api/alerts": {**_TRIAGE, "POST": Role.PUSH},
        "api/alerts/facets": _READ,
        "api/alerts/{id}": _TRIAGE,
        "api/changes": _READ,
        "api/decisions/{name}": _READ,
        "api/entities/{kind}/{*value}": _READ,
        "api/feed": _READ,
        "api/formats": _READ,
        "api/formats/dry-run": {"POST": Role.ADMIN},
        "api/formats/{name}": {"GET": Role.READ, "PUT": Role.ADMIN, "DELETE": Role.ADMIN},
        "api/health": OPEN,
        "api/incidents": _TRIAGE,
        "api/incidents/facets": _READ,
        "api/incidents/{id}": _TRIAGE,
        "api/incidents/{id}/alerts": _READ,
        "api/incidents/{id}/export": _READ,
        "api/incidents/{id}/merge": {"POST": Role.TRIAGE},
        "api/incidents/{id}/merge/preview": {"POST": Role.READ},
        "api/incidents/{id}/split": {"POST": Role.TRIAGE},
        "api/incidents/{id}/split/preview": {"POST": Role.READ},
        "api/incidents/{id}/undo": {"POST": Role.TRIAGE},
        "api/me": _READ,
        "api/openapi.json": OPEN,
        "api/rejected": _READ,
        "api/rejected/redrive": {"POST": Role.TRIAGE},
        "api/rejected/{id}": _READ,
        "api/rejected/{id}/redrive": {"POST": Role.TRIAGE},
        "api/summary": _READ,
        "api/suppressions": _READ,
        "api/suppressions/dry-run": {"POST": Role.READ},
        "api/suppressions/{id}": {"GET": Role.READ, "PUT": Role.ADMIN, "DELETE": Role.ADMIN},
        "{*path}": OPEN,
    }
)
"""The one table: route -> method -> role. Rules hide alerts, and formats say what
alerts are, so administrators make them; a pattern that is tried can keep a process busy."""


def check_access(request: Request, methods: Methods, settings: "ApiSettings") -> None:
    """Let a request pass whose caller has the role that its method needs.

    OPTIONS tells nothing and needs none; HEAD is GET; a method without a row is for administrators,
    so that one which is forgotten here is not open to all.

    Raises Problem: 401 where nobody is known and no key's roles are set, 403 without the role.
    """
    if methods is OPEN or request.method == "OPTIONS":
        return
    needed = methods.get("GET" if request.method == "HEAD" else request.method, Role.ADMIN)
    held = held_roles(request, settings)
    if held is None:
        raise unauthenticated(needed)
    if needed not in granted(held):
        raise forbidden(needed)


def held_roles(request: Request, settings: "ApiSettings") -> frozenset[str] | None:
    """The roles of a request's caller; None where nobody is known and no key's roles are set."""
    held = principal_roles(request) if settings.trust_client_principal else None
    return held if held is not None else settings.key_roles or None


def granted(held: frozenset[str]) -> frozenset[Role]:
    """All that these roles let their holder do; names that are no role let nothing."""
    return frozenset(grant for name in held for grant in GRANTS.get(name, ()))
