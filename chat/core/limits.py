"""Limits on how often, how much and how many.

The caller brings the time: seconds of a clock that only goes forward.
"""

import ipaddress
from collections import Counter, deque
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

#: How many frames of one client are taken before it is the others' turn.
FRAMES_A_TURN = 16


class Rate(NamedTuple):
    """So much a second, after a burst. A rate of 0 sets no limit."""

    per_second: float
    burst: float

    @classmethod
    def of(cls, text: str) -> "Rate":
        """The rate in words: "3/20" is 3 a second after a burst of 20, "0" is no limit.

        Raises ValueError with a sentence that says how it is written.
        """
        per_second, slash, burst = text.strip().partition("/")
        try:
            rate = cls(float(per_second), float(burst if slash else per_second))
        except ValueError:
            rate = cls(-1, -1)
        is_finite = 0 <= rate.per_second < float("inf") and 0 <= rate.burst < float("inf")
        if not is_finite or (rate.per_second > 0 and not slash) or (rate.per_second > 0 and rate.burst < 1):
            raise ValueError(f"{text!r}: write 3/20 for 3 a second after a burst of 20, or 0 for no limit")
        return rate


@dataclass(slots=True)
class Bucket:
    """A token bucket: lets a burst through at once, then so much a second.

    What was taken drains; `level` may stand above the burst where a price was known only afterwards.
    """

    level: float = 0.0
    at: float = 0.0

    def wait(self, rate: Rate, amount: float, now: float) -> float:
        """The seconds until `amount` may be taken; 0 where it may be now, or where there is no limit.

        More than a whole burst is let through once nothing else is in the bucket.
        """
        if rate.per_second <= 0:
            return 0.0
        level = max(0.0, self.level - (now - self.at) * rate.per_second)
        return max(0.0, level + min(amount, rate.burst) - rate.burst) / rate.per_second

    def take(self, rate: Rate, amount: float, now: float) -> None:
        """Take `amount`, whether there is room for it or not."""
        if rate.per_second > 0:
            level = max(0.0, self.level - (now - self.at) * rate.per_second)
            self.level, self.at = level + amount, now

    def is_empty(self, rate: Rate, now: float) -> bool:
        """Whether all that was taken has drained, so that the bucket may be forgotten."""
        return rate.per_second <= 0 or self.level <= (now - self.at) * rate.per_second


class Throttle:
    """One rate for many, each with a bucket of their own. Whose bucket has drained is forgotten."""

    #: How many buckets are kept at least before the drained ones are looked for.
    _FEW = 1000

    def __init__(self, rate: Rate) -> None:
        self.rate = rate
        self._buckets: dict[str, Bucket] = {}
        self._many = self._FEW

    def __len__(self) -> int:
        return len(self._buckets)

    def wait(self, key: str, amount: float, now: float) -> float:
        """The seconds until `key` may take `amount`; 0 where it may now. "" is nobody, who may take all."""
        bucket = self._buckets.get(key)
        return 0.0 if bucket is None else bucket.wait(self.rate, amount, now)

    def take(self, key: str, amount: float, now: float) -> None:
        """Have `key` take `amount`, whether there is room for it or not."""
        if not key or self.rate.per_second <= 0:
            return
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= self._many:
                self._forget(now)
            bucket = self._buckets[key] = Bucket(at=now)
        bucket.take(self.rate, amount, now)

    def count(self, key: str, now: float) -> bool:
        """Count one more of `key`, if that is not too much."""
        if self.wait(key, 1, now):
            return False
        self.take(key, 1, now)
        return True

    def _forget(self, now: float) -> None:
        """Forget whose bucket has drained. At twice the number that is left it is done again."""
        self._buckets = {
            key: bucket for key, bucket in self._buckets.items() if not bucket.is_empty(self.rate, now)
        }
        self._many = max(self._FEW, 2 * len(self._buckets))


@dataclass
class Strikes:
    """Counts faults; `most` of them within `seconds` are too many. A `most` of 0 never is."""

    most: int
    seconds: float
    _times: deque[float] = field(default_factory=deque)

    def add(self, now: float) -> bool:
        """Count one fault at `now`. Too many?"""
        while self._times and self._times[0] <= now - self.seconds:
            self._times.popleft()
        if self.most:
            self._times.append(now)
        return 0 < self.most <= len(self._times)

    @property
    def count(self) -> int:
        """How many there were within the seconds before the last one."""
        return len(self._times)


@dataclass
class Slots:
    """Counts the connections that are open, in all and of each network. A most of 0 sets no limit."""

    total: int = 0
    _of: Counter[str] = field(default_factory=Counter)

    def acquire(self, network: str, most: int, most_of_one: int) -> bool:
        """Take a slot, if there is one. "" is nobody's network, and may take as many as there are."""
        if 0 < most <= self.total or (network and 0 < most_of_one <= self._of[network]):
            return False
        self.total += 1
        if network:
            self._of[network] += 1
        return True

    def release(self, network: str) -> None:
        """Give back a slot that was taken."""
        self.total -= 1
        if network:
            self._of[network] -= 1
            if not self._of[network]:
                del self._of[network]


@lru_cache(maxsize=4096)
def network(host: str) -> str:
    """Whom an address belongs to, as far as can be told: an IPv4 address, or 64 bits of an IPv6 one.

    "" for a Unix socket and for this machine itself, where a proxy may speak for everybody. What is no
    address stands for itself.
    """
    address = address_of(host)
    if address is None:
        return host
    if address.is_loopback:
        return ""
    return str(address) if address.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))


def address_of(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address in these words, with or without brackets and a port; None where there is none in them."""
    if host.count(":") == 1:  # some proxies add the port
        host = host.partition(":")[0]
    try:
        address = ipaddress.ip_address(host.removeprefix("[").partition("]")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, ipaddress.IPv6Address) else address
