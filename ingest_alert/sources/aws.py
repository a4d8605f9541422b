"""What GuardDuty's findings and Security Hub's share: type names, severities, addresses."""

from typing import Final

from ingest_alert.fields import Fields
from ingest_alert.observables import Observables
from shared.severity import Severity

_TACTICS_OF_PURPOSE: Final = {
    "backdoor": "CommandAndControl",
    "cryptocurrency": "CommandAndControl, Impact",
    "recon": "Discovery",
    "resourceconsumption": "Impact",
    "stealth": "DefenseEvasion",
    "trojan": "CommandAndControl",
    "unauthorizedaccess": "InitialAccess",
    "behavior": "",
    "object": "",
    "pentest": "",
    "policy": "",
    "attacksequence": "",
    "custom": "",
}
"""GuardDuty's threat purposes that are no tactics by name; those that are need no entry."""
_TACTICS_OF_FAMILY: Final = (
    ("denialofservice", "Impact"),
    ("droppoint", "Exfiltration"),
    ("dnsdataexfiltration", "Exfiltration"),
    ("credentialexfiltration", "Exfiltration"),
    ("drivebysourcetraffic", "InitialAccess"),
    ("portprobe", "Reconnaissance"),
    ("torclient", "Impact"),
    ("torrelay", "Impact"),
    ("metadatadnsrebind", "CredentialAccess"),
)
"""Threat families that tell more than their purpose, as Security Hub classifies them."""


def guardduty_tactics(finding_type: str) -> str:
    """The tactics of a type `ThreatPurpose:Resource/ThreatFamily.Mechanism!Artifact`, as words."""
    purpose, _, rest = finding_type.partition(":")
    family = rest.lower()
    for word, tactics in _TACTICS_OF_FAMILY:
        if word in family:
            return tactics
    return _TACTICS_OF_PURPOSE.get(purpose.strip().lower(), purpose)


def severity_of_number(number: float) -> Severity:
    """GuardDuty's scale: from 1 low, 4 medium, 7 high, 9 critical."""
    for least, severity in (
        (9, Severity.Critical),
        (7, Severity.High),
        (4, Severity.Medium),
        (1, Severity.Low),
    ):
        if number >= least:
            return severity
    return Severity.Informational


def read_remote(remote: Fields, observables: Observables) -> None:
    """Add the address that `remoteIpDetails` describes."""
    place = ", ".join(
        text
        for text in (
            remote.at("city").text("cityname"),
            remote.at("country").text("countryname"),
        )
        if text
    )
    organisation = remote.sub("organization")
    extra = (("location", place), ("asn", organisation.text("asn")), ("role", "remote"))
    for name in ("ipaddressv4", "ipaddressv6"):
        observables.address(remote.text(name), *extra)


def read_action(action: Fields, observables: Observables) -> None:
    """Add the remote addresses and domains of an action, whatever its kind."""
    for name in (
        "awsapicallaction",
        "networkconnectionaction",
        "kubernetesapicallaction",
        "rdsloginattemptaction",
    ):
        read_remote(action.at(name, "remoteipdetails"), observables)
    for probe in action.sub("portprobeaction").items("portprobedetails"):
        read_remote(probe.sub("remoteipdetails"), observables)
    observables.domain(action.sub("dnsrequestaction").text("domainwithsuffix", "domain"))
    observables.domain(action.at("awsapicallaction", "domaindetails").text("domain"))
    for attempt in action.sub("rdsloginattemptaction").items("loginattributes"):
        observables.account(attempt.text("user"))
