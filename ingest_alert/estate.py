"""What belongs to whom in the networks that alerts tell of: our own addresses, and who passes on.

The operator states it (`OWN_NETWORKS`, `PROXIES`); without it, only private addresses are our own.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from shared.entities import Entity, make_key

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

PRIVATE: Final = tuple(
    map(
        ipaddress.ip_network,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"),
    )
)
"""What organisations number their own networks with (RFC 1918, 6598 and 4193)."""


@dataclass(frozen=True, slots=True)
class Estate:
    """Own networks, and the keys of hosts and addresses that pass on what others do.

    The latter are proxies, resolvers, gateways, collectors: what they are seen to do was done
    through them, so that no alert is about them while it names anything else.
    """

    networks: tuple[Network, ...] = PRIVATE
    passing: frozenset[str] = frozenset()

    def owns(self, named: Entity | None) -> bool:
        """Whether an entity is an address of our own."""
        if named is None or named.key is None or not named.key.startswith("address:"):
            return False
        address = ipaddress.ip_address(named.key.partition(":")[2])
        return any(address in network for network in self.networks)

    def passes_on(self, named: Entity | None) -> bool:
        """Whether an entity only passes on what others do."""
        return named is not None and named.key in self.passing


UNSTATED: Final = Estate()
"""The estate of an operator who stated nothing."""


def read_estate(own_networks: Iterable[str], proxies: Iterable[str]) -> Estate:
    """The estate of networks (`203.0.113.0/24`) and of addresses or host names that pass on.

    Raises ValueError for a network that is none.
    """
    networks = tuple(ipaddress.ip_network(text, strict=False) for text in own_networks)
    keys = (make_key("address", text) or make_key("host", text) for text in proxies)
    return Estate((*PRIVATE, *networks), frozenset(key for key in keys if key is not None))
