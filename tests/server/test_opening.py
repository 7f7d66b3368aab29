"""How a WebSocket begins: what stands in the class for all of them is nothing that one could change."""

from collections import deque

from daphne.ws_protocol import WebSocketFactory
from twisted.internet.defer import Deferred

from chat.server.websocket import configured

#: What Autobahn makes for each connection, and we when it is asked for.
OWN = ("is_open", "is_closed", "send_queue", "trafficStats", "utf8validator")


def test_connections_share_nothing_that_changes() -> None:
    factory = WebSocketFactory(object())
    protocol = configured(factory)

    changing = {
        name
        for name, value in vars(protocol).items()
        if isinstance(value, dict | list | set | deque | Deferred)
    }
    assert changing <= set(factory.protocol.CONFIG_ATTRS)  # the options, which are everybody's anyway
    one, another = protocol(), protocol()
    for name in OWN:
        assert getattr(one, name) is getattr(one, name)
        assert getattr(one, name) is not getattr(another, name)
    assert one != another
    assert len({one, another}) == 2
