"""One room in one process: each change once, in order, to everybody."""

from collections.abc import Callable

import pytest

from chat.live.feed import EARLY, Feed
from chat.live.send_queue import Batch
from chat.live.subscription import EncodedFrame, Subscription
from chat.models import Room


class Listener:
    """A listener that remembers, and takes arrays apart."""

    def __init__(self, dialect: int) -> None:
        self.dialect = dialect
        self.heard: list[str] = []
        self.batches: list[Batch] = []
        self.was_dropped = self.is_broken = False

    def drop(self) -> None:
        self.was_dropped = True

    def send_batch(self, batch: Batch) -> None:
        self.batches.append(batch)
        for text in batch.texts:
            self.heard += text.removeprefix("[").removesuffix("]").split(",")


def told(version: int, *, for_v1: bool = True) -> EncodedFrame:
    return EncodedFrame(version, f"v{version}", f"v{version}" if for_v1 else None)


def flush(feed: Feed) -> None:
    feed.flush()


def wait(feed: Feed) -> None:
    pass


def feed_with(*subscriptions: Subscription, version: int = 0, wake: Callable[[Feed], None] = flush) -> Feed:
    """A feed that passes on at once what it is told, unless `wake` says otherwise."""
    feed = Feed(Room(pk=1, slug="lounge", epoch="epoch", version=version), wake)
    for subscription in subscriptions:
        feed.add(subscription)
    return feed


def listener(dialect: int = 2) -> tuple[Subscription, list[str]]:
    listener = Listener(dialect)
    subscription = Subscription(listener)
    subscription.release(0)
    return subscription, listener.heard


def test_what_is_next_is_told_and_what_was_told_is_dropped() -> None:
    subscription, heard = listener()
    feed = feed_with(subscription, version=3)

    assert feed.offer([told(2), told(3), told(4), told(4), told(5), told(4)])

    assert heard == ["v4", "v5"]
    assert feed.version == 5


def test_nothing_is_told_beyond_a_hole() -> None:
    subscription, heard = listener()
    feed = feed_with(subscription)

    assert not feed.offer([told(1), told(3), told(4)])

    assert heard == ["v1"]
    assert feed.misses_something


def test_what_comes_early_is_told_in_its_turn() -> None:
    subscription, heard = listener()
    feed = feed_with(subscription)

    assert not feed.offer([told(3), told(5)])
    assert not feed.offer([told(1), told(2), told(2)])
    assert heard == ["v1", "v2", "v3"]
    assert feed.offer([told(4)])

    assert heard == ["v1", "v2", "v3", "v4", "v5"]
    assert not feed.misses_something


def test_of_what_comes_early_only_so_much_is_kept() -> None:
    subscription, heard = listener()
    feed = feed_with(subscription)

    feed.offer([told(version) for version in range(2, EARLY + 10)])
    feed.offer([told(1)])

    assert len(heard) == EARLY + 1


def test_catching_up_closes_the_hole_even_where_versions_were_overtaken() -> None:
    subscription, heard = listener()
    feed = feed_with(subscription)
    feed.offer([told(1), told(4)])

    feed.catch_up([told(1), told(3), told(6)])
    assert feed.offer([told(4), told(6), told(7)])

    assert heard == ["v1", "v3", "v6", "v7"]


def test_catching_up_goes_as_far_as_the_room_has_come() -> None:
    """The latest of what it says may be gone."""
    subscription, heard = listener()
    feed = feed_with(subscription)

    feed.catch_up([told(3)], 5)
    assert feed.offer([told(6)])

    assert heard == ["v3", "v6"]


def test_what_is_no_change_is_told_at_once() -> None:
    subscription, heard = listener()
    feed = feed_with(subscription, version=5)

    assert feed.offer([EncodedFrame(0, "Bob joined", "Bob joined")])

    assert (heard, feed.version) == (["Bob joined"], 5)


def test_v1_hears_only_what_is_for_it() -> None:
    subscription, heard = listener(dialect=1)
    feed = feed_with(subscription)

    feed.offer([told(1), told(2, for_v1=False), EncodedFrame(3, "an update", "the message")])

    assert heard == ["v1", "the message"]


def test_who_is_reading_what_was_missed_hears_the_rest_afterwards() -> None:
    listener = Listener(2)
    subscription, heard = Subscription(listener), listener.heard
    feed = feed_with(subscription, version=3)
    feed.offer([told(4), EncodedFrame(0, "Bob joined", "Bob joined"), told(5), told(6)])
    assert heard == []

    subscription.release(5)
    feed.offer([told(7)])

    assert heard == ["Bob joined", "v6", "v7"]


def test_who_knows_more_than_the_feed_is_not_told_again() -> None:
    subscription, heard = listener()
    feed = feed_with(subscription, version=3)

    subscription.release(5)
    feed.offer([told(4), told(5), told(6)])

    assert heard == ["v6"]


def test_v1_hears_what_was_missed_in_the_order_in_which_it_was_said() -> None:
    new, old = listener(dialect=2), listener(dialect=1)
    feed = feed_with(new[0], old[0], version=1)

    edited, untouched, known = (
        EncodedFrame(4, "u4", "v2", 2),
        EncodedFrame(3, "v3", "v3", 3),
        EncodedFrame(5, "u5", "v1", 1),
    )
    feed.catch_up([untouched, edited, known])

    assert new[1] == ["v3", "u4", "u5"]
    assert old[1] == ["v2", "v3"]


def test_asking_again_holds_back_again() -> None:
    subscription, heard = listener()
    feed = feed_with(subscription)
    feed.hold(subscription)
    feed.offer([told(1), told(2)])
    feed.hold(subscription)
    feed.offer([told(3)])

    subscription.release(1)

    assert heard == ["v2", "v3"]


def test_another_history_starts_anew() -> None:
    subscription, heard = listener()
    feed = feed_with(subscription, version=100)
    subscription.release(100)

    feed.start_anew("another", 2)
    feed.offer([told(2), told(3)])

    assert heard == ['{"type":"position"', '"room":"lounge"', '"epoch":"another"', '"version":2}', "v3"]


def test_what_gathers_leaves_together_as_the_same_bytes_for_all() -> None:
    old = [Listener(1), Listener(1)]
    new = [Listener(2), Listener(2)]
    subscriptions = [Subscription(listener) for listener in (*old, *new)]
    for subscription in subscriptions:
        subscription.release(0)
    feed = feed_with(*subscriptions, wake=wait)
    feed.flush()
    feed.offer([told(1)])
    feed.flush()

    feed.offer([told(2), told(3)])
    feed.flush()

    assert [batch.texts for batch in old[0].batches] == [["v1"], ["v2", "v3"]]
    assert [batch.texts for batch in new[0].batches] == [["v1"], ["[v2,v3]"]]
    assert old[0].batches[1] is old[1].batches[1]
    assert new[0].batches[1].data is new[1].batches[1].data


def test_who_comes_while_something_waits_hears_only_what_is_told_afterwards() -> None:
    feed = feed_with(wake=wait)
    feed.offer([told(1)])
    listener = Listener(1)
    subscription = Subscription(listener)
    feed.add(subscription)
    subscription.release(0)
    feed.offer([told(2)])

    feed.flush()
    feed.offer([told(3)])
    feed.flush()

    assert listener.heard == ["v2", "v3"]


def test_who_leaves_while_something_waits_hears_nothing_more() -> None:
    subscription, heard = listener()
    feed = feed_with(subscription, wake=wait)
    feed.offer([told(1)])

    feed.remove(subscription)
    feed.flush()

    assert heard == []
    assert feed.is_empty


def test_who_asks_again_while_something_waits_is_still_told_of_it() -> None:
    subscription, heard = listener()
    feed = feed_with(subscription, wake=wait)
    feed.offer([told(1)])
    feed.flush()
    feed.offer([told(2), EncodedFrame(0, "Bob joined", "Bob joined"), told(3)])

    feed.hold(subscription)
    feed.flush()
    subscription.release(2)

    assert heard == ["v1", "Bob joined", "v3"]


class Broken(Listener):
    """A listener whose queue breaks."""

    def send_batch(self, batch: Batch) -> None:
        if self.is_broken:
            raise RuntimeError("broken")
        super().send_batch(batch)


@pytest.mark.parametrize("told_before", [0, 1])
def test_one_who_cannot_be_told_costs_the_others_nothing(
    told_before: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Whether they have just come or have been here for long; they come again and find what they missed."""
    listeners = [Listener(1), Broken(1), Listener(1), Broken(2), Listener(2)]
    subscriptions = [Subscription(listener) for listener in listeners]
    for subscription in subscriptions:
        subscription.release(0)
    feed = feed_with(*subscriptions)
    for _ in range(told_before):
        feed.offer([told(feed.version + 1)])

    for listener in listeners:
        listener.is_broken = isinstance(listener, Broken)
    for _ in range(2):
        feed.offer([told(feed.version + 1)])

    assert [len(listener.heard) - told_before for listener in listeners] == [2, 0, 2, 0, 2]
    assert [listener.was_dropped for listener in listeners] == [False, True, False, True, False]
    assert [record.exc_info is not None for record in caplog.records] == [True, True]


def test_another_title_is_told_once() -> None:
    listener = Listener(2)
    subscription = Subscription(listener)
    subscription.release(0)
    feed = feed_with(subscription)

    for _ in range(2):
        feed.describe(Room(pk=1, slug="lounge", title="Salon", epoch="epoch"))

    assert len(listener.batches) == 1
    assert '"event":"room"' in listener.batches[0].texts[0]
    assert '"title":"Salon"' in listener.batches[0].texts[0]
