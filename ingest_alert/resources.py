"""What an alert is about: ARM ids, and what stands in where an alert names no resource."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ingest_alert.draft import Draft
from ingest_alert.sides import first_that_acts
from shared.alert import Resource, digest
from shared.entities import Entity, make_key

_HOST_TYPES: Final = frozenset(
    {
        "microsoft.compute/virtualmachines",
        "microsoft.classiccompute/virtualmachines",
        "microsoft.hybridcompute/machines",
        "microsoft.azurestackhci/virtualmachines",
        "microsoft.connectedvmwarevsphere/virtualmachines",
        "microsoft.scvmm/virtualmachines",
    }
)
_HOST_FIRST: Final = (
    "host",
    "resource",
    "account",
    "mailbox",
    "container",
    "application",
    "address",
    "domain",
    "url",
    "file",
)
"""Which entity stands for the resource when the alert names none: the first of these kinds."""


@dataclass(frozen=True, slots=True)
class ArmResource:
    """An ARM id, read. `depth` is 0 for a subscription, 1 for a resource group, 2 for a resource.

    `host` is the machine's name where the resource is a machine, else "".
    """

    resource: Resource
    depth: int
    host: str


@lru_cache(maxsize=16_384)
def read_arm_id(text: str) -> ArmResource | None:
    """The resource that an ARM id names; None when the text is no ARM id.

    An alert's own id (`…/Microsoft.Security/…/alerts/…`) names no resource.
    """
    parts = text.strip().strip("/").split("/")
    lower = [part.lower() for part in parts]
    if lower[0] not in ("subscriptions", "providers", "tenants") or len(parts) < 2:
        return None
    key = make_key("resource", "/" + "/".join(lower))
    if key is None or not all(parts):
        return None
    if "providers" in lower:
        if lower[-2] == "alerts":
            return None
        kind = _provider_type(parts, len(lower) - 1 - lower[::-1].index("providers"))
        depth = 2
    elif "resourcegroups" in lower:
        kind, depth = "Microsoft.Resources/resourceGroups", 1
    else:
        kind, depth = f"Microsoft.Resources/{parts[0]}", 0
    host = parts[-1] if kind.lower() in _HOST_TYPES else ""
    return ArmResource(Resource(key, "/" + "/".join(parts), parts[-1], kind), depth, host)


def _provider_type(parts: list[str], at: int) -> str:
    """`Microsoft.Compute/disks` from `…/providers/Microsoft.Compute/disks/x`."""
    return "/".join([parts[at + 1], *parts[at + 2 :: 2]]) if at + 1 < len(parts) else ""


def most_specific(candidates: Iterable[str]) -> ArmResource | None:
    """Of several ARM ids the one that names most; the first of equals."""
    best: ArmResource | None = None
    for text in candidates:
        found = read_arm_id(text)
        if found is not None and (best is None or found.depth > best.depth):
            best = found
            if best.depth == 2:
                break
    return best


def resource_of_entity(named: Entity) -> Resource | None:
    """An entity as the resource, when nothing else is; None when it has no key."""
    if named.key is None:
        return None
    return Resource(named.key, named.value, named.value, named.kind)


def resource_among(draft: Draft, kinds: Iterable[str] = _HOST_FIRST) -> Resource | None:
    """The first keyed entity of the first kind that there is one of.

    An address that only passes on what others do is none while there is anything else.
    """
    keyed = [named for named in draft.entities if named.key is not None]
    passing = None
    for kind in kinds:
        named = first_that_acts(draft.estate, [each for each in keyed if each.kind == kind])
        if named is None:
            continue
        if kind != "address" or not draft.estate.passes_on(named):
            return resource_of_entity(named)
        passing = passing or named
    return None if passing is None else resource_of_entity(passing)


def best_of(draft: Draft, arm_ids: Iterable[str]) -> Resource | None:
    """The most specific ARM id; a subscription or a group only where no host is named."""
    arm = most_specific(arm_ids)
    if arm is not None and arm.depth == 2:
        return arm.resource
    host = resource_among(draft, ("host",))
    return host or (None if arm is None else arm.resource) or resource_among(draft)


def no_resource(draft: Draft, name: str) -> Resource:
    """A stand-in for an alert that names nothing: its key is the alert's own, and ties nothing.

    `name` is for people: the workspace, account or project that the alert came from.
    """
    draft.note("It names no resource and no entity: it can be tied to no other alert.")
    return Resource(f"alert:{digest(*draft.identity)[:32]}", name, name or "not named", "none")
