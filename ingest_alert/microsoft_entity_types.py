"""What is extracted of an entity of each type: one function a type of Microsoft's entity reference.

The types are those of the entity reference of Microsoft Sentinel and Defender. `extractor.py` says
what a function may ask of and give to an extractor.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from ingest_alert.extraction import Extractor
from ingest_alert.fields import Fields
from ingest_alert.observables import Details, details, in_system_folder
from ingest_alert.resources import read_arm_id

_NOT_A_LETTER_OR_DIGIT: Final = re.compile(r"[^a-z0-9]+")


def extract(fields: Fields, extractor: Extractor, kind: str) -> bool:
    """Have the type's function extract what it can; False when no function knows the type.

    `kind` is the type where the entity does not state one.
    """
    stated = fields.get("type")
    reader = _reader(stated) if isinstance(stated, str) else None
    if reader is None:
        reader = _reader(kind or _guessed_type(fields))
    if reader is None:
        return False
    reader(fields, extractor)
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


def _read_ip(fields: Fields, extractor: Extractor) -> None:
    extractor.add("address", fields.text("address"), _address_details(fields))


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


def _read_host(fields: Fields, extractor: Extractor) -> None:
    extractor.host(_host_name(fields), *_host_details(fields))
    extractor.resource(fields.text("azureid", "resourceid"))


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


def _read_account(fields: Fields, extractor: Extractor) -> None:
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
        extractor.add("account", upn, extra)
    if name and "@" not in name and (domain or not upn):
        extractor.add("account", *_spelled(name, domain, extra, fields, extractor))
    elif not upn:
        extractor.add("account", name or fields.text("sid", "aaduserid", "displayname"), extra)
    extractor.read_field(fields, "host", "host")


def _spelled(
    name: str, domain: str, extra: Details, fields: Fields, extractor: Extractor
) -> tuple[str, Details, str]:
    """A name with the domain it lives in: its own, else the machine whose local account it is."""
    if not domain and "\\" not in name:
        host = _host_name(extractor.look(fields, "host")).partition(".")[0]
        return name, extra, host
    return (f"{domain}\\{name}" if domain and "\\" not in name else name), extra, ""


def _read_file(fields: Fields, extractor: Extractor) -> None:
    name, folder = fields.text("name", "filename"), fields.text("directory")
    extra = details(("name", name), ("directory", folder))
    of_system = in_system_folder(_full_path(folder, name))
    hashes = [item.text("value") for item in extractor.take_all(fields, "filehashes")]
    for value in hashes:
        extractor.hash(value, extra, of_system=of_system)
    if not hashes:
        extractor.add("file", _full_path(folder, name))
    extractor.read_field(fields, "host", "host")


def _full_path(folder: str, name: str) -> str:
    separator = "/" if "/" in folder else "\\"
    return f"{folder.rstrip(separator)}{separator}{name}" if folder and name else name


def _read_hash(fields: Fields, extractor: Extractor) -> None:
    extra = details(("algorithm", fields.text("algorithm")))
    extractor.hash(fields.text("value", "hashvalue"), extra, of_system=False)


def _read_process(fields: Fields, extractor: Extractor) -> None:
    image = extractor.look(fields, "imagefile")
    path = _full_path(image.text("directory"), image.text("name"))
    number = fields.text("processid")
    extra = details(
        ("image", path),
        ("processId", number),
        ("created", fields.text("creationtimeutc")),
    )
    extractor.add("process", fields.text("commandline") or path or number, extra)
    extractor.read_field(fields, "imagefile", "file")
    extractor.read_field(fields, "parentprocess", "process")
    extractor.read_field(fields, "account", "account")
    extractor.read_field(fields, "host", "host")


def _read_url(fields: Fields, extractor: Extractor) -> None:
    extractor.add("url", fields.text("url"))


def _read_dns(fields: Fields, extractor: Extractor) -> None:
    extractor.add("domain", fields.text("domainname"))
    for name in ("ipaddresses", "hostipaddress"):
        extractor.read_field(fields, name, "ip")


def _read_mailbox(fields: Fields, extractor: Extractor) -> None:
    """A mailbox and the account whose it is: mail alerts meet those of sign-ins there."""
    address, upn = fields.text("mailboxprimaryaddress"), fields.text("upn", "userprincipalname")
    extra = details(("displayName", fields.text("displayname")))
    extractor.add("mailbox", address or upn, extra)
    extractor.add("account", upn or address, extra)


def _read_mail(fields: Fields, extractor: Extractor) -> None:
    subject = details(("subject", fields.text("subject")))
    recipient = fields.text("recipient")
    extractor.add("mailbox", recipient, subject)
    extractor.add("account", recipient)
    sender = fields.text("sender", "p2sender", "p1sender")
    extractor.add("mailbox", sender, details(("role", "sender")) if sender else ())
    extractor.add("address", fields.text("senderip"))
    for url in fields.list("urls"):
        extractor.add("url", url.strip() if isinstance(url, str) else "")
    extractor.read_field(fields, "files", "file")


def _read_cloud_application(fields: Fields, extractor: Extractor) -> None:
    """A hosted service that a whole organisation uses: shown, but it ties nothing."""
    name = fields.text("name", "appname", "instancename", "appid", "saasid")
    extractor.add(
        "other", name, details(("type", "cloud application"), ("id", fields.text("appid")))
    )


def _read_own_application(fields: Fields, extractor: Extractor) -> None:
    """An application by its own id: an OAuth application, a service principal."""
    identifier = fields.text("oauthappid", "appid", "clientid", "serviceprincipalobjectid")
    name = fields.text("name", "serviceprincipalname", "displayname")
    extractor.add("application", identifier or name, details(("name", name)))


def _read_resource(fields: Fields, extractor: Extractor) -> None:
    extractor.resource(
        fields.text(
            "resourceid", "azureresourceid", "amazonresourceid", "fullresourcename", "resourcename"
        )
    )


def _read_storage(fields: Fields, extractor: Extractor) -> None:
    """A blob, its container or its account: the account's ARM id is what ties."""
    extractor.add("other", fields.text("url", "name"), details(("type", fields.text("type"))))
    for name in ("storageresource", "blobcontainer", "storageaccount"):
        extractor.read_field(fields, name)


def _read_container(fields: Fields, extractor: Extractor) -> None:
    image = extractor.look(fields, "image")
    extra = details(("name", fields.text("name")), ("image", image.text("imageid")))
    extractor.add("container", fields.text("containerid") or fields.text("name"), extra)
    extractor.read_field(fields, "pod", "k8spod")


def _read_image(fields: Fields, extractor: Extractor) -> None:
    extractor.add("other", fields.text("imageid", "name"), details(("type", "container image")))


def _read_pod(fields: Fields, extractor: Extractor) -> None:
    namespace, cluster = _namespace_and_cluster(fields, extractor)
    place = [part for part in (cluster, namespace, fields.text("name")) if part]
    extractor.add("container", "/".join(place), details(("type", "pod")))
    extractor.read_field(fields, "containers", "container")


def _namespace_and_cluster(fields: Fields, extractor: Extractor) -> tuple[str, str]:
    namespace = extractor.look(fields, "namespace")
    cluster = extractor.look(namespace, "cluster")
    where = extractor.look(cluster, "cloudresource").text("resourceid")
    arm = read_arm_id(where)
    extractor.resource(where)
    return namespace.text("name"), arm.resource.name if arm else where


def _read_service_account(fields: Fields, extractor: Extractor) -> None:
    namespace, cluster = _namespace_and_cluster(fields, extractor)
    place = "/".join(part for part in (cluster, namespace) if part)
    extractor.add("account", fields.text("name"), details(("namespace", namespace)), place)


def _read_cluster(fields: Fields, extractor: Extractor) -> None:
    extractor.read_field(fields, "cloudresource", "azureresource")


def _read_namespaced(fields: Fields, extractor: Extractor) -> None:
    """Other things of a Kubernetes cluster: shown; the cluster is what ties."""
    namespace, _ = _namespace_and_cluster(fields, extractor)
    kind = fields.text("type")
    extractor.add("other", fields.text("name"), details(("type", kind), ("namespace", namespace)))
    extractor.read_field(fields, "cluster", "k8scluster")


def _read_iot_device(fields: Fields, extractor: Extractor) -> None:
    name = fields.text("devicename", "deviceid")
    kind, system = fields.text("devicetype"), fields.text("operatingsystem")
    extractor.add("host", name, details(("type", kind), ("os", system)))
    extractor.read_field(fields, "ipaddress", "ip")
    extractor.read_field(fields, "host", "host")


def _read_connection(fields: Fields, extractor: Extractor) -> None:
    for name in ("sourceaddress", "destinationaddress"):
        extractor.read_field(fields, name, "ip")


def _read_session(fields: Fields, extractor: Extractor) -> None:
    extractor.read_field(fields, "account", "account")
    extractor.read_field(fields, "host", "host")


def _read_domain(fields: Fields, extractor: Extractor) -> None:
    extractor.add("domain", fields.text("activedirectorydomainname", "domainname", "name"))


def _read_other(fields: Fields, extractor: Extractor) -> None:
    """What is worth showing and ties nothing: malware by name, registry keys, groups."""
    key = "\\".join(part for part in (fields.text("hive"), fields.text("key")) if part)
    value = fields.text("name", "malwarename", "distinguishedname", "query", "sid", "objectguid")
    extra = details(("type", fields.text("type")), ("value", value if key else ""))
    extractor.add("other", key or value, extra)


def _read_nothing(_fields: Fields, _extractor: Extractor) -> None:
    """A type that says nothing beyond what the others do."""


_Reader = Callable[[Fields, Extractor], None]

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
