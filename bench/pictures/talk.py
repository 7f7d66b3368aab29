"""What is said on the site of the pictures: run in its shell (`fill`), before anybody comes."""

import uuid
from datetime import datetime, timedelta
from typing import Any

#: Who says what in the reading room, when, and in answer to which line; what it was before an edit.
TALK: list[tuple[str, str, str, int | None]] = [
    ("bob", "08:58", "The shelf by the window is *finally* sorted. Please keep it so…", None),
    ("alice", "09:02", "Good morning! Who is in for Thursday?", None),
    ("bob", "09:05", "Me. I can bring the good coffee.", None),
    ("bob", "09:05", "And the list we made in spring: https://example.org/reading-list", None),
    ("kostya", "09:11", "И я! Приду с сестрой, она давно просится.", 1),
    ("alice", "09:12", "Lovely, **the more the merrier**. Where do we meet?", None),
    ("bob", "09:13", "At the", None),
    ("bob", "09:14", "My kitchen. And yes, there will be cake.", 5),
    ("kostya", "09:15", "@Alice тогда захвачу варенье :)", None),
    ("alice", "09:16", "🎉", None),
]
#: By the number of the line: who has put what on it.
REACTIONS = {4: [("❤️", "alice"), ("❤️", "bob"), ("🎉", "bob")], 7: [("👍", "alice"), ("👍", "kostya")]}
EDITED, DELETED = 5, 6
#: What there is beside it: what it is called in both languages, and what kind of a room it is.
ROOMS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("garden", "Garden", "Сад", {}),
    ("kitchen", "Kitchen", "Кухня", {"mode": "members"}),
    ("news", "News", "Новости", {"mode": "read_only"}),
    ("trip", "Summer trip", "Летняя поездка", {"is_archived": True}),
]
#: What is said meanwhile where Alice is not looking.
GARDEN = ["The roses have come.", "Who has the key to the shed?", "Found it. Under the pot, as always."]


def fill() -> None:
    """Users, rooms, and what has been said in them."""
    from django.contrib.auth import get_user_model
    from django.utils import timezone

    from chat.actors import guest
    from chat.core.protocol import DeleteMessage, EditMessage, PostMessage, React
    from chat.models import Membership, Message, Room
    from chat.services import commands, people
    from chat.services.people import Arrival, Proof
    from chat.services.users import actor_of
    from chat.storage.accepted_command import AcceptedCommand

    users = get_user_model().objects
    accounts = [
        users.create_user(name, password=name * 2, first_name=name.title()) for name in ("alice", "bob")
    ]
    arrivals = [
        Arrival(user.username, user.first_name, Proof.SESSION, user=user.pk, account_name=user.first_name)
        for user in accounts
    ]
    found = people.arrive([*arrivals, Arrival("kostya", "Костя", Proof.TOKEN)])
    alice, bob, kostya = (person for person in found if person)
    lobby = Room.objects.get(slug=Room.LOBBY)
    Room.objects.filter(pk=lobby.pk).update(
        title="Reading Room",
        titles={"en": "Reading Room", "ru": "Читальня"},
        topic="Thursdays at seven, bring a book",
    )
    lobby.refresh_from_db()
    rooms = {
        slug: Room.objects.create(slug=slug, title=title, titles={"ru": russian}, position=at, **kind)
        for at, (slug, title, russian, kind) in enumerate(ROOMS, start=1)
    }
    for room in (lobby, rooms["kitchen"], rooms["garden"]):
        Membership.objects.create(room=room, user=accounts[0], role="member")
    Membership.objects.create(room=lobby, user=accounts[1], role="moderator")
    actors = {"alice": actor_of(alice), "bob": actor_of(bob), "kostya": guest(kostya)}

    def do(name: str, change: Any, room: Room = lobby) -> int:
        [done] = commands.run([AcceptedCommand(actors[name], change, room=room.pk)])
        if isinstance(done, Exception):
            raise done
        return int(done.id)

    def ref() -> str:
        return uuid.uuid4().hex

    lines: list[int] = []
    for name, _moment, text, answered in TALK:
        reply_to = None if answered is None else lines[answered]
        lines.append(do(name, PostMessage(message=text, ref=ref(), reply_to=reply_to)))
    for line, put in REACTIONS.items():
        for emoji, name in put:
            do(name, React(id=lines[line], emoji=emoji, on=True, ref=ref()))
    do(TALK[EDITED][0], EditMessage(id=lines[EDITED], message=TALK[EDITED][2], ref=ref()))
    do(TALK[DELETED][0], DeleteMessage(id=lines[DELETED], ref=ref()))
    for text in GARDEN:
        do("bob", PostMessage(message=text, ref=ref()), rooms["garden"])
    # This very morning, or that of yesterday where there has been none yet.
    now = timezone.now()
    day = now.date() if now.hour >= 10 else now.date() - timedelta(days=1)
    for line, (_name, moment, *_rest) in zip(lines, TALK, strict=True):
        at = datetime.combine(day, datetime.strptime(moment, "%H:%M").time(), tzinfo=now.tzinfo)
        Message.objects.filter(pk=line).update(sent_at=at)
