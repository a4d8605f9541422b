"""What each product calls the company, its machines and its people; all of it is made up.

One company has another id with every vendor: a directory, a workspace and a subscription with
Microsoft, a customer id with CrowdStrike, an account with Amazon.
"""

import hashlib
from typing import Final
from uuid import UUID, uuid5

DIRECTORY: Final = "7d3f0c1e-52a4-4f0b-9a86-0e6c5b1d2a34"
"""The company with Microsoft: its tenant in Entra ID."""
WORKSPACE: Final = "c05b7a9e-3d18-4f6a-8b7c-2e91d4a0f653"
"""The Log Analytics workspace in which its rows are."""
SUBSCRIPTION: Final = "3f1c6a52-7f0e-4c6d-9a53-5b1f8e2d7c10"
RESOURCE_GROUP: Final = "shop"
CUSTOMER: Final = "5e2f9c0b7a1d4386b0c4d7e8f9a12b36"
"""The company with CrowdStrike: its CID."""
AMAZON: Final = "123456789012"
"""Its account with Amazon."""
POST_CUSTOMER: Final = "contoso-7"
"""The company with the maker of the tool that speaks OCSF."""
DOMAIN: Final = "CONTOSO"
"""Its Windows domain in the short form."""
DNS_DOMAIN: Final = "corp.contoso.example"
MAIL_DOMAIN: Final = "contoso.example"
_DOMAIN_SID: Final = "S-1-5-21-1004336348-1177238915-682003330"


def fqdn(host: str) -> str:
    """A machine with its domain: `web17.corp.contoso.example`."""
    return f"{host}.{DNS_DOMAIN}"


def upn(account: str) -> str:
    """A person as Entra ID names them: `anna42@contoso.example`."""
    return f"{account}@{MAIL_DOMAIN}"


def sid(account: str) -> str:
    """The security identifier of an account of the domain."""
    return f"{_DOMAIN_SID}-{1_000 + _number(account) % 90_000}"


def object_id(account: str) -> str:
    """The id of an account in Entra ID."""
    return str(uuid5(UUID(DIRECTORY), account))


def device_id(product: str, host: str, digits: int) -> str:
    """The id under which a product's agent knows a machine, as so many hex digits."""
    return hashlib.sha256(f"{product}/{host}".encode()).hexdigest()[:digits]


def agent_number(host: str) -> str:
    """The number of a machine's agent with a manager that counts them: `0417`."""
    return f"{1 + _number(host) % 9_999:03d}"


def _number(name: str) -> int:
    return int(hashlib.sha256(name.encode()).hexdigest()[:8], 16)
