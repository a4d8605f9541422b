"""Names, addresses and hashes that so many machines share that they tie no two alerts together.

All texts are in lower case; names of accounts and their domains are without accents too (`système`
stands as `systeme`), since products write them in the language of the system that they run on.
"""

import hashlib
from typing import Final

PLACEHOLDERS: Final = frozenset(
    {
        "",
        "-",
        "--",
        "---",
        "?",
        "*",
        "0",
        "n/a",
        "n.a.",
        "na",
        "nan",
        "none",
        "null",
        "nil",
        "(null)",
        "(none)",
        "(no user)",
        "no user",
        "(unknown)",
        "<null>",
        "<none>",
        "<na>",
        "<unknown>",
        "[null]",
        "[none]",
        "\\n",
        "unknown",
        "undefined",
        "unspecified",
        "not available",
        "not applicable",
        "not specified",
        "not set",
        "no data",
        "redacted",
        "[redacted]",
        "00000000-0000-0000-0000-000000000000",
    }
)
"""What products write where they have nothing to say."""

SERVICE_ACCOUNTS: Final = frozenset(
    {
        # Windows' own, in the languages that it is sold in
        "system",
        "local system",
        "localsystem",
        "local service",
        "localservice",
        "network service",
        "networkservice",
        "anonymous",
        "anonymous logon",
        "anonymous-anmeldung",
        "everyone",
        "jeder",
        "tout le monde",
        "todos",
        "systeme",
        "sistema",
        "sistem",
        "rendszer",
        "jarjestelma",
        "система",
        "lokales system",
        "lokaler dienst",
        "netzwerkdienst",
        "service local",
        "service reseau",
        "servicio local",
        "servicio de red",
        "servico local",
        "servico de rede",
        "servizio locale",
        "servizio di rete",
        "lokale service",
        "netwerkservice",
        "lokal tjanst",
        "natverkstjanst",
        "lokal tjeneste",
        "lokal tjenesten",
        "netværkstjeneste",
        "nettverkstjeneste",
        "paikallinen palvelu",
        "verkkopalvelu",
        "usługa lokalna",
        "usługa sieciowa",
        "mistni sluzba",
        "sitova sluzba",
        "helyi szolgaltatas",
        "halozati szolgaltatas",
        "yerel hizmet",
        "ag hizmeti",
        "локальная служба",
        "сетевая служба",
    }
)
"""Identities that belong to a machine and to nobody: they never have a key."""

SERVICE_DOMAINS: Final = frozenset(
    {
        "nt authority",
        "nt-autoritat",
        "autorite nt",
        "autoridade nt",
        "autorita nt",
        "nt autorita",
        "nt instans",
        "nt-instans",
        "nt-hallinta",
        "nt-myndighed",
        "nt-myndighet",
        "nt hatosag",
        "zarzadzanie nt",
        "builtin",
        "vordefiniert",
        "predefini",
        "nt service",
        "nt virtual machine",
        "window manager",
        "font driver host",
        "iis apppool",
    }
)
"""Domains in which every Windows machine keeps its own accounts and groups."""

LOCAL_ACCOUNTS: Final = frozenset(
    {
        "guest",
        "gast",
        "invite",
        "invitado",
        "convidado",
        "ospite",
        "root",
        "administrator",
        "admin",
        "administrateur",
        "administrador",
        "amministratore",
        "rendszergazda",
        "jarjestelmanvalvoja",
        "администратор",
        "daemon",
        "nobody",
        "www-data",
        "apache",
        "nginx",
        "httpd",
        "sshd",
        "mysql",
        "postgres",
        "redis",
        "ubuntu",
        "ec2-user",
        "centos",
        "debian",
        "azureuser",
        "defaultaccount",
        "wdagutilityaccount",
    }
)
"""Names that every machine has: they tie machines together only when a host or domain is named."""

LOCAL_DOMAINS: Final = frozenset({"workgroup", "mshome", "."})
"""What stands for the machine itself in the place of a domain."""

LOCAL_HOSTS: Final = frozenset(
    {"localhost", "localhost.localdomain", "ip6-localhost", "127.0.0.1", "::1"}
)

EMPTY_HASHES: Final = frozenset(
    hashlib.new(name, b"", usedforsecurity=False).hexdigest() for name in ("md5", "sha1", "sha256")
)

SHARED_ADDRESSES: Final = frozenset(
    {
        "255.255.255.255",
        # where machines ask their cloud about themselves (link-local ones need no entry)
        "168.63.129.16",
        "100.100.100.200",
        "192.0.0.192",
        "fd00:ec2::254",
        # public resolvers
        "1.0.0.1",
        "1.0.0.2",
        "1.0.0.3",
        "1.1.1.1",
        "1.1.1.2",
        "1.1.1.3",
        "4.2.2.1",
        "4.2.2.2",
        "4.2.2.3",
        "4.2.2.4",
        "8.8.4.4",
        "8.8.8.8",
        "9.9.9.9",
        "9.9.9.10",
        "9.9.9.11",
        "64.6.64.6",
        "64.6.65.6",
        "76.76.2.0",
        "76.76.10.0",
        "77.88.8.1",
        "77.88.8.8",
        "94.140.14.14",
        "94.140.15.15",
        "114.114.114.114",
        "114.114.115.115",
        "119.29.29.29",
        "149.112.112.10",
        "149.112.112.11",
        "149.112.112.112",
        "180.76.76.76",
        "185.228.168.9",
        "185.228.169.9",
        "208.67.220.123",
        "208.67.220.220",
        "208.67.222.123",
        "208.67.222.222",
        "223.5.5.5",
        "223.6.6.6",
        "2001:4860:4860::8844",
        "2001:4860:4860::8888",
        "2606:4700:4700::1001",
        "2606:4700:4700::1111",
        "2620:119:35::35",
        "2620:119:53::53",
        "2620:fe::9",
        "2620:fe::fe",
    }
)
"""Addresses that machines of every organisation talk to all day."""
