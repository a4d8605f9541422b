"""Sightings of a STIX 2 bundle, each with the objects that it refers to.

A bundle lists objects that name each other by id: a sighting names what was sighted, where, and
the observed data that shows it. Source: OASIS, *STIX Version 2.1*, section 5.2.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

_MOST: Final = 100
"""Objects of each kind that come with a sighting."""


def sightings(objects: list[Any]) -> list[dict[str, Any]]:
    """The sightings in a bundle's objects, with what they refer to in the bundle."""
    known = {each["id"]: each for each in objects if isinstance(each, dict) and _has_id(each)}
    found = [each for each in known.values() if each.get("type") == "sighting"]
    return [_with_objects(sighting, known) for sighting in found]


def _has_id(each: Mapping[str, Any]) -> bool:
    return isinstance(each.get("id"), str)


def _with_objects(sighting: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    observed = _named(sighting.get("observed_data_refs"), known)
    sighted = _named(sighting.get("sighting_of_ref"), known)
    seen = [
        item
        for each in observed
        for item in (*_named(each.get("object_refs"), known), *_inner(each.get("objects")))
    ]
    return {
        "sighting": sighting,
        "of": sighted[0] if sighted else {},
        "where": _named(sighting.get("where_sighted_refs"), known),
        "observed": observed,
        "seen": seen[:_MOST],
        "uses": _named(_targets(sighted, known), known),
    }


def _named(references: object, known: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    listed = references if isinstance(references, list) else [references]
    return [known[each] for each in listed[:_MOST] if isinstance(each, str) and each in known]


def _inner(objects: object) -> Iterable[Any]:
    """What observed data holds in itself, as STIX 2.0 has it."""
    return objects.values() if isinstance(objects, dict) else ()


def _targets(sighted: list[Mapping[str, Any]], known: Mapping[str, Any]) -> list[str]:
    """The attack patterns that what was sighted uses or indicates."""
    sources = {each["id"] for each in sighted}
    return [
        str(each.get("target_ref"))
        for each in known.values()
        if each.get("type") == "relationship" and each.get("source_ref") in sources
    ]
