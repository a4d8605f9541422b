"""What an entity of each type tells: one function a type of Microsoft's entity reference.

The types are those of the entity reference of Microsoft Sentinel and Defender. `telling.py` says
what a function may ask and tell.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from ingest_alert.fields import Fields
from ingest_alert.resources import read_arm_id
from ingest_alert.telling import Telling
from ingest_alert.things import Details, details, in_system_folder

_NOT_A_LETTER_OR_DIGIT: Final = re.compile(r"[^a-z0-9]+")


def tell(fields: Fields, telling: Telling, kind: str) -> bool:
    """Have the type's function tell what it can; False when no function knows the type.

    `kind` is the type where the entity does not state one.
    """
    stated = fields.get("type")
    reader = _reader(stated) if isinstance(stated, str) else None
    if reader is None:
        reader = _reader(kind or _guessed_type(fields))
    if reader is None:
        return False
    reader(fields, telling)
    return True


def _guessed_type(fields: Fields) -> str:
    """The type of an entity that does not state it, from the field that only it has."""
    return next((kind for name, kind in _TELLING_FIELDS if name in fields.names), "")


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


def _read_ip(fields: Fields, telling: Telling) -> None:
    telling.add("address", fields.text("address"), _address_details(fields))


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


def _read_host(fields: Fields, telling: Telling) -> None:
    telling.add("host", _host_name(fields), _host_details(fields))
    telling.resource(fields.text("azureid", "resourceid"))


def _host_name(fields: Fields) -> str:
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


def _read_account(fields: Fields, telling: Telling) -> None:
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
        telling.add("account", upn, extra)
    if name and "@" not in name and (domain or not upn):
        telling.add("account", *_spelled(name, domain, extra, fields, telling))
    elif not upn:
        telling.add("account", name or fields.text("sid", "aaduserid", "displayname"), extra)
    telling.read_field(fields, "host", "host")


def _spelled(
    name: str, domain: str, extra: Details, fields: Fields, telling: Telling
) -> tuple[str, Details, str]:
    """A name with the domain it lives in: its own, else the machine whose local account it is."""
    if not domain and "\\" not in name:
        host = _host_name(telling.look(fields, "host")).partition(".")[0]
        return name, extra, host
    return (f"{domain}\\{name}" if domain and "\\" not in name else name), extra, ""


def _read_file(fields: Fields, telling: Telling) -> None:
    name, folder = fields.text("name", "filename"), fields.text("directory")
    extra = details(("name", name), ("directory", folder))
    of_system = in_system_folder(_full_path(folder, name))
    hashes = [item.text("value") for item in telling.take_all(fields, "filehashes")]
    for value in hashes:
        telling.hash(value, extra, of_system=of_system)
    if not hashes:
        telling.add("file", _full_path(folder, name))
    telling.read_field(fields, "host", "host")


def _full_path(folder: str, name: str) -> str:
    separator = "/" if "/" in folder else "\\"
    return f"{folder.rstrip(separator)}{separator}{name}" if folder and name else name


def _read_hash(fields: Fields, telling: Telling) -> None:
    extra = details(("algorithm", fields.text("algorithm")))
    telling.hash(fields.text("value", "hashvalue"), extra, of_system=False)


def _read_process(fields: Fields, telling: Telling) -> None:
    image = telling.look(fields, "imagefile")
    path = _full_path(image.text("directory"), image.text("name"))
    number = fields.text("processid")
    extra = details(
        ("image", path),
        ("processId", number),
        ("created", fields.text("creationtimeutc")),
    )
    telling.add("process", fields.text("commandline") or path or number, extra)
    telling.read_field(fields, "imagefile", "file")
    telling.read_field(fields, "parentprocess", "process")
    telling.read_field(fields, "account", "account")
    telling.read_field(fields, "host", "host")


def _read_url(fields: Fields, telling: Telling) -> None:
    telling.add("url", fields.text("url"))


def _read_dns(fields: Fields, telling: Telling) -> None:
    telling.add("domain", fields.text("domainname"))
    for name in ("ipaddresses", "hostipaddress"):
        telling.read_field(fields, name, "ip")


def _read_mailbox(fields: Fields, telling: Telling) -> None:
    """A mailbox and the account whose it is: mail alerts meet those of sign-ins there."""
    address, upn = fields.text("mailboxprimaryaddress"), fields.text("upn", "userprincipalname")
    extra = details(("displayName", fields.text("displayname")))
    telling.add("mailbox", address or upn, extra)
    telling.add("account", upn or address, extra)


def _read_mail(fields: Fields, telling: Telling) -> None:
    subject = details(("subject", fields.text("subject")))
    recipient = fields.text("recipient")
    telling.add("mailbox", recipient, subject)
    telling.add("account", recipient)
    sender = fields.text("sender", "p2sender", "p1sender")
    telling.add("mailbox", sender, details(("role", "sender")) if sender else ())
    telling.add("address", fields.text("senderip"))
    for url in fields.list("urls"):
        telling.add("url", url.strip() if isinstance(url, str) else "")
    telling.read_field(fields, "files", "file")


def _read_cloud_application(fields: Fields, telling: Telling) -> None:
    """A hosted service that a whole organisation uses: shown, but it ties nothing."""
    name = fields.text("name", "appname", "instancename", "appid", "saasid")
    telling.add("other", name, details(("type", "cloud application"), ("id", fields.text("appid"))))


def _read_own_application(fields: Fields, telling: Telling) -> None:
    """An application by its own id: an OAuth application, a service principal."""
    identifier = fields.text("oauthappid", "appid", "clientid", "serviceprincipalobjectid")
    name = fields.text("name", "serviceprincipalname", "displayname")
    telling.add("application", identifier or name, details(("name", name)))


def _read_resource(fields: Fields, telling: Telling) -> None:
    telling.resource(
        fields.text(
            "resourceid", "azureresourceid", "amazonresourceid", "fullresourcename", "resourcename"
        )
    )


def _read_storage(fields: Fields, telling: Telling) -> None:
    """A blob, its container or its account: the account's ARM id is what ties."""
    telling.add("other", fields.text("url", "name"), details(("type", fields.text("type"))))
    for name in ("storageresource", "blobcontainer", "storageaccount"):
        telling.read_field(fields, name)


def _read_container(fields: Fields, telling: Telling) -> None:
    image = telling.look(fields, "image")
    extra = details(("name", fields.text("name")), ("image", image.text("imageid")))
    telling.add("container", fields.text("containerid") or fields.text("name"), extra)
    telling.read_field(fields, "pod", "k8spod")


def _read_image(fields: Fields, telling: Telling) -> None:
    telling.add("other", fields.text("imageid", "name"), details(("type", "container image")))


def _read_pod(fields: Fields, telling: Telling) -> None:
    namespace, cluster = _namespace_and_cluster(fields, telling)
    place = [part for part in (cluster, namespace, fields.text("name")) if part]
    telling.add("container", "/".join(place), details(("type", "pod")))
    telling.read_field(fields, "containers", "container")


def _namespace_and_cluster(fields: Fields, telling: Telling) -> tuple[str, str]:
    namespace = telling.look(fields, "namespace")
    cluster = telling.look(namespace, "cluster")
    where = telling.look(cluster, "cloudresource").text("resourceid")
    arm = read_arm_id(where)
    telling.resource(where)
    return namespace.text("name"), arm.resource.name if arm else where


def _read_service_account(fields: Fields, telling: Telling) -> None:
    namespace, cluster = _namespace_and_cluster(fields, telling)
    place = "/".join(part for part in (cluster, namespace) if part)
    telling.add("account", fields.text("name"), details(("namespace", namespace)), place)


def _read_cluster(fields: Fields, telling: Telling) -> None:
    telling.read_field(fields, "cloudresource", "azureresource")


def _read_namespaced(fields: Fields, telling: Telling) -> None:
    """Other things of a Kubernetes cluster: shown; the cluster is what ties."""
    namespace, _ = _namespace_and_cluster(fields, telling)
    kind = fields.text("type")
    telling.add("other", fields.text("name"), details(("type", kind), ("namespace", namespace)))
    telling.read_field(fields, "cluster", "k8scluster")


def _read_iot_device(fields: Fields, telling: Telling) -> None:
    name = fields.text("devicename", "deviceid")
    kind, system = fields.text("devicetype"), fields.text("operatingsystem")
    telling.add("host", name, details(("type", kind), ("os", system)))
    telling.read_field(fields, "ipaddress", "ip")
    telling.read_field(fields, "host", "host")


def _read_connection(fields: Fields, telling: Telling) -> None:
    for name in ("sourceaddress", "destinationaddress"):
        telling.read_field(fields, name, "ip")


def _read_session(fields: Fields, telling: Telling) -> None:
    telling.read_field(fields, "account", "account")
    telling.read_field(fields, "host", "host")


def _read_domain(fields: Fields, telling: Telling) -> None:
    telling.add("domain", fields.text("activedirectorydomainname", "domainname", "name"))


def _read_other(fields: Fields, telling: Telling) -> None:
    """What is worth showing and ties nothing: malware by name, registry keys, groups."""
    key = "\\".join(part for part in (fields.text("hive"), fields.text("key")) if part)
    value = fields.text("name", "malwarename", "distinguishedname", "query", "sid", "objectguid")
    extra = details(("type", fields.text("type")), ("value", value if key else ""))
    telling.add("other", key or value, extra)


def _read_nothing(_fields: Fields, _telling: Telling) -> None:
    """A type that says nothing beyond what the others do."""


_Reader = Callable[[Fields, Telling], None]

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
