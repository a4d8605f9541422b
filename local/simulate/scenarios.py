"""The six sample attacks: what happens, in which order, and which tool sees it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from local.simulate.cast import Cast, bucket, cluster, machine, storage
from local.simulate.clouds import guardduty, ocsf, security_lake
from local.simulate.microsoft import arm, event_hub, graph, table_row
from local.simulate.naming import DOMAIN
from local.simulate.sensors import alertmanager, crowdstrike, elastic, falco, suricata, wazuh
from local.simulate.step import Step

Steps: TypeAlias = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One attack, or several that belong to each other; `steps` writes it for a cast."""

    name: str
    summary: str
    steps: Callable[[Cast], Steps]


def cloud_credential_theft(cast: Cast) -> Steps:
    """A key of Amazon's cloud is used from elsewhere, until a bucket has been copied."""
    thief = Step(0, guardduty, "", "", "Medium", account=cast.person(), address=cast.outside())
    stolen = bucket(f"invoices-{cast.host('b')}")
    return (
        replace(thief, title="API called from a known malicious address",
                detection="UnauthorizedAccess:IAMUser/MaliciousIPCaller", tactic="InitialAccess"),
        replace(thief, minute=9, writer=ocsf, title="Access key made for another user",
                detection="AccessKeyForOther", tactic="Persistence", technique="T1098.001",
                advice="Delete the new access key."),
        replace(thief, minute=21, title="Audit trail switched off",
                detection="Stealth:IAMUser/CloudTrailLoggingDisabled", tactic="DefenseEvasion"),
        replace(thief, minute=34, writer=elastic, title="Many secrets read in a short time",
                detection="secrets-read", tactic="CredentialAccess", technique="T1555.006",
                severity="High", advice="Rotate the secrets that were read."),
        replace(thief, minute=52, title="Unusual listing of users, roles and buckets",
                detection="Discovery:IAMUser/AnomalousBehavior", tactic="Discovery"),
        replace(thief, minute=68, title="Unusual reads of a bucket", severity="High",
                detection="Exfiltration:S3/AnomalousBehavior", tactic="Exfiltration",
                resource=stolen, also=security_lake),
        replace(thief, minute=83, writer=ocsf, title="Bucket copied to an account of others",
                detection="BucketReplicated", severity="Critical", tactic="Exfiltration",
                technique="T1537", resource=stolen, advice="Remove the replication rule."),
    )  # fmt: skip


def brute_force_to_cryptomining(cast: Cast) -> Steps:
    """Someone guesses an SSH password, and the machine mines."""
    name = cast.host("build")
    seen = Step(0, wazuh, "", "", "Medium", host=name, own_address=cast.address_of(name),
                account="deploy", address=cast.outside())  # fmt: skip
    return (
        replace(seen, writer=suricata, title="SSH scan from outside", detection="9000101",
                severity="Low", tactic="Reconnaissance"),
        replace(seen, minute=8, title="Many failed SSH log-ons from one address",
                detection="100201", tactic="CredentialAccess", technique="T1110.001"),
        replace(seen, minute=22, writer=arm, title="SSH log-on after many failures",
                detection="VM_SshBruteForceSuccess", severity="High", tactic="InitialAccess",
                technique="T1078", resource=machine(name), also=event_hub,
                advice="Reset the password of the account that logged on."),
        replace(seen, minute=29, writer=falco, title="Download tool started by a log-on shell",
                detection="", tactic="Execution", technique="T1059.004"),
        replace(seen, minute=36, title="New entry in the crontab of a user", detection="100215",
                tactic="Persistence", technique="T1053.003"),
        replace(seen, minute=47, writer=suricata, title="Traffic to a mining pool",
                detection="9000102", severity="High", tactic="Impact"),
        replace(seen, minute=64, writer=alertmanager, title="All processors busy with mining",
                detection="ProcessorsSaturated", severity="High", tactic="Impact",
                technique="T1496", advice="Stop the miner and rebuild the machine."),
    )  # fmt: skip


def phishing_to_ransomware(cast: Cast) -> Steps:
    """A mail to one person ends with encrypted files on three machines."""
    first, second, server = cast.host("lap"), cast.host("lap"), cast.host("srv")
    person, admin, tool = cast.person(), cast.person(), cast.sha256()
    lured = Step(0, graph, "", "", "Medium", account=person, domain=DOMAIN)
    on_first = replace(lured, host=first, own_address=cast.address_of(first), sha256=tool)
    as_admin = replace(on_first, account=admin, severity="High")
    on_second = replace(as_admin, host=second, own_address=cast.address_of(second))
    on_server = replace(as_admin, host=server, own_address=cast.address_of(server))
    return (
        replace(lured, title="Link in a mail of a phishing campaign opened", detection="mail-link",
                tactic="InitialAccess", technique="T1566.002"),
        replace(on_first, minute=11, title="Script started by a document",
                detection="office-child", tactic="Execution", technique="T1059.001",
                also=table_row),
        replace(on_first, minute=19, writer=table_row, title="Beacon to a rented server",
                detection="beacon", tactic="CommandAndControl", technique="T1071.001",
                address=cast.outside()),
        replace(as_admin, minute=41, title="Memory of the log-on process read",
                detection="lsass-read", tactic="CredentialAccess", technique="T1003.001",
                advice="Reset the passwords of all who were logged on."),
        replace(on_second, minute=63, writer=table_row, title="Service installed from afar",
                detection="remote-service", tactic="LateralMovement", technique="T1021.002"),
        replace(on_server, minute=74, writer=event_hub, title="Log-on from an unusual machine",
                detection="VM_UnusualLogon", resource=machine(server), tactic="LateralMovement"),
        replace(on_server, minute=92, writer=table_row, title="Shadow copies deleted",
                detection="no-recovery", tactic="Impact", technique="T1490", also=graph),
        *(
            replace(there, minute=97 + number, title="Ransomware: many files encrypted",
                    detection="ransomware", severity="Critical", tactic="Impact",
                    technique="T1486", advice="Isolate the machine; restore from backups.")
            for number, there in enumerate((on_server, on_second, as_admin))
        ),
    )  # fmt: skip


def web_exploit_to_privilege_escalation(cast: Cast) -> Steps:
    """A hole in a web application gives a shell, and the shell becomes root."""
    name = cast.host("web")
    seen = Step(0, suricata, "", "", "Medium", host=name, own_address=cast.address_of(name),
                address=cast.outside())  # fmt: skip
    local = replace(seen, address="", account="webshop")
    return (
        replace(seen, title="Web application scanned", detection="9000201", severity="Low",
                tactic="Reconnaissance"),
        replace(seen, minute=7, title="Exploit of a deserialisation flaw", detection="9000202",
                severity="High", tactic="InitialAccess"),
        replace(local, minute=9, writer=elastic, title="Web server started a shell",
                detection="web-shell-child", severity="High", tactic="Execution",
                technique="T1059.004"),
        replace(local, minute=18, writer=wazuh, title="Web shell written to the web root",
                detection="100301", severity="High", tactic="Persistence",
                technique="T1505.003", advice="Remove the file and restore the web root."),
        replace(local, minute=33, writer=elastic, title="Flaw of sudo exploited",
                detection="sudo-flaw", severity="Critical", tactic="PrivilegeEscalation",
                technique="T1068", advice="Patch sudo and rebuild the machine."),
        replace(local, minute=39, writer=falco, title="Set-user-id program made", detection="",
                severity="High", tactic="PrivilegeEscalation", technique="T1548.001"),
        replace(local, minute=52, writer=crowdstrike, title="Password hashes of the machine read",
                detection="CredentialDumping", severity="High", tactic="CredentialAccess",
                technique="T1003.008"),
    )  # fmt: skip


def insider_exfiltration(cast: Cast) -> Steps:
    """An employee looks around, collects, and takes it all out."""
    store = storage(cast.host("archive"))
    seen = Step(0, graph, "", "", "Low", account=cast.person(), domain=DOMAIN)
    name = cast.host("lap")
    own = replace(seen, host=name, own_address=cast.address_of(name), severity="Medium")
    return (
        replace(seen, title="Searches for contracts and salaries", detection="search-anomaly",
                tactic="Discovery", technique="T1083"),
        replace(seen, minute=24, writer=arm, title="Storage account listed by an unusual user",
                detection="Storage.Blob_EnumerationAnomaly", resource=store,
                tactic="Discovery", technique="T1619", also=event_hub),
        replace(own, minute=51, writer=table_row, title="Mass download by one user",
                detection="mass-download", tactic="Collection", technique="T1530"),
        replace(own, minute=78, title="Large archive with a password made",
                detection="archive-password", tactic="Collection", technique="T1560.001"),
        replace(own, minute=104, writer=table_row, title="Upload to private cloud storage",
                detection="private-upload", severity="High", tactic="Exfiltration",
                technique="T1567.002", advice="Block the account and speak with its owner."),
        replace(seen, minute=121, writer=event_hub, severity="High",
                title="Unusual amount of data read from a storage account",
                detection="Storage.Blob_DataExfiltration.AmountOfDataAnomaly", resource=store,
                tactic="Exfiltration", advice="Revoke the user's access to the storage account."),
    )  # fmt: skip


def container_escape(cast: Cast) -> Steps:
    """From a pod to its node, and from the node to the cluster."""
    node, blue = cast.host("node"), cluster(cast.host("blue"))
    inside = Step(0, falco, "", "", "Medium", host=node, container=f"shop/{cast.host('cart-')}")
    outside = replace(inside, container="", severity="High")
    return (
        replace(inside, writer=alertmanager, title="Exploit tried against the shop",
                detection="IngressExploit", tactic="InitialAccess", technique="T1190",
                address=cast.outside()),
        replace(inside, minute=6, title="Shell started in a container", detection="",
                tactic="Execution", technique="T1609"),
        replace(inside, minute=13, title="Service account token read", detection="",
                tactic="CredentialAccess", technique="T1528"),
        replace(inside, minute=24, title="Container wrote to the node's release agent",
                detection="", severity="Critical", tactic="PrivilegeEscalation",
                technique="T1611", advice="Drain the node and rebuild it."),
        replace(outside, minute=31, writer=wazuh, title="User added on a node",
                detection="100401", tactic="Persistence", technique="T1136.001"),
        replace(outside, minute=43, writer=ocsf, title="Node's credentials used to list secrets",
                detection="NodeListsSecrets", tactic="CredentialAccess", technique="T1552.007"),
        replace(outside, minute=57, writer=event_hub, title="New binding to cluster-admin",
                detection="K8S_ClusterAdminBinding", resource=blue,
                tactic="PrivilegeEscalation", advice="Remove the binding."),
    )  # fmt: skip


_ALL: Final = (
    Scenario("cloud-credential-theft", "a stolen cloud key, from first use to a copied bucket",
             cloud_credential_theft),
    Scenario("brute-force-to-cryptomining", "a guessed SSH password, and a machine that mines",
             brute_force_to_cryptomining),
    Scenario("phishing-to-ransomware", "a mail, stolen passwords, three encrypted machines",
             phishing_to_ransomware),
    Scenario("web-exploit-to-privilege-escalation", "a hole in a web application, then root",
             web_exploit_to_privilege_escalation),
    Scenario("insider-exfiltration", "an employee who takes data out", insider_exfiltration),
    Scenario("container-escape", "from a pod to its node and its cluster", container_escape),
)  # fmt: skip
SCENARIOS: Final = {scenario.name: scenario for scenario in _ALL}
