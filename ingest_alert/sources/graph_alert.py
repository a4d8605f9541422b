"""Microsoft Graph security alerts, `alert_v2`, of Defender XDR and what it gathers."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from ingest_alert.draft import Draft
from ingest_alert.estate import Estate
from ingest_alert.fields import Fields, lines_of, spelled
from ingest_alert.microsoft_identity import identity_of
from ingest_alert.observables import Observables, details
from ingest_alert.resources import best_of, no_resource
from shared.alert import Alert
from shared.attack import find_techniques
from shared.killchain import parse_tactics

NAME: Final = "graph-alert"

_TELLING: Final = frozenset(
    {"evidence", "serviceSource", "detectionSource", "alertWebUrl", "providerAlertId"}
)
_TYPE_FIELDS: Final = ("@odata.type", "at_sign_odata_type", "odata_type", "odata.type")
_TYPE_PREFIX: Final = "#microsoft.graph.security."


def recognise(payload: Mapping[str, Any]) -> bool:
    """Whether it has the alert resource's times and what only it has beside them."""
    return "createdDateTime" in payload and not _TELLING.isdisjoint(payload)


def parse(payload: Mapping[str, Any], estate: Estate) -> Alert:
    """The alert. Raises AlertError with the fields that are missing or cannot be read."""
    draft = Draft(NAME, payload, estate)
    alert = Fields(payload, draft)
    draft.source_id = alert.need_text("id", "id", "provideralertid")
    draft.title = alert.need_text("title", "title")
    identifier = alert.text("provideralertid") or draft.source_id
    draft.identity = identity_of(identifier, draft.title)
    draft.alert_type = alert.text("detectorid") or draft.title
    draft.description = alert.text("description")
    draft.vendor = "Microsoft"
    draft.product = alert.text("productname", "servicesource", "detectionsource")
    draft.tenant = alert.text("tenantid").lower()
    draft.set_severity(alert.text("severity"))
    draft.status = alert.text("status")
    draft.start = alert.need_time("createdDateTime", "firstactivitydatetime", "createddatetime")
    draft.end = alert.time("lastactivitydatetime")
    draft.generated = alert.time("createddatetime")
    draft.modified = alert.time("lastupdatedatetime")
    draft.set_link(alert.text("alertweburl", "incidentweburl"))
    draft.remediation = lines_of([alert.text("recommendedactions")])
    _read_attack(draft, alert)
    observables = Observables(draft)
    for evidence in alert.items("evidence"):
        if not read_evidence(evidence, observables):
            kind = evidence.text(*_TYPE_FIELDS).rpartition(".")[2]
            draft.note(f"Evidence of type {kind[:40]!r} is not used.")
    for name in ("threatdisplayname", "threatfamilyname", "actordisplayname"):
        observables.other(alert.text(name), name.removesuffix("displayname").removesuffix("name"))
    draft.resource = best_of(draft, observables.arm_ids) or no_resource(draft, draft.tenant)
    return draft.alert()


def _read_attack(draft: Draft, alert: Fields) -> None:
    """The category is a tactic for some detections and a kind of threat for others."""
    category = alert.text("category")
    tactics = [text for text in alert.texts("categories") if parse_tactics(text)[0]]
    if parse_tactics(category)[0]:
        tactics.append(category)
    elif category and not tactics:
        draft.note(f"Category {category!r} is no tactic.")
    draft.set_attack(tactics, find_techniques(spelled(alert.list("mitretechniques"))))


def read_evidence(evidence: Fields, observables: Observables) -> bool:
    """Add what a piece of evidence names; False when its type is not known."""
    kind = evidence.text(*_TYPE_FIELDS).removeprefix(_TYPE_PREFIX).removeprefix("microsoft.graph.")
    reader = _READERS.get(kind.lower().removesuffix("evidence"))
    if reader is None:
        return False
    reader(evidence, observables)
    return True


def _device(evidence: Fields, observables: Observables) -> None:
    observables.host(
        evidence.text("devicednsname", "hostname", "azureaddeviceid"),
        ("os", evidence.text("osplatform")),
        ("deviceId", evidence.text("mdedeviceid")),
        ("objectId", evidence.text("azureaddeviceid")),
    )
    names = ("lastipaddress", "lastexternalipaddress")
    observables.addresses((evidence.text(name) for name in names), ("role", "own"))
    observables.addresses(evidence.texts("ipinterfaces"), ("role", "own"))
    for user in evidence.items("loggedonusers"):
        observables.account(user.text("accountname"), domain=user.text("domainname"))
    _resource(evidence.sub("vmmetadata"), observables)


def _user(evidence: Fields, observables: Observables) -> None:
    _account(evidence.sub("useraccount"), observables)


def _account(account: Fields, observables: Observables) -> None:
    upn = account.text("userprincipalname")
    extra = (
        ("displayName", account.text("displayname")),
        ("sid", account.text("usersid")),
        ("objectId", account.text("azureaduserid")),
    )
    observables.account(upn, *extra)
    name, domain = account.text("accountname"), account.text("domainname")
    if domain or not upn:
        observables.account(name or account.text("usersid"), *extra, domain=domain)


def _address(evidence: Fields, observables: Observables) -> None:
    observables.address(
        evidence.text("ipaddress"), ("location", evidence.text("countrylettercode"))
    )


def _url(evidence: Fields, observables: Observables) -> None:
    observables.url(evidence.text("url"))


def _file(evidence: Fields, observables: Observables) -> None:
    _details(evidence.sub("filedetails"), observables)


def _details(file: Fields, observables: Observables) -> None:
    folder, name = file.text("filepath"), file.text("filename")
    path = f"{folder}\\{name}" if folder and name and not folder.endswith(name) else folder or name
    observables.file(path, [file.text("sha256"), file.text("sha1"), file.text("md5")])


def _hash(evidence: Fields, observables: Observables) -> None:
    observables.hash(evidence.text("value"), details(("algorithm", evidence.text("algorithm"))))


def _process(evidence: Fields, observables: Observables) -> None:
    image = evidence.sub("imagefile")
    observables.process(
        evidence.text("processcommandline") or image.text("filename"),
        ("image", image.text("filename")),
        ("processId", evidence.text("processid")),
    )
    _details(image, observables)
    _details(evidence.sub("parentprocessimagefile"), observables)
    _account(evidence.sub("useraccount"), observables)


def _mailbox(evidence: Fields, observables: Observables) -> None:
    address = evidence.text("primaryaddress", "upn")
    observables.add("mailbox", address, details(("displayName", evidence.text("displayname"))))
    observables.account(address)
    _account(evidence.sub("useraccount"), observables)


def _message(evidence: Fields, observables: Observables) -> None:
    recipient = evidence.text("recipientemailaddress", "recipient")
    observables.add("mailbox", recipient, details(("subject", evidence.text("subject"))))
    observables.account(recipient)
    for name in ("p2sender", "p1sender"):
        sender = evidence.sub(name).text("emailaddress")
        observables.add("mailbox", sender, details(("role", "sender")))
    sender = evidence.text("sender")
    observables.add("mailbox", sender, details(("role", "sender")))
    observables.address(evidence.text("senderip"), ("role", "sender"))
    for url in evidence.texts("urls"):
        observables.url(url)


def _chat(evidence: Fields, observables: Observables) -> None:
    sender = evidence.text("senderfromaddress")
    observables.account(sender, ("role", "sender"))
    for recipient in evidence.texts("recipients"):
        observables.account(recipient)
    for url in evidence.items("urls"):
        observables.url(url.text("url"))


def _cloud_application(evidence: Fields, observables: Observables) -> None:
    observables.other(evidence.text("displayname", "appid"), "cloud application")


def _application(evidence: Fields, observables: Observables) -> None:
    name = evidence.text("displayname", "serviceprincipalname")
    identifier = evidence.text("appid", "objectid", "serviceprincipalobjectid")
    observables.add("application", identifier or name, details(("name", name)))


def _resource(evidence: Fields, observables: Observables) -> None:
    observables.resource(
        evidence.text("resourceid", "amazonresourceid", "fullresourcename"),
        name=evidence.text("resourcename"),
        kind=evidence.text("resourcetype"),
    )


def _container(evidence: Fields, observables: Observables) -> None:
    extra = details(
        ("name", evidence.text("name")), ("image", evidence.sub("image").text("imageid"))
    )
    observables.add("container", evidence.text("containerid") or evidence.text("name"), extra)
    _pod(evidence.sub("pod"), observables)


def _pod(evidence: Fields, observables: Observables) -> None:
    place = [evidence.sub("namespace").text("name"), evidence.text("name")]
    observables.add("container", "/".join(filter(None, place)), details(("type", "pod")))
    for container in evidence.items("containers"):
        _container(container, observables)
    _cluster(evidence.at("namespace", "cluster"), observables)


def _cluster(evidence: Fields, observables: Observables) -> None:
    _resource(evidence.sub("cloudresource"), observables)


def _connection(evidence: Fields, observables: Observables) -> None:
    for name in ("sourceaddress", "destinationaddress"):
        _address(evidence.sub(name), observables)


def _session(evidence: Fields, observables: Observables) -> None:
    account = evidence.sub("account")
    _account(account.sub("useraccount") or account, observables)
    _device(evidence.sub("host"), observables)
    observables.host(evidence.text("devicename"))


def _domain(evidence: Fields, observables: Observables) -> None:
    observables.domain(evidence.text("activedirectorydomainname", "domainname"))
    _address(evidence.sub("hostipaddress"), observables)


def _storage(evidence: Fields, observables: Observables) -> None:
    observables.other(evidence.text("url", "name"), "blob")
    _resource(evidence.sub("storageresource"), observables)
    _resource(evidence.at("blobcontainer", "storageresource"), observables)


def _iot(evidence: Fields, observables: Observables) -> None:
    observables.host(evidence.text("devicename", "deviceid"), ("type", evidence.text("devicetype")))
    _address(evidence.sub("ipaddress"), observables)


def _shown(evidence: Fields, observables: Observables) -> None:
    """What is worth showing and ties nothing."""
    key = evidence.text("registrykey")
    hive = evidence.text("registryhive")
    name = evidence.text("name", "displayname", "query", "imageid")
    _address(evidence.sub("ipaddress"), observables)
    observables.other(
        f"{hive}\\{key}" if key else name, evidence.text(*_TYPE_FIELDS).rpartition(".")[2]
    )


_READERS: Final[dict[str, Callable[[Fields, Observables], None]]] = {
    "device": _device,
    "user": _user,
    "ip": _address,
    "url": _url,
    "file": _file,
    "filehash": _hash,
    "process": _process,
    "mailbox": _mailbox,
    "analyzedmessage": _message,
    "mailcluster": _shown,
    "cloudapplication": _cloud_application,
    "oauthapplication": _application,
    "serviceprincipal": _application,
    "azureresource": _resource,
    "amazonresource": _resource,
    "googlecloudresource": _resource,
    "container": _container,
    "containerimage": _shown,
    "containerregistry": _shown,
    "kubernetespod": _pod,
    "kubernetescluster": _cluster,
    "kubernetescontroller": _shown,
    "kubernetesnamespace": _shown,
    "kubernetessecret": _shown,
    "kubernetesservice": _shown,
    "kubernetesserviceaccount": _shown,
    "networkconnection": _connection,
    "hostlogonsession": _session,
    "cloudlogonsession": _session,
    "cloudlogonrequest": _shown,
    "activedirectorydomain": _domain,
    "dns": _domain,
    "blob": _storage,
    "blobcontainer": _storage,
    "iotdevice": _iot,
    "malware": _shown,
    "registrykey": _shown,
    "registryvalue": _shown,
    "securitygroup": _shown,
    "nic": _shown,
    "gitorganization": _shown,
    "gitrepository": _shown,
    "gituser": _shown,
    "sasltoken": _shown,
    "teamsmessage": _chat,
    "submissionmail": _message,
}
