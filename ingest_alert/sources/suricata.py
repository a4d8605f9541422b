"""Suricata alerts in EVE JSON. They carry no id: what makes one is the flow, the time and the rule.

The attacked side is the rule's own `target` where it states one, else the one of ours, else that
which the rule's `attack_target` means, else the server.
"""

from collections.abc import Mapping
from typing import Any, Final

from ingest_alert.draft import Draft
from ingest_alert.estate import Estate
from ingest_alert.fields import Fields, spelled
from ingest_alert.observables import Observables
from ingest_alert.resources import no_resource, resource_among, resource_of_entity
from ingest_alert.sides import CLIENT, SERVER, attacked_side
from shared.alert import Alert, Resource
from shared.attack import find_techniques
from shared.entities import Entity
from shared.killchain import parse_tactics
from shared.severity import Severity

NAME: Final = "suricata"

_SEVERITIES: Final = {
    "1": Severity.High,
    "2": Severity.Medium,
    "3": Severity.Low,
    "4": Severity.Informational,
}
_TACTICS_OF_CLASS: Final = {
    "attempted information leak": "Reconnaissance",
    "detection of a network scan": "Reconnaissance",
    "web application attack": "InitialAccess",
    "access to a potentially vulnerable web application": "InitialAccess",
    "attempted user privilege gain": "InitialAccess",
    "attempted administrator privilege gain": "InitialAccess",
    "exploit kit activity detected": "InitialAccess",
    "possible social engineering attempted": "InitialAccess",
    "successful user privilege gain": "PrivilegeEscalation",
    "successful administrator privilege gain": "PrivilegeEscalation",
    "executable code was detected": "Execution",
    "successful credential theft detected": "CredentialAccess",
    "an attempted login using a suspicious username was detected": "CredentialAccess",
    "attempt to login by a default username and password": "CredentialAccess",
    "malware command and control activity detected": "CommandAndControl",
    "domain observed used for c2 detected": "CommandAndControl",
    "a network trojan was detected": "CommandAndControl",
    "crypto currency mining activity detected": "Impact",
    "denial of service": "Impact",
    "attempted denial of service": "Impact",
    "detection of a denial of service attack": "Impact",
}
"""The classifications of Suricata's default `classification.config` that mean one stage."""
_CLIENTS: Final = frozenset({"client_endpoint", "client_and_server", "mobile_client", "iot"})
"""The values of a rule's `attack_target` that mean the end which opened the connection."""


def recognise(payload: Mapping[str, Any]) -> bool:
    """Whether it is an EVE record with an alert in it, or says that it is another EVE event."""
    alert = payload.get("alert")
    if isinstance(alert, dict):
        return "signature" in alert or "signature_id" in alert
    return "event_type" in payload and "flow_id" in payload


def parse(payload: Mapping[str, Any], estate: Estate) -> Alert:
    """The alert. Raises AlertError with the fields that are missing or cannot be read."""
    draft = Draft(NAME, payload, estate)
    event = Fields(payload, draft)
    alert = event.sub("alert")
    kind = event.text("event_type")
    if not alert:
        draft.error("event_type", f"{kind!r} is no alert: only records with an alert are read")
    rule = alert.text("signature_id")
    draft.identity = (NAME, *_identity(event, rule))
    draft.source_id = "-".join(filter(None, (event.text("flow_id"), rule, event.text("timestamp"))))
    draft.title = alert.text("signature") or alert.need_text("signature", "signature_id")
    draft.alert_type = rule or draft.title
    draft.description = alert.text("category")
    draft.vendor, draft.product = "OISF", "Suricata"
    draft.status = ""
    draft.start = event.need_instant("timestamp", "timestamp", "@timestamp")
    known = _SEVERITIES.get(alert.text("severity"))
    if known is not None:
        draft.severity = known
    else:
        draft.set_severity(alert.text("severity"))
    _read_attack(draft, alert)
    observables = Observables(draft)
    draft.resource = _read_sides(event, alert, observables, estate)
    _read_protocols(event, observables)
    if draft.resource is None:
        draft.resource = resource_among(draft) or no_resource(draft, event.text("host"))
    return draft.alert()


def _identity(event: Fields, rule: str) -> list[str]:
    names = ("flow_id", "timestamp", "src_ip", "src_port", "dest_ip", "dest_port", "host", "tx_id")
    return [rule, *(event.text(name) for name in names)]


def _read_attack(draft: Draft, alert: Fields) -> None:
    metadata = alert.sub("metadata")
    words = [metadata.get(name) for name in ("mitre_tactic_id", "mitre_tactic_name")]
    techniques = find_techniques(
        spelled([*metadata.list("mitre_technique_id"), *metadata.list("mitre_attack")])
    )
    stated = [_plain(word) for word in words if word]
    category = alert.text("category")
    if not techniques and not parse_tactics(stated)[0]:
        tactic = _TACTICS_OF_CLASS.get(category.lower())
        if tactic is not None:
            draft.note(f"Its tactic is that of its classification, {category!r}.")
            stated = [tactic]
    draft.set_attack(stated, techniques)


def _plain(word: object) -> object:
    """Rule metadata has underscores for spaces, and lists of texts."""
    if isinstance(word, list):
        return [_plain(each) for each in word]
    return word.replace("_", " ") if isinstance(word, str) else word


def _read_sides(
    event: Fields, alert: Fields, observables: Observables, estate: Estate
) -> Resource | None:
    """Add both addresses; gives the side that was attacked, or that misbehaves in our network.

    A name server is not what an alert on a query is about: the side that asks is. Behind a proxy,
    the address that it forwards for is the client's.
    """
    source = observables.address(event.text("src_ip"), ("role", "source"))
    target = observables.address(event.text("dest_ip"), ("role", "destination"))
    stated = alert.sub("target").text("ip")
    for side in (source, target):
        if side is not None and stated and side.value == stated:
            return resource_of_entity(side)
    client, server = (target, source) if _is_answer(event, source) else (source, target)
    forwarded = observables.address(event.sub("http").text("xff"), ("role", "client"))
    if forwarded is not None and forwarded.key is not None and estate.passes_on(client):
        client = forwarded
    asks = event.text("app_proto") == "dns" or event.text("dest_port") == "53"
    about = attacked_side(estate, client, server, CLIENT if asks else _target(alert))
    return None if about is None else resource_of_entity(about)


def _is_answer(event: Fields, source: Entity | None) -> bool:
    """Whether the packet goes back to who opened the connection."""
    opener = event.sub("flow").text("src_ip")
    if opener and source is not None:
        return opener != source.value
    return event.text("direction") == "to_client"


def _target(alert: Fields) -> str:
    """Which end the rule is about, as its metadata says; the server where it does not."""
    words = {word.lower() for word in alert.sub("metadata").texts("attack_target")}
    return CLIENT if words and words <= _CLIENTS else SERVER


def _read_protocols(event: Fields, observables: Observables) -> None:
    http = event.sub("http")
    host, path = http.text("hostname"), http.text("url")
    observables.domain(host)
    if host and path.startswith("/"):
        observables.url(f"http://{host}{path}")
    observables.domain(event.sub("tls").text("sni"))
    observables.domain(event.sub("dns").text("rrname"))
    for name in ("query", "queries"):
        for query in event.sub("dns").items(name):
            observables.domain(query.text("rrname"))
    for file in (event.sub("fileinfo"), *event.items("files")):
        observables.file(file.text("filename"), [file.text("sha256"), file.text("md5")])
    observables.account(event.at("smb", "ntlmssp").text("user"))
    observables.other(event.text("host"), "sensor")
