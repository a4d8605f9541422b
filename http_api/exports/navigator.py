"""A layer for MITRE's ATT&CK Navigator: the techniques that alerts name, and how many do."""

from collections import Counter
from typing import Any, Final

from shared.attack import ATTACK_VERSION, tactics_of
from shared.killchain import Tactic
from shared.store.queries import Document

LAYER_VERSION: Final = "4.5"
_NAVIGATOR_VERSION: Final = "5.1.0"
_COLOURS: Final = ["#ffe0b2", "#d84315"]


def navigator(incident: Document, alerts: list[Document]) -> dict[str, Any]:
    """The layer. A technique is marked under each of its tactics that an alert of it names."""
    counts: Counter[tuple[str, Tactic]] = Counter()
    for alert in alerts:
        for technique in alert["techniques"]:
            for tactic in _tactics(technique, alert["tactics"]):
                counts[technique, tactic] += 1
    return {
        "name": incident["title"],
        "versions": {
            "attack": ATTACK_VERSION.partition(".")[0],
            "navigator": _NAVIGATOR_VERSION,
            "layer": LAYER_VERSION,
        },
        "domain": "enterprise-attack",
        "description": incident["description"],
        "techniques": [
            {
                "techniqueID": technique,
                "tactic": short_name(tactic),
                "score": number,
                "enabled": True,
                "showSubtechniques": "." in technique,
            }
            for (technique, tactic), number in sorted(counts.items())
        ],
        "gradient": {
            "colors": _COLOURS,
            "minValue": 0,
            "maxValue": max(counts.values(), default=1),
        },
        "metadata": [{"name": "incident", "value": incident["incidentId"]}],
    }


def short_name(tactic: Tactic) -> str:
    """ATT&CK's own short name of a tactic: `initial-access`."""
    return tactic.title.lower().replace(" ", "-")


def _tactics(technique: str, named: list[str]) -> list[Tactic]:
    """The technique's tactics that the alert names too; all of them where it names none of them."""
    known = tactics_of([technique])
    both = [tactic for tactic in known if tactic.name in named]
    return both or list(known)
