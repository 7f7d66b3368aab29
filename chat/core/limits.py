"""Limits on how often, and on how many. The caller brings the clock."""

import ipaddress
from collections import Counter, deque
from dataclasses import dataclass, field


@dataclass
class Strikes:
    """Counts faults; `most` of them within `seconds` are too many. A `most` of 0 never is."""

    most: int
    seconds: float
    _times: deque[float] = field(default_factory=deque)

    def add(self, now: float) -> bool:
        """Count one fault at `now`, in seconds of any clock that only goes forward. Too many?"""
        while self._times and self._times[0] <= now - self.seconds:
            self._times.popleft()
        self._times.append(now)
        return 0 < self.most <= len(self._times)


@dataclass
class Places:
    """Counts connections, in all and of each network. A most of 0 sets no limit."""

    total: int = 0
    _of: Counter[str] = field(default_factory=Counter)

    def take(self, network: str, most: int, most_of_one: int) -> bool:
        """Take a place, if there is one. "" is nobody's network, and may take as many as there are."""
        if 0 < most <= self.total or (network and 0 < most_of_one <= self._of[network]):
            return False
        self.total += 1
        if network:
            self._of[network] += 1
        return True

    def give_back(self, network: str) -> None:
        """Give back a place that was taken."""
        self.total -= 1
        if network:
            self._of[network] -= 1
            if not self._of[network]:
                del self._of[network]


def network(host: str) -> str:
    """Whom an address belongs to, as far as can be told: an IPv4 address, or 64 bits of an IPv6 one.

    "" for a Unix socket and for this machine itself, where a proxy may speak for everybody. What a proxy
    says that is no address stands for itself.
    """
    if host.count(":") == 1:  # some proxies add the port
        host = host.partition(":")[0]
    try:
        address = ipaddress.ip_address(host.removeprefix("[").partition("]")[0])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address
    if address.is_loopback:
        return ""
    return str(address) if address.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))
