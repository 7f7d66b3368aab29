"""The proxy in front of us, where one is believed: who a request comes from, and by what."""

from collections.abc import Mapping

from chat.core import limits

#: Who speaks through a proxy that says nobody who could be. All of them are one.
UNKNOWN = "0.0.0.0"  # noqa: S104  # nothing is bound to it


class Proxy:
    """What a proxy says in these headers; where it is believed in none, each request is its peer's."""

    def __init__(self, address: str | None, port: str | None, proto: str | None) -> None:
        self._address, self._proto = ((name or "").lower().encode() for name in (address, proto))
        #: All that it says something in, in small letters.
        self.headers = [name.lower().encode() for name in (address, port, proto) if name]
        #: Whether it says who the clients are: no connection is theirs then.
        self.is_believed = bool(address)

    def said(self, header: bytes, value: bytes) -> bytes | None:
        """What it says itself in one of its headers, an address without a port; None where that is no text.

        That is the last of what stands there: those before may be anybody's.
        """
        value = value.rpartition(b",")[2].strip()
        if not value.isascii():
            return None
        if header == self._address:
            value = str(limits.address_of(value.decode()) or UNKNOWN).encode()
        return value

    def client(self, said: Mapping[bytes, bytes], peer: str) -> str:
        """Where a request comes from, by what is `said` for it, or by the peer of its connection."""
        address = said.get(self._address) if self.is_believed else None
        return peer if address is None else address.decode()

    def scheme(self, said: Mapping[bytes, bytes]) -> str | None:
        """By what a client has come, where it says that and who that is."""
        scheme = said.get(self._proto) if self.is_believed and self._address in said else None
        return None if scheme is None else scheme.decode("latin-1")
