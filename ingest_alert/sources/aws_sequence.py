"""Attack sequences: GuardDuty findings that already tie several signals together.

The same structure stands in GuardDuty's findings and in Security Hub's.
"""

from ingest_alert.draft import Draft
from ingest_alert.fields import Fields, spelled
from ingest_alert.observables import Observables
from shared.alert import Resource
from shared.attack import find_techniques


def read_sequence(sequence: Fields, draft: Draft, observables: Observables) -> Resource | None:
    """Read tactics, techniques, actors, endpoints and resources; gives the first resource."""
    tactics: list[object] = []
    techniques: list[str] = []
    signals = sequence.items("signals")
    indicators = [*sequence.items("sequenceindicators")]
    for signal in signals:
        indicators += signal.items("signalindicators")
    for indicator in indicators:
        key = indicator.text("key").upper()
        if key == "ATTACK_TACTIC":
            tactics += indicator.texts("values")
        elif key == "ATTACK_TECHNIQUE":
            techniques += find_techniques(spelled(indicator.texts("values")))
    draft.set_attack(tactics, techniques)
    _read_actors(sequence, observables)
    return _read_resources(sequence, observables)


def _read_actors(sequence: Fields, observables: Observables) -> None:
    for actor in sequence.items("actors"):
        user = actor.sub("user")
        observables.account(user.text("name", "uid"), ("type", user.text("type")))
        process = actor.sub("process")
        observables.file(process.text("path", "name"), [process.text("sha256")])
    for endpoint in sequence.items("endpoints"):
        observables.address(endpoint.text("ip"))
        observables.domain(endpoint.text("domain"))


def _read_resources(sequence: Fields, observables: Observables) -> Resource | None:
    first = None
    for item in sequence.items("resources"):
        found = observables.resource(
            item.text("uid"), name=item.text("name"), kind=item.text("resourcetype")
        )
        first = first or found
        key = item.at("data", "accesskey")
        observables.account(key.text("username"), ("principalId", key.text("principalid")))
        interface = item.at("data", "ec2networkinterface")
        observables.address(interface.text("publicip"), ("role", "own"))
    return first
