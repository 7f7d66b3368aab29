"""Who is here."""

from chat.core.roster import Roster


def test_somebody_is_here_while_one_of_their_connections_is() -> None:
    roster = Roster()
    roster.arrive("a", "Alice")
    roster.arrive("a", "Alisa")
    assert "a" in roster
    assert (roster.holder("alice"), roster.holder("allsa"), roster.name("a")) == (None, "a", "Alisa")

    roster.depart("a")
    assert "a" in roster

    roster.depart("a")
    assert "a" not in roster
    assert roster.holder("allsa") is None


def test_a_room_hears_of_the_first_and_of_the_last_connection() -> None:
    roster = Roster()
    roster.arrive("a", "Alice")
    roster.arrive("b", "Bob")

    assert roster.enter(1, "a")
    assert not roster.enter(1, "a")
    assert roster.enter(2, "a")
    assert roster.enter(1, "b")
    assert (roster.online(1), roster.online(2), roster.online(3)) == (2, 1, 0)
    assert not roster.leave(1, "a")
    assert roster.leave(1, "a")
    assert (roster.online(1), roster.online(2)) == (1, 1)


def test_a_room_that_is_gone_is_left_by_nobody() -> None:
    roster = Roster()
    roster.arrive("alice", "Alice")
    roster.enter(1, "alice")

    roster.forget(1)

    assert roster.online(1) == 0
    assert not roster.leave(1, "alice")
    assert roster.enter(1, "alice")


def test_a_room_names_its_members_in_the_order_they_came() -> None:
    roster = Roster()
    for id in "cab":
        roster.arrive(id, id.upper())
        roster.enter(1, id)

    assert roster.members(1, 10) == [("c", "C"), ("a", "A"), ("b", "B")]
    assert roster.members(1, 2) == [("c", "C"), ("a", "A")]
    assert roster.members(2, 10) == []


def test_the_first_who_came_under_a_name_has_it() -> None:
    roster = Roster()
    roster.arrive("a", "Max")
    roster.arrive("b", "МАХ")
    assert roster.holder("max") == "a"

    roster.rename("a", "Moritz")
    assert roster.holder("max") == "b"

    roster.depart("b")
    assert roster.holder("max") is None
