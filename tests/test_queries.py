"""Every query of the log walks along an index, however long the log."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat import actors
from chat.actors import PROGRAM, Actor, guest
from chat.core.protocol import Cursor, DeleteMessage, EditMessage, PostMessage, ReadHistory
from chat.live.announcements import Announcements
from chat.models import (
    Membership,
    Message,
    ModerationAct,
    Person,
    ProcessedCommand,
    ReadMarker,
    Report,
    Room,
    UserName,
)
from chat.services import (
    batches,
    commands,
    history,
    messages,
    moderation,
    naming,
    reading,
    room_list,
    rooms,
)
from chat.storage import counts, vendor
from chat.storage.accepted_command import AcceptedCommand

#: How many messages there are elsewhere, and of whatever belongs to them: where there are few, PostgreSQL
#: finds it shorter to look at all.
ELSEWHERE = 1000
#: Of filters the active ones are read, which are few, along an index of their own; of what is held is asked
#: whether there is any.
SHORT = ("active_filter", "chat_heldmessage", "open_report")
#: What a statement begins with that looks for rows.
ROWS = ("SELECT", "UPDATE", "INSERT", "WITH")


@dataclass
class Talk:
    """Ten messages of one person in one room."""

    author: Person
    room: Room
    ids: list[int]

    def write(self, *changes: Any) -> None:
        """Have the author carry out some changes."""
        author = guest(self.author)
        commands.run([AcceptedCommand(author, change, room=self.room.pk) for change in changes])

    def write_slowly(self, change: Any) -> None:
        """Have the author say something where one waits between two messages."""
        Room.objects.filter(pk=self.room.pk).update(slow=5)
        self.write(change)

    def answered_page(self) -> None:
        """Read a page where something is answered."""
        Message.objects.filter(pk=self.ids[-1]).update(reply_to=self.ids[0])
        self.page()

    def page(self, **wanted: Any) -> None:
        """Read a page of the room."""
        history.page(PROGRAM, self.room, ReadHistory(room=self.room.slug, **wanted))


#: Walks from the beginning, as far as a list goes; PostgreSQL may as well sort a thousand rooms.
LISTS = ("the list of rooms", "the list of rooms of a moderator")
QUERIES: dict[str, Callable[[Talk], object]] = {
    "the latest page": lambda talk: history.latest(PROGRAM, talk.room, 50),
    "a page of answers": lambda talk: talk.answered_page(),
    "a page before": lambda talk: talk.page(before=talk.ids[5]),
    "a page after": lambda talk: talk.page(after=talk.ids[5]),
    "a page around": lambda talk: talk.page(around=talk.ids[5]),
    "a page from a moment on": lambda talk: talk.page(at=timezone.now() - timedelta(hours=1)),
    "what was missed": lambda talk: rooms.catch_up(
        PROGRAM, talk.room, Cursor(after=0, epoch=talk.room.epoch), 50
    ),
    "finding a room": lambda talk: rooms.find([(PROGRAM, talk.room.slug)]),
    "who a newcomer is": lambda talk: naming.known([naming.newcomer(talk.author.pk, "Anna 2")]),
    "the rooms of somebody": lambda talk: actors.memberships([(talk.author.pk, 1)]),
    "what is unread": lambda talk: reading.unread(talk.author.pk, [talk.room.pk], {talk.room.pk}),
    LISTS[0]: lambda talk: room_list.find([guest(talk.author, frozenset({(talk.room.pk, "member")}))]),
    LISTS[1]: lambda talk: room_list.find([Actor("moderator")]),
    "how much was said": lambda talk: counts.said_between(
        [timezone.now() - timedelta(hours=hour) for hour in (3, 2, 1, 0)]
    ),
    "a conversation of two": lambda talk: Room.objects.filter(direct="1:2").first(),
    "saying something": lambda talk: talk.write(
        PostMessage(message="hi", ref="new", reply_to=talk.ids[-1])
    ),
    "saying something to somebody": lambda talk: talk.write(
        PostMessage(message="@Alice and @user-5", ref="new")
    ),
    "saying something in a slow room": lambda talk: talk.write_slowly(PostMessage(message="hi", ref="new")),
    "purging a room of somebody": lambda talk: moderation.purge_some(PROGRAM, talk.author, talk.room),
    "purging the site of somebody": lambda talk: moderation.purge_some(
        Actor("moderator"), talk.author, since=timezone.now() - timedelta(days=2)
    ),
    "muting somebody": lambda talk: moderation.sanction(PROGRAM, talk.author, "mute", talk.room),
    "what was announced": lambda talk: Announcements().read(0),
    "saying it once more": lambda talk: batches.carry_out(
        [AcceptedCommand(guest(talk.author), PostMessage(message="hi"), room=talk.room.pk, key="k")],
        is_retry=True,
    ),
    "changing something": lambda talk: talk.write(
        EditMessage(id=talk.ids[-1], message="ho", ref="newer"),
        DeleteMessage(id=talk.ids[-1], ref="newest"),
    ),
}


#: What the writer's thread does, on a connection of its own.
WRITING = {name for name in QUERIES if name.startswith(("saying", "changing", "purging", "muting"))}


@pytest.fixture
def talk(alice: Person, lounge: Room) -> Talk:
    """A talk in a site where much more was said elsewhere, a day ago."""
    ids = [messages.post(guest(alice), lounge, str(number)).pk for number in range(10)]
    lounge.refresh_from_db()
    others = Room.objects.bulk_create(
        Room(slug=f"room-{number}", title="Another") for number in range(ELSEWHERE)
    )
    authors = Person.objects.bulk_create(Person(id=f"p{number}", name="P") for number in range(ELSEWHERE))
    Membership.objects.bulk_create(
        Membership(room=room, person=author) for room, author in zip(others, authors, strict=True)
    )
    User.objects.bulk_create(User(username=f"user-{number}") for number in range(ELSEWHERE))
    users = list(User.objects.all())
    Person.objects.bulk_create(Person(id=f"u{user.pk}", name="U", user=user) for user in users)
    Membership.objects.bulk_create(Membership(room=others[0], user=user) for user in users)
    Room.objects.bulk_create(
        Room(slug=f"direct-{number}", title="Two", direct=f"1:{number}", mode="members")
        for number in range(ELSEWHERE)
    )
    long_ago = timezone.now() - timedelta(days=1)
    said = Message.objects.bulk_create(
        Message(
            room=others[0],
            author=author,
            name="P",
            text="hi",
            ref="1",
            version=number,
            first_version=number,
            sent_at=long_ago,
            mentions=["somebody"] if number % 2 else None,
        )
        for number, author in enumerate(authors, start=1)
    )
    ReadMarker.objects.bulk_create(
        ReadMarker(person=author, room=others[0], message=said[0].pk) for author in authors
    )
    ProcessedCommand.objects.bulk_create(
        ProcessedCommand(author_id=one.author_id, ref="1", digest="", version=one.version, message=one)
        for one in said
    )
    Report.objects.bulk_create(Report(message=one, reporter=authors[0], state="dismissed") for one in said)
    ModerationAct.objects.bulk_create(ModerationAct(kind="announce", via="chat", at=long_ago) for _ in said)
    users = User.objects.bulk_create(User(username=f"named-{number}") for number in range(ELSEWHERE))
    UserName.objects.bulk_create(UserName(user=user, name="U", key=user.username) for user in users)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return Talk(alice, lounge, ids)


def test_every_query_walks_along_an_index(talk: Talk) -> None:
    here = {name for name in QUERIES if name not in LISTS or connection.vendor == "sqlite"}

    asked = {name: _asked(name, talk) for name in here}

    assert all(asked.values()), asked
    assert not [(name, *query) for name, queries in asked.items() for query in queries if query[1]]


def _asked(name: str, talk: Talk) -> list[tuple[str, list[str]]]:
    """What the database is asked for, with the detours it takes; nothing of it stays."""
    with transaction.atomic(), connection.cursor() as cursor:
        if name in WRITING and connection.vendor == "postgresql":
            cursor.execute(vendor.ALONG_INDEXES)  # as the writer's connection does
        with CaptureQueriesContext(connection) as captured:
            QUERIES[name](talk)
        found = [sql for query in captured if (sql := _without_cursor(query["sql"])).startswith(ROWS)]
        asked = [(sql, detours(sql)) for sql in found]
        transaction.set_rollback(True)
    return asked


def _without_cursor(sql: str) -> str:
    """The query of a statement: on PostgreSQL Django reads what may be large by a cursor."""
    return re.sub(r'^DECLARE "\w+" .*?CURSOR (WITH(OUT)? HOLD )?FOR ', "", sql)


def detours(sql: str) -> list[str]:
    """The steps of a query that look at all of a table, or sort a lot."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            steps = [str(row[3]) for row in cursor.fetchall()]
            scans = [step for step in steps if step.startswith("SCAN chat_") and "USING" not in step]
            return scans + [step for step in steps if "TEMP B-TREE" in step]
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
        [[[plan]]] = cursor.fetchall()
    return [str(step) for step in _steps(plan["Plan"]) if _is_detour(step)]


def _steps(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A step of PostgreSQL's, and those below it."""
    yield {key: value for key, value in plan.items() if key != "Plans"}
    for below in plan.get("Plans", ()):
        yield from _steps(below)


def _is_detour(step: dict[str, Any]) -> bool:
    kind, table = str(step["Node Type"]), str(step.get("Relation Name", ""))
    if step.get("Index Name") in SHORT or table in SHORT:
        return False
    if table.startswith("chat_"):
        return kind == "Seq Scan" or ("Index" in kind and "Index Cond" not in step)
    return kind == "Sort" and int(step["Plan Rows"]) > ELSEWHERE // 10
