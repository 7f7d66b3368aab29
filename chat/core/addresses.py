"""Addresses as hashes: what is kept of where somebody came from. Networks are those of core/limits.py."""

import hashlib
import hmac
import ipaddress
from collections.abc import Iterable
from functools import lru_cache


@lru_cache(maxsize=4096)
def is_own(network: str, shared: tuple[str, ...]) -> bool:
    """Whether a network is somebody's own: that of one house or one line in the internet.

    No private one is, nor any other that the internet does not know, nor one in `shared`; nor is what is no
    network at all, such as "".
    """
    try:
        parsed = ipaddress.ip_network(network)
    except ValueError:
        return False
    return parsed.is_global and not parsed.is_multicast and not _overlaps(parsed, shared)


def _overlaps(network: ipaddress.IPv4Network | ipaddress.IPv6Network, others: Iterable[str]) -> bool:
    known = map(ipaddress.ip_network, others)
    return any(one.version == network.version and one.overlaps(network) for one in known)


@lru_cache(maxsize=4096)
def hashed(network: str, secret: str) -> str:
    """What a network is known by under a key; who has not the key cannot tell which one it was."""
    return hmac.digest(secret.encode(), network.encode(), hashlib.sha256).hex()[:32]
