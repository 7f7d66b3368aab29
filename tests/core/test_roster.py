"""Who is here."""

import pytest

from chat.core.roster import Roster


def test_an_id_is_held_by_one_at_a_time() -> None:
    roster = Roster()
    roster.hold("a", "Alice")

    with pytest.raises(KeyError):
        roster.hold("a", "Bob")

    assert "a" in roster
    assert roster.names() == {"Alice"}


def test_an_id_that_was_let_go_is_free() -> None:
    roster = Roster()
    roster.hold("a", "Alice")

    roster.let_go("a")
    roster.let_go("a")

    assert "a" not in roster
    roster.hold("a", "Bob")
