"""Addresses that are somebody's own, and what is kept of them."""

import pytest

from chat.core.addresses import hashed, is_own
from chat.core.limits import network


@pytest.mark.parametrize(
    ("host", "is_theirs"),
    [
        ("8.8.8.8", True),
        ("8.8.8.8:4711", True),
        ("2a00:1450:4001:80b::200e", True),
        ("::ffff:8.8.8.8", True),
        ("", False),
        ("unknown", False),
        ("127.0.0.1", False),
        ("::1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.7", False),
        ("::ffff:192.168.1.7", False),
        ("100.64.0.1", False),  # of a provider, for many of its customers
        ("169.254.1.1", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("224.0.0.1", False),
        ("ff0e::1", False),
        ("203.0.113.7", False),
        ("9.9.9.9", False),
        ("2620:fe::fe", False),
        ("2a00:1450:4001:900::1", False),  # where a proxy is
    ],
)
def test_an_address_is_somebody_s_own_or_not(host: str, is_theirs: bool) -> None:
    assert is_own(network(host), ("9.9.9.0/24", "2620:fe::/48", "2a00:1450:4001:900::7")) is is_theirs


def test_a_hash_says_nothing_without_its_key() -> None:
    one = hashed("8.8.8.8", "secret")

    assert one == hashed("8.8.8.8", "secret")
    assert len(one) == 32
    assert len({one, hashed("8.8.8.9", "secret"), hashed("8.8.8.8", "other")}) == 3
