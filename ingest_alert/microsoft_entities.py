"""The entities of Microsoft's security alerts, in any of their spellings.

The types are those of the entity reference of Microsoft Sentinel and Defender. Entities hold each
other, or point to each other with `$ref`; a reference to an `$id` that occurs twice means the last.
Each object is read once however many references lead to it.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from ingest_alert.draft import Draft
from ingest_alert.fields import Fields
from ingest_alert.resources import read_arm_id
from ingest_alert.things import Details, Things, details, in_system_folder
from shared.entities import Entity, entity

_DEEPEST: Final = 8
"""How far entities within entities are read: a process's ancestors are the deepest seen."""
_NOT_A_LETTER_OR_DIGIT: Final = re.compile(r"[^a-z0-9]+")


def read_entities(draft: Draft, fields: Fields, name: str, tenant: str) -> list[str]:
    """Add the entities listed in a field to the draft; gives the ARM ids that they name."""
    listed = fields.list(name)
    if _add_plain(draft, listed, tenant):
        return []
    reading = _Reading(draft, tenant, listed)
    reading.read_all(fields, name, listed, "")
    return reading.arm_ids


def _add_plain(draft: Draft, listed: list[Any], tenant: str) -> bool:
    """The short way for what most alerts have: hosts and addresses that say only who they are.

    Adds nothing, and tells so, when there is any other entity.
    """
    found = []
    for item in listed:
        if not isinstance(item, dict) or len(item) != 2:
            return False
        stated = item.get("type")
        kind, field = _PLAIN.get(stated, _NO_PLAIN) if isinstance(stated, str) else _NO_PLAIN
        value = item.get(field)
        if not isinstance(value, str):
            return False
        found.append(_plain(kind, value.strip(), tenant))
    for named in found:
        draft.add(named)
    return True


@lru_cache(maxsize=16_384)
def _plain(kind: str, value: str, tenant: str) -> Entity:
    return entity(kind, value, tenant=tenant)


_NO_PLAIN: Final = ("", "")
_PLAIN: Final[dict[str, tuple[str, str]]] = {
    "host": ("host", "hostName"),
    "ip": ("address", "address"),
}


def _targets(listed: list[Any]) -> dict[str, dict[str, Any]]:
    """Each object that has an `$id`, however deep, by it."""
    found: dict[str, dict[str, Any]] = {}
    waiting: list[Any] = [listed]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            if "$id" in item:
                found[str(item["$id"])] = item
            item = item.values()
        waiting += [each for each in item if type(each) in _HOLDERS][::-1]
    return found


_HOLDERS: Final = frozenset({dict, list})


class _Reading(Things):
    """One pass over the entities of an alert."""

    def __init__(self, draft: Draft, tenant: str, listed: list[Any]) -> None:
        super().__init__(draft, tenant)
        self._listed = listed
        self._known_targets: dict[str, dict[str, Any]] | None = None
        self._depth = 0
        self._done: set[int] = set()

    def _target(self, reference: Any) -> dict[str, Any]:
        """The object that a `$ref` leads to; empty when there is none."""
        if self._known_targets is None:
            self._known_targets = _targets(self._listed)
        return self._known_targets.get(str(reference), {})

    def read_all(self, parent: Fields, name: str, items: list[Any], kind: str) -> None:
        """Add the entities that the items of a field's list are."""
        for index, item in enumerate(items):
            if isinstance(item, dict):
                self.read(item, parent, f"{name}[{index}]", kind)
            else:
                self.draft.note(f"{parent.path(name)}[{index}] is no object: not used.")

    def read(self, item: dict[str, Any], parent: Fields, name: str, kind: str) -> None:
        """Add the entity that an object is; `kind` is its type where it does not state one."""
        if "$ref" in item:
            item = self._target(item["$ref"])
        inner = item.get("properties")
        if isinstance(inner, dict) and isinstance(item.get("kind"), str):
            item, kind = inner, item["kind"]
        if not item or id(item) in self._done or self._depth == _DEEPEST:
            return
        self._done.add(id(item))
        self._depth += 1
        self._read_known(Fields(item, self.draft, parent, name), kind)
        self._depth -= 1

    def _read_known(self, fields: Fields, kind: str) -> None:
        stated = fields.values.get("type")
        reader = _reader(stated) if isinstance(stated, str) else None
        if reader is None:
            reader = _reader(kind or _guessed_type(fields))
        if reader is None:
            self.draft.note(f"Entities of type {str(stated)[:40]!r} are not used.")
        else:
            reader(fields, self)

    def read_field(self, fields: Fields, name: str, kind: str = "") -> None:
        """Add the entity, or the list of them, in a field of another one."""
        value = fields.values.get(name)
        if isinstance(value, dict):
            self.read(value, fields, name, kind)
        elif isinstance(value, list):
            self.read_all(fields, name, value, kind)

    def look(self, fields: Fields, name: str) -> Fields:
        """The entity in a field without adding it; empty when there is none."""
        return self._followed(fields.values.get(name), fields, name)

    def take_all(self, fields: Fields, name: str) -> list[Fields]:
        """The entities listed in a field, which the caller adds itself."""
        found = []
        for item in fields.list(name):
            taken = self._followed(item, fields, name)
            self._done.add(id(taken.raw))
            found.append(taken)
        return found

    def _followed(self, value: Any, parent: Fields, name: str) -> Fields:
        if isinstance(value, dict) and "$ref" in value:
            value = self._target(value["$ref"])
        return Fields(value if isinstance(value, dict) else {}, self.draft, parent, name)


def _guessed_type(fields: Fields) -> str:
    """The type of an entity that does not state it, from the field that only it has."""
    return next((kind for name, kind in _TELLING_FIELDS if name in fields.values), "")


_TELLING_FIELDS: Final = (
    ("address", "ip"),
    ("hostname", "host"),
    ("resourceid", "azureresource"),
    ("commandline", "process"),
    ("url", "url"),
    ("mailboxprimaryaddress", "mailbox"),
    ("upnsuffix", "account"),
    ("ntdomain", "account"),
    ("userprincipalname", "account"),
    ("domainname", "dns"),
    ("filehashes", "file"),
    ("algorithm", "filehash"),
)


def _read_ip(fields: Fields, reading: _Reading) -> None:
    reading.add("address", fields.text("address"), _address_details(fields))


def _address_details(fields: Fields) -> Details:
    location = fields.sub("location")
    country = location.text("countryname", "countrycode")
    places = (location.text("city"), location.text("state"), country)
    threats = fields.items("threatintelligence")
    return details(
        ("location", ", ".join(place for place in places if place)),
        ("asn", location.text("asn")),
        ("carrier", location.text("carrier", "organization")),
        ("threat", threats[0].text("threatname", "threattype") if threats else ""),
    )


def _read_host(fields: Fields, reading: _Reading) -> None:
    reading.add("host", host_name(fields), _host_details(fields))
    reading.resource(fields.text("azureid", "resourceid"))


def host_name(fields: Fields) -> str:
    """A host's name, with its domain where that is known."""
    name = fields.text("fqdn", "hostname", "netbiosname")
    domain = fields.text("dnsdomain")
    return f"{name}.{domain}" if name and domain and "." not in name else name


def _host_details(fields: Fields) -> Details:
    system = fields.text("osfamily", "operatingsystem")
    return details(
        ("os", " ".join(part for part in (system, fields.text("osversion")) if part)),
        ("ntDomain", fields.text("ntdomain")),
        ("agentId", fields.text("omsagentid", "agentid")),
        ("deviceId", fields.text("mdatpdeviceid", "aaddeviceid")),
    )


def _read_account(fields: Fields, reading: _Reading) -> None:
    name, domain = fields.text("name", "accountname"), fields.text("ntdomain", "dnsdomain")
    suffix = fields.text("upnsuffix")
    upn = fields.text("userprincipalname") or (f"{name}@{suffix}" if name and suffix else "")
    extra = details(
        ("displayName", fields.text("displayname")),
        ("sid", fields.text("sid")),
        ("objectId", fields.text("aaduserid", "objectguid")),
        ("logonId", fields.text("logonid")),
    )
    if upn:
        reading.add("account", upn, extra)
    if name and "@" not in name and (domain or not upn):
        reading.add("account", *_spelled(name, domain, extra, fields, reading))
    elif not upn:
        reading.add("account", name or fields.text("sid", "aaduserid", "displayname"), extra)
    reading.read_field(fields, "host", "host")


def _spelled(
    name: str, domain: str, extra: Details, fields: Fields, reading: _Reading
) -> tuple[str, Details, str]:
    """A name with the domain it lives in: its own, else the machine whose local account it is."""
    if not domain and "\\" not in name:
        host = host_name(reading.look(fields, "host")).partition(".")[0]
        return name, extra, host
    return (f"{domain}\\{name}" if domain and "\\" not in name else name), extra, ""


def _read_file(fields: Fields, reading: _Reading) -> None:
    name, folder = fields.text("name", "filename"), fields.text("directory")
    extra = details(("name", name), ("directory", folder))
    of_system = in_system_folder(_full_path(folder, name))
    hashes = [item.text("value") for item in reading.take_all(fields, "filehashes")]
    for value in hashes:
        reading.hash(value, extra, of_system=of_system)
    if not hashes:
        reading.add("file", _full_path(folder, name))
    reading.read_field(fields, "host", "host")


def _full_path(folder: str, name: str) -> str:
    separator = "/" if "/" in folder else "\\"
    return f"{folder.rstrip(separator)}{separator}{name}" if folder and name else name


def _read_hash(fields: Fields, reading: _Reading) -> None:
    extra = details(("algorithm", fields.text("algorithm")))
    reading.hash(fields.text("value", "hashvalue"), extra, of_system=False)


def _read_process(fields: Fields, reading: _Reading) -> None:
    image = reading.look(fields, "imagefile")
    path = _full_path(image.text("directory"), image.text("name"))
    number = fields.text("processid")
    extra = details(
        ("image", path),
        ("processId", number),
        ("created", fields.text("creationtimeutc")),
    )
    reading.add("process", fields.text("commandline") or path or number, extra)
    reading.read_field(fields, "imagefile", "file")
    reading.read_field(fields, "parentprocess", "process")
    reading.read_field(fields, "account", "account")
    reading.read_field(fields, "host", "host")


def _read_url(fields: Fields, reading: _Reading) -> None:
    reading.add("url", fields.text("url"))


def _read_dns(fields: Fields, reading: _Reading) -> None:
    reading.add("domain", fields.text("domainname"))
    for name in ("ipaddresses", "hostipaddress"):
        reading.read_field(fields, name, "ip")


def _read_mailbox(fields: Fields, reading: _Reading) -> None:
    """A mailbox and the account whose it is: mail alerts meet those of sign-ins there."""
    address, upn = fields.text("mailboxprimaryaddress"), fields.text("upn", "userprincipalname")
    extra = details(("displayName", fields.text("displayname")))
    reading.add("mailbox", address or upn, extra)
    reading.add("account", upn or address, extra)


def _read_mail(fields: Fields, reading: _Reading) -> None:
    subject = details(("subject", fields.text("subject")))
    recipient = fields.text("recipient")
    reading.add("mailbox", recipient, subject)
    reading.add("account", recipient)
    sender = fields.text("sender", "p2sender", "p1sender")
    reading.add("mailbox", sender, details(("role", "sender")) if sender else ())
    reading.add("address", fields.text("senderip"))
    for url in fields.list("urls"):
        reading.add("url", url.strip() if isinstance(url, str) else "")
    reading.read_field(fields, "files", "file")


def _read_cloud_application(fields: Fields, reading: _Reading) -> None:
    """A hosted service that a whole organisation uses: shown, but it ties nothing."""
    name = fields.text("name", "appname", "instancename", "appid", "saasid")
    reading.add("other", name, details(("type", "cloud application"), ("id", fields.text("appid"))))


def _read_own_application(fields: Fields, reading: _Reading) -> None:
    """An application by its own id: an OAuth application, a service principal."""
    identifier = fields.text("oauthappid", "appid", "clientid", "serviceprincipalobjectid")
    name = fields.text("name", "serviceprincipalname", "displayname")
    reading.add("application", identifier or name, details(("name", name)))


def _read_resource(fields: Fields, reading: _Reading) -> None:
    reading.resource(
        fields.text(
            "resourceid", "azureresourceid", "amazonresourceid", "fullresourcename", "resourcename"
        )
    )


def _read_storage(fields: Fields, reading: _Reading) -> None:
    """A blob, its container or its account: the account's ARM id is what ties."""
    reading.add("other", fields.text("url", "name"), details(("type", fields.text("type"))))
    for name in ("storageresource", "blobcontainer", "storageaccount"):
        reading.read_field(fields, name)


def _read_container(fields: Fields, reading: _Reading) -> None:
    image = reading.look(fields, "image")
    extra = details(("name", fields.text("name")), ("image", image.text("imageid")))
    reading.add("container", fields.text("containerid") or fields.text("name"), extra)
    reading.read_field(fields, "pod", "k8spod")


def _read_image(fields: Fields, reading: _Reading) -> None:
    reading.add("other", fields.text("imageid", "name"), details(("type", "container image")))


def _read_pod(fields: Fields, reading: _Reading) -> None:
    namespace, cluster = _namespace_and_cluster(fields, reading)
    place = [part for part in (cluster, namespace, fields.text("name")) if part]
    reading.add("container", "/".join(place), details(("type", "pod")))
    reading.read_field(fields, "containers", "container")


def _namespace_and_cluster(fields: Fields, reading: _Reading) -> tuple[str, str]:
    namespace = reading.look(fields, "namespace")
    cluster = reading.look(namespace, "cluster")
    where = reading.look(cluster, "cloudresource").text("resourceid")
    arm = read_arm_id(where)
    reading.resource(where)
    return namespace.text("name"), arm.resource.name if arm else where


def _read_service_account(fields: Fields, reading: _Reading) -> None:
    namespace, cluster = _namespace_and_cluster(fields, reading)
    place = "/".join(part for part in (cluster, namespace) if part)
    reading.add("account", fields.text("name"), details(("namespace", namespace)), place)


def _read_cluster(fields: Fields, reading: _Reading) -> None:
    reading.read_field(fields, "cloudresource", "azureresource")


def _read_namespaced(fields: Fields, reading: _Reading) -> None:
    """Other things of a Kubernetes cluster: shown; the cluster is what ties."""
    namespace, _ = _namespace_and_cluster(fields, reading)
    kind = fields.text("type")
    reading.add("other", fields.text("name"), details(("type", kind), ("namespace", namespace)))
    reading.read_field(fields, "cluster", "k8scluster")


def _read_iot_device(fields: Fields, reading: _Reading) -> None:
    name = fields.text("devicename", "deviceid")
    kind, system = fields.text("devicetype"), fields.text("operatingsystem")
    reading.add("host", name, details(("type", kind), ("os", system)))
    reading.read_field(fields, "ipaddress", "ip")
    reading.read_field(fields, "host", "host")


def _read_connection(fields: Fields, reading: _Reading) -> None:
    for name in ("sourceaddress", "destinationaddress"):
        reading.read_field(fields, name, "ip")


def _read_session(fields: Fields, reading: _Reading) -> None:
    reading.read_field(fields, "account", "account")
    reading.read_field(fields, "host", "host")


def _read_domain(fields: Fields, reading: _Reading) -> None:
    reading.add("domain", fields.text("activedirectorydomainname", "domainname", "name"))


def _read_other(fields: Fields, reading: _Reading) -> None:
    """What is worth showing and ties nothing: malware by name, registry keys, groups."""
    key = "\\".join(part for part in (fields.text("hive"), fields.text("key")) if part)
    value = fields.text("name", "malwarename", "distinguishedname", "query", "sid", "objectguid")
    extra = details(("type", fields.text("type")), ("value", value if key else ""))
    reading.add("other", key or value, extra)


def _read_nothing(_fields: Fields, _reading: _Reading) -> None:
    """A type that says nothing beyond what the others do."""


_Reader = Callable[[Fields, _Reading], None]

_READERS: Final[dict[str, _Reader]] = {
    "ip": _read_ip,
    "ipaddress": _read_ip,
    "host": _read_host,
    "machine": _read_host,
    "account": _read_account,
    "user": _read_account,
    "file": _read_file,
    "filehash": _read_hash,
    "process": _read_process,
    "url": _read_url,
    "dns": _read_dns,
    "dnsresolution": _read_dns,
    "mailbox": _read_mailbox,
    "mailmessage": _read_mail,
    "submissionmail": _read_mail,
    "mailcluster": _read_other,
    "cloudapplication": _read_cloud_application,
    "oauthapplication": _read_own_application,
    "serviceprincipal": _read_own_application,
    "azureresource": _read_resource,
    "amazonresource": _read_resource,
    "awsresource": _read_resource,
    "gcpresource": _read_resource,
    "googlecloudresource": _read_resource,
    "blob": _read_storage,
    "blobcontainer": _read_storage,
    "storageaccount": _read_storage,
    "container": _read_container,
    "containerimage": _read_image,
    "containerregistry": _read_image,
    "k8spod": _read_pod,
    "kubernetespod": _read_pod,
    "k8scluster": _read_cluster,
    "kubernetescluster": _read_cluster,
    "k8snamespace": _read_namespaced,
    "kubernetesnamespace": _read_namespaced,
    "k8sserviceaccount": _read_service_account,
    "kubernetesserviceaccount": _read_service_account,
    "iotdevice": _read_iot_device,
    "networkconnection": _read_connection,
    "hostlogonsession": _read_session,
    "activedirectorydomain": _read_domain,
    "malware": _read_other,
    "registrykey": _read_other,
    "registryvalue": _read_other,
    "securitygroup": _read_other,
    "alert": _read_nothing,
    "securityalert": _read_nothing,
    "location": _read_nothing,
    "mailboxconfiguration": _read_nothing,
}


@lru_cache(maxsize=1_024)
def _reader(kind: str) -> _Reader | None:
    name = _NOT_A_LETTER_OR_DIGIT.sub("", kind.lower())
    reader = _READERS.get(name)
    if reader is None and name.startswith(("k8s", "kubernetes")):
        return _read_namespaced
    return reader
