"""An alert by a mapping: what the mapping says is read with the same kit that modules use."""

from collections.abc import Mapping as Fields
from typing import Any, Final

from ingest_alert.draft import Draft
from ingest_alert.estate import Estate
from ingest_alert.fields import instant_in, lines_of
from ingest_alert.mapping.model import EntityRule, Mapping, Rules, Table, read_mapping
from ingest_alert.mapping.values import all_texts, has, holds, text, texts, values_at
from ingest_alert.microsoft_identity import identity_of
from ingest_alert.observables import Details, Observables, details
from ingest_alert.resources import no_resource, resource_among, resource_of_entity
from ingest_alert.sides import attacked_side
from ingest_alert.source import Source
from shared.alert import Alert, Finding, Resource, digest
from shared.attack import find_techniques, technique_named
from shared.entities import Entity
from shared.severity import Severity

_DEEPEST: Final = 6
"""Levels of `entities` within `entities` that are followed."""


def source_by(value: Any) -> Source:
    """The format that a mapping file states. Raises MappingError naming fields and reasons."""
    mapping = read_mapping(value)

    def recognise(payload: Fields[str, Any]) -> bool:
        return is_recognised(mapping, payload)

    def parse(payload: Fields[str, Any], estate: Estate) -> Alert:
        return read(mapping, payload, estate)

    wanted = tuple(
        (path, (one,) if isinstance(one, str) else one)
        for path, one in mapping.recognise.equals.items()
    )
    return Source(mapping.name, recognise, parse, needed_of(mapping), wanted)


def is_recognised(mapping: Mapping, payload: Fields[str, Any]) -> bool:
    """Whether a payload has what the format is known by."""
    known = mapping.recognise
    return (
        all(has(payload, path) for path in known.has)
        and all(holds(payload, path, wanted) for path, wanted in known.equals.items())
        and (not known.any or any(has(payload, path) for path in known.any))
        and not any(has(payload, path) for path in known.without)
    )


def needed_of(mapping: Mapping) -> tuple[str, ...]:
    """The fields by which the format is known, and those of id, title and time."""
    first = [mapping.id, mapping.title.source, mapping.start]
    stated = [rules.rules[0].path for rules in first if rules.rules and rules.rules[0].path]
    return tuple(dict.fromkeys((*mapping.recognise.has, *mapping.recognise.equals, *stated)))


def read(mapping: Mapping, payload: Fields[str, Any], estate: Estate) -> Alert:
    """The alert. Raises AlertError with the fields that are missing or cannot be read."""
    draft = Draft(mapping.name, payload, estate)
    draft.vendor = text(payload, mapping.vendor_from) or mapping.vendor
    draft.product = text(payload, mapping.product_from) or mapping.product
    draft.title = _word(payload, mapping.title) or _need(
        draft, payload, "title", mapping.title.source
    )
    _identify(draft, payload, mapping)
    draft.alert_type = text(payload, mapping.type) or draft.title
    draft.description = text(payload, mapping.description)
    draft.status = _word(payload, mapping.status)
    draft.tenant = text(payload, mapping.tenant)
    draft.remediation = lines_of(texts(payload, mapping.remediation))
    draft.set_link(text(payload, mapping.link))
    finding = _word(payload, mapping.finding)
    draft.finding = Finding(finding) if finding in list(Finding) else Finding.ATTACK
    _set_severity(draft, payload, mapping.severity)
    _set_times(draft, payload, mapping)
    techniques = [
        found
        for each in all_texts(payload, mapping.techniques)
        for found in (find_techniques(each) or (technique_named(each),))
    ]
    tactics = [_meant(each, mapping.tactics) for each in all_texts(payload, mapping.tactics.source)]
    draft.set_attack(tactics, filter(None, techniques))
    draft.resource = _resource(draft, payload, mapping)
    return draft.alert()


def _need(draft: Draft, payload: Fields[str, Any], field: str, rules: Rules) -> str:
    found = text(payload, rules)
    if not found:
        draft.error(rules.rules[0].path or field, f"missing: it is the alert's {field}")
    return found


def _identify(draft: Draft, payload: Fields[str, Any], mapping: Mapping) -> None:
    """The id; where the tool gives none, a digest of the parts that tell two alerts apart."""
    own = text(payload, mapping.id)
    parts = [text(payload, rules) for rules in mapping.id_parts]
    if not own and any(parts):
        own = digest(*parts)[:32]
    if not own:
        own = _need(draft, payload, "id", mapping.id)
    draft.source_id = own
    if mapping.family == "microsoft":
        draft.identity = identity_of(own, draft.title)
    else:
        draft.identity = (mapping.name, own.lower())


def _word(payload: Fields[str, Any], table: Table) -> str:
    """What the table says of a text; the text itself where it says nothing."""
    stated = text(payload, table.source)
    return _meant(stated, table) if stated else table.otherwise


def _meant(stated: str, table: Table) -> str:
    known = {word.lower(): meant for word, meant in table.table.items()}
    return known.get(stated.lower()) or _of_number(stated, table) or table.otherwise or stated


def _of_number(stated: str, table: Table) -> str:
    try:
        number = float(stated)
    except ValueError:
        return ""
    return next((meant for least, meant in table.numbers if number >= least), "")


def _set_severity(draft: Draft, payload: Fields[str, Any], table: Table) -> None:
    word = _word(payload, table)
    known = Severity.__members__.get(word)
    if known is not None:
        draft.severity = known
    else:
        draft.set_severity(word)


def _set_times(draft: Draft, payload: Fields[str, Any], mapping: Mapping) -> None:
    before = draft.error_count
    draft.start = _instant(draft, payload, mapping.start, needed=True)
    if draft.start is None and draft.error_count == before:
        draft.error(mapping.start.rules[0].path or "start", "missing: the alert states no time")
    draft.end = _instant(draft, payload, mapping.end)
    draft.generated = _instant(draft, payload, mapping.made)
    draft.modified = _instant(draft, payload, mapping.changed)


def _instant(
    draft: Draft, payload: Fields[str, Any], rules: Rules, *, needed: bool = False
) -> int | None:
    tell = draft.error if needed else draft.note_field
    for rule in rules.rules:
        for stated in all_texts(payload, Rules.model_construct(rules=(rule,))):
            try:
                instant = instant_in(stated)
            except (ValueError, OverflowError):
                tell(rule.path, f"{stated[:60]!r} is no time that can be used")
                continue
            if instant is not None:
                return instant
    return None


def _resource(draft: Draft, payload: Fields[str, Any], mapping: Mapping) -> Resource:
    observables = Observables(draft)
    stated = None if mapping.resource is None else _add(observables, payload, mapping.resource)
    side = None
    if mapping.ends is not None:
        ends = mapping.ends
        client = observables.address(text(payload, ends.client), ("role", "source"))
        server = observables.address(text(payload, ends.server), ("role", "destination"))
        side = attacked_side(draft.estate, client, server)
    for rule in mapping.entities:
        _read_rule(observables, payload, rule, 0)
    ours = side if draft.estate.owns(side) else None
    return (
        stated
        or (resource_among(draft, mapping.about) if mapping.about else None)
        or (None if ours is None else resource_of_entity(ours))
        or resource_among(draft)
        or no_resource(draft, draft.tenant)
    )


def _read_rule(observables: Observables, payload: object, rule: EntityRule, depth: int) -> None:
    for each in values_at(payload, rule.each):
        if all(holds(each, path, wanted) for path, wanted in rule.when.items()):
            if rule.kind is not None:
                _add(observables, each, rule)
            elif depth < _DEEPEST:
                for inner in rule.entities:
                    _read_rule(observables, each, inner, depth + 1)


def _add(observables: Observables, payload: object, rule: EntityRule) -> Resource | None:
    """Add what a rule finds; gives the first as a resource, where it ties."""
    extra = details(*((name, text(payload, rules)) for name, rules in rule.details.items()))
    if rule.kind == "file":
        hashes = all_texts(payload, rule.hashes)
        observables.file(text(payload, rule.value) or (hashes[0] if hashes else ""), hashes, *extra)
        return None
    first: Resource | None = None
    for value in texts(payload, rule.value):
        if rule.kind == "resource":
            found = observables.resource(
                value, name=text(payload, rule.name), kind=text(payload, rule.type)
            )
        else:
            named = _named(observables, payload, rule, value, extra)
            found = None if named is None else resource_of_entity(named)
        first = first or found
    return first


def _named(
    observables: Observables, payload: object, rule: EntityRule, value: str, extra: Details
) -> Entity | None:
    kind = rule.kind or "other"
    if kind == "account":
        domain, host = text(payload, rule.domain), text(payload, rule.host)
        return observables.account(value, *extra, domain=domain, host=host)
    if kind == "host":
        return observables.host(value, *extra)
    if kind == "address":
        return observables.address(value, *extra)
    if kind == "domain":
        return observables.domain(value)
    if kind == "other":
        return observables.other(value, text(payload, rule.type) or "thing")
    return observables.add(kind, value, extra)
