"""Who is here, through all processes."""

import random

import msgspec

from chat.core.name_keys import key
from chat.core.protocol import MEMBERS_LIMIT, Role
from chat.core.roster import OWN, Attendance, Change, Roster


def here(
    name: str, *rooms: int, since: float = 1.0, connections: int = 1, role: Role = "guest"
) -> Attendance:
    return Attendance(name, since, connections, dict.fromkeys(rooms, role))


def told(change: Change | None) -> tuple[list[int], list[int]]:
    return ([], []) if change is None else (change.came, change.went)


def test_somebody_is_here_while_they_have_a_connection_in_any_process() -> None:
    roster = Roster()
    roster.put(OWN, "alice", here("Alice"))
    roster.put("another", "alice", here("Alice", connections=2))
    assert "alice" in roster
    assert roster.connections("alice") == 3

    roster.put(OWN, "alice", None)
    assert "alice" in roster

    roster.put("another", "alice", here("Alice", connections=0))
    assert "alice" not in roster
    assert list(roster) == ["alice"]  # they may come back

    roster.put("another", "alice", None)
    assert list(roster) == []


def test_a_room_hears_of_the_first_and_of_the_last_process() -> None:
    roster = Roster()

    assert told(roster.put(OWN, "alice", here("Alice", 1))) == ([1], [])
    assert told(roster.put("another", "alice", here("Alice", 1, 2))) == ([2], [])
    assert told(roster.put(OWN, "bob", here("Bob", 1))) == ([1], [])
    assert (roster.online(1), roster.online(2), roster.online(3)) == (2, 1, 0)
    assert told(roster.put(OWN, "alice", None)) == ([], [])
    assert told(roster.put("another", "alice", here("Alice", 2))) == ([], [1])
    assert told(roster.put("another", "alice", None)) == ([], [2])
    assert (roster.online(1), roster.online(2)) == (1, 0)


def test_what_changes_nothing_for_anybody_is_no_change() -> None:
    roster = Roster()
    roster.put(OWN, "alice", here("Alice", 1))

    assert roster.put(OWN, "alice", here("Alice", 1)) is None
    assert roster.put(OWN, "alice", here("Alice", 1, connections=2)) is None
    assert roster.put(OWN, "alice", here("Alice", 1, role="moderator")) is None
    assert roster.people(1, 10) == [("alice", "Alice", "moderator")]


def test_a_room_that_is_gone_is_left_by_nobody() -> None:
    roster = Roster()
    roster.put(OWN, "alice", here("Alice", 1, 2))
    roster.put("another", "alice", here("Alice", 1))

    assert roster.forget(1) == ["alice"]

    assert (roster.online(1), roster.online(2)) == (0, 1)
    assert told(roster.put("another", "alice", None)) == ([], [])
    assert told(roster.put(OWN, "alice", here("Alice", 1, 2))) == ([1], [])


def test_a_room_names_its_members_in_the_order_they_came() -> None:
    roster = Roster()
    for id in "cab":
        roster.put(OWN, id, here(id.upper(), 1))

    assert [id for id, _name, _role in roster.people(1, 10)] == ["c", "a", "b"]
    assert [id for id, _name, _role in roster.people(1, 2)] == ["c", "a"]
    assert roster.people(2, 10) == []


def test_a_room_is_paged_in_the_order_of_ids_whoever_comes_and_goes() -> None:
    roster, dice = Roster(), random.Random(1)  # noqa: S311
    present: set[str] = set()
    for _ in range(300):
        id = f"p{dice.randrange(40):02}"
        present ^= {id}
        roster.put(OWN, id, here(id, 1) if id in present else None)

        page, is_more = roster.page(1, "p10", 7)
        behind = sorted(one for one in present if one > "p10")
        assert [one for one, _name, _role in page] == behind[:7]
        assert is_more == (len(behind) > 7)
    assert roster.page(2, "", 7) == ([], False)


def test_who_comes_is_told_who_is_there_as_it_is_whatever_has_changed_meanwhile() -> None:
    roster, dice = Roster(), random.Random(3)  # noqa: S311
    roles: list[Role] = ["guest", "moderator"]
    assert bytes(roster.members(1)) == b"[]"
    for step in range(1200):
        id, process = f"p{dice.randrange(step + 1) % 230}", dice.choice([OWN, "another"])
        is_gone = dice.random() < (0.02 if step < 900 else 0.5)
        known = here(
            dice.choice(["Anna", "Bert"]), *dice.choice([[1], [1], [2], []]), role=dice.choice(roles)
        )
        roster.put(process, id, None if is_gone else known._replace(since=dice.choice([1.0, 2.0])))
        if step == 700:
            roster.forget(1)

        assert msgspec.json.decode(roster.members(1)) == [
            {"id": id, "name": name, "role": role} for id, name, role in roster.people(1, MEMBERS_LIMIT)
        ]


def test_the_latest_name_holds_for_all_of_somebody() -> None:
    roster = Roster()
    roster.put(OWN, "alice", here("Alice", 1, since=1))

    change = roster.put("another", "alice", here("Alisa", 2, since=2))

    assert change
    assert (change.name_was, change.name, change.came) == ("Alice", "Alisa", [2])
    assert roster.name("alice") == "Alisa"
    assert (roster.holder(key("Alice")), roster.holder(key("ALISA"))) == (None, "alice")
    back = roster.put("another", "alice", None)
    assert back
    assert (back.name_was, back.name) == ("Alisa", "Alice")


def test_of_two_who_are_called_the_same_the_later_one_has_to_give_way() -> None:
    roster = Roster()
    roster.put(OWN, "alice", here("Alice", since=2))

    later = roster.put("another", "mallory", here("ALICE", since=3))
    assert later
    assert later.clash == "mallory"
    assert roster.holder(key("alice")) == "alice"

    # Somebody who came first, of whom this process hears late.
    first = roster.put("third", "carol", here("alice", since=1))
    assert first
    assert first.clash == "alice"
    assert roster.holder(key("alice")) == "carol"

    roster.put("third", "carol", None)
    assert roster.holder(key("alice")) == "alice"


def test_a_name_is_that_of_whoever_is_in_the_room() -> None:
    roster = Roster()
    roster.put(OWN, "alice", here("Anna", 1))
    roster.put(OWN, "bob", here("Bob", 2))

    assert roster.called(key("ANNA"), 1) == "alice"
    assert roster.called(key("Anna"), 2) is None
    assert roster.called(key("Bob"), 1) is None
    assert roster.called(key("Bob"), 3) is None


def test_whatever_the_processes_say_all_of_it_adds_up() -> None:
    """Three processes, twelve people, five rooms: told of each coming and going once, nothing left over."""
    roster, dice = Roster(), random.Random(2)  # noqa: S311
    said: dict[tuple[str, str], Attendance] = {}
    in_rooms: set[tuple[str, int]] = set()
    for _ in range(3000):
        process, id = dice.choice("xyz"), f"p{dice.randrange(12)}"
        attendance = None
        if dice.random() < 0.6:
            rooms = dice.sample(range(5), dice.randrange(5))
            attendance = here(dice.choice(["A", "B"]), *rooms, since=dice.randrange(9))
        change = roster.put(process, id, attendance)
        said.pop((process, id), None)
        if attendance is not None:
            said[process, id] = attendance

        came, went = told(change)
        assert not in_rooms & {(id, room) for room in came}
        in_rooms |= {(id, room) for room in came}
        assert in_rooms >= {(id, room) for room in went}
        in_rooms -= {(id, room) for room in went}
        truth = {(who, room) for (_process, who), one in said.items() for room in one.rooms}
        assert in_rooms == truth
        assert [roster.online(room) for room in range(5)] == [
            sum(one == room for _who, one in truth) for room in range(5)
        ]
        assert set(roster) == {who for _process, who in said}
    for process, id in list(said):
        roster.put(process, id, None)
    assert list(roster) == []
    assert roster.holder("a") is roster.holder("b") is None


def test_a_guest_gives_way_to_a_user_who_comes_later() -> None:
    roster, user, other = Roster(), f"u.{'1' * 32}", f"u.{'2' * 32}"
    roster.put(OWN, "mallory", here("Alice", since=1))

    came = roster.put("another", user, here("alice", since=2))
    again = roster.put(OWN, other, here("Alice", since=3))

    assert came
    assert again
    assert (came.clash, again.clash) == ("mallory", other)
    assert roster.holder(key("alice")) == user
    roster.put("another", user, None)
    assert roster.holder(key("alice")) == other
