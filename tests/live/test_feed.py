"""One room in one process: each change once, in order, to everybody."""

from chat.live.feed import Feed, Seat, Told


def told(version: int, *, for_v1: bool = True) -> Told:
    return Told(version, f"v{version}", f"v{version}" if for_v1 else None)


def feed_with(*seats: Seat, version: int = 0) -> Feed:
    feed = Feed(1, "lounge", "epoch", version)
    feed.seats.update(dict.fromkeys(seats))
    return feed


def listener(dialect: int = 2) -> tuple[Seat, list[str]]:
    heard: list[str] = []
    seat = Seat(heard.append, dialect)
    seat.release(0)
    return seat, heard


def test_what_is_next_is_told_and_what_was_told_is_dropped() -> None:
    seat, heard = listener()
    feed = feed_with(seat, version=3)

    assert feed.offer([told(2), told(3), told(4), told(4), told(5), told(4)])

    assert heard == ["v4", "v5"]
    assert feed.version == 5


def test_nothing_is_told_beyond_a_hole() -> None:
    seat, heard = listener()
    feed = feed_with(seat)

    assert not feed.offer([told(1), told(3), told(4)])

    assert heard == ["v1"]
    assert feed.is_behind


def test_catching_up_closes_the_hole_even_where_versions_were_overtaken() -> None:
    seat, heard = listener()
    feed = feed_with(seat)
    feed.offer([told(1), told(4)])

    feed.catch_up([told(1), told(3), told(6)])
    assert feed.offer([told(4), told(6), told(7)])

    assert heard == ["v1", "v3", "v6", "v7"]


def test_what_is_no_change_is_told_at_once() -> None:
    seat, heard = listener()
    feed = feed_with(seat, version=5)

    assert feed.offer([Told(0, "Bob joined", "Bob joined")])

    assert (heard, feed.version) == (["Bob joined"], 5)


def test_v1_hears_only_what_is_for_it() -> None:
    seat, heard = listener(dialect=1)
    feed = feed_with(seat)

    feed.offer([told(1), told(2, for_v1=False), Told(3, "an update", "the message")])

    assert heard == ["v1", "the message"]


def test_who_is_reading_what_was_missed_hears_the_rest_afterwards() -> None:
    heard: list[str] = []
    seat = Seat(heard.append, 2)
    feed = feed_with(seat, version=3)
    feed.offer([told(4), Told(0, "Bob joined", "Bob joined"), told(5), told(6)])
    assert heard == []

    seat.release(5)
    feed.offer([told(7)])

    assert heard == ["Bob joined", "v6", "v7"]


def test_who_knows_more_than_the_feed_is_not_told_again() -> None:
    seat, heard = listener()
    feed = feed_with(seat, version=3)

    seat.release(5)
    feed.offer([told(4), told(5), told(6)])

    assert heard == ["v6"]


def test_v1_hears_what_was_missed_in_the_order_in_which_it_was_said() -> None:
    new, old = listener(dialect=2), listener(dialect=1)
    feed = feed_with(new[0], old[0], version=1)

    edited, untouched, known = Told(4, "u4", "v2", 2), Told(3, "v3", "v3", 3), Told(5, "u5", "v1", 1)
    feed.catch_up([untouched, edited, known])

    assert new[1] == ["v3", "u4", "u5"]
    assert old[1] == ["v2", "v3"]


def test_asking_again_holds_back_again() -> None:
    seat, heard = listener()
    feed = feed_with(seat)
    seat.hold()
    feed.offer([told(1), told(2)])
    seat.hold()
    feed.offer([told(3)])

    seat.release(1)

    assert heard == ["v2", "v3"]


def test_another_history_starts_anew() -> None:
    seat, heard = listener()
    feed = feed_with(seat, version=100)
    seat.release(100)

    feed.start_anew("another", 2)
    feed.offer([told(2), told(3)])

    assert heard == ["v3"]
