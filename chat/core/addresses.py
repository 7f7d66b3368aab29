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
        # All of a network of 64 bits is of one kind, and of one address that is quicker to say.
        first = ipaddress.ip_address(network.partition("/")[0])
    except ValueError:
        return False
    if not first.is_global or first.is_multicast:
        return False
    return not (shared and _overlaps(network, shared))


def _overlaps(network: str, others: Iterable[str]) -> bool:
    one = ipaddress.ip_network(network)
    known = map(ipaddress.ip_network, others)
    return any(other.version == one.version and other.overlaps(one) for other in known)


@lru_cache(maxsize=4096)
def hashed(network: str, secret: str) -> str:
    """What a network is known by under a key; who has not the key cannot tell which one it was."""
    return hmac.digest(secret.encode(), network.encode(), hashlib.sha256).hex()[:32]
