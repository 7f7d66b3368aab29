"""How long the admin takes for its pages where a million things were said.

    python -m bench.moderation sqlite
    python -m bench.moderation postgresql --messages 100000

Fills a database of its own, and asks for each page three times: the best counts. The CPU is that of this
process, so with SQLite the database's as well, whatever else the machine has to do.
"""

import argparse
import contextlib
import os
import random
import secrets
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from harness import services

#: How many messages are made one by one; the others are copies of them, each with another text and time.
MODELS = 10_000
PEOPLE, ROOMS, WORDS = 5_000, 200, 5_000
#: How much moderators have done of each kind, and the hash of an address.
DEEDS, ADDRESS = 100_000, "ab" * 16
#: What is asked for: what it shows, and its address.
PAGES = {
    "the start page": "",
    "the live view of a large room": "room/{large}/live/",
    "messages": "message/",
    "messages, the tenth page": "message/?p=10",
    "messages of a large room": "message/?room__id__exact={large}",
    "messages of a small room": "message/?room__id__exact={small}",
    "messages of the last week": "message/?sent_at__gte={week}",
    "messages of this year": "message/?sent_at__gte={year}",
    "messages that were deleted": "message/?deleted_at__isempty=0",
    "messages that were not": "message/?deleted_at__isempty=1",
    "messages with a frequent word": "message/?q={frequent}",
    "messages with a rare word": "message/?q={rare}",
    "messages with a word of nobody": "message/?q=xyzzyplugh",
    "messages with two letters": "message/?q=qz",
    "messages of somebody, by id": "message/?q={person}",
    "messages of somebody, by name": "message/?q={name}",
    "a rare word in a large room": "message/?room__id__exact={large}&q={rare}",
    "one message": "message/{message}/change/",
    "people": "person/",
    "people by name": "person/?q={name}",
    "people, the most talkative first": "person/?o=-3",
    "one person": "person/{person}/change/",
    "who came from an address": "person/?q={address}",
    "messages of who came from there": "message/?q={address}",
    "messages of one day long ago": "message/?from={long_ago}T00:00&to={long_ago}T23:59",
    "sanctions": "sanction/",
    "sanctions that are over": "sanction/?active=0",
    "sanctions of somebody": "sanction/?q={person}",
    "reports": "report/",
    "reports in a room": "report/?state=all&message__room__id__exact={large}",
    "one report": "report/{report}/change/",
    "the audit": "moderationact/",
    "the audit of one kind": "moderationact/?kind__exact=mute",
    "the audit by reason": "moderationact/?q=snark",
    "rooms": "room/",
    "rooms by title": "room/?q=Room",
    "one room": "room/{large}/change/",
    "whether to delete a room": "room/{large}/delete/",
}


def main() -> None:
    """Fill a database, ask for the pages, print how long each took."""
    parser = argparse.ArgumentParser(prog="bench.moderation", description=__doc__)
    parser.add_argument("database", choices=["sqlite", "postgresql"])
    parser.add_argument("--messages", type=int, default=1_000_000)
    options = parser.parse_args()
    with _database(options.database) as url:
        _set_up(url)
        began = time.perf_counter()
        places = _fill(options.messages)
        _say(f"{options.messages} messages, filled in {time.perf_counter() - began:.0f} s.")
        _measure(places)


@contextlib.contextmanager
def _database(name: str) -> Iterator[str]:
    with services.home() as home:
        if name == "sqlite":
            yield f"sqlite:///{home / 'db.sqlite3'}"
        else:
            with services.Postgres(home) as postgres:
                yield postgres.url


def _set_up(url: str) -> None:
    os.environ |= {
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "chatproject.settings",
        "DEBUG": "0",
        "HTTPS": "0",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "testserver",
        "STATIC_ROOT": str(Path(__file__).parent.parent / "staticfiles"),
    }
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from django.conf import settings

    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"


def _fill(count: int) -> dict[str, Any]:
    """Make so many messages. What there is to be found."""
    from django.utils import timezone

    from chat.models import Message, Person, Report, Room

    _have_patience()
    chance = random.Random(1)  # noqa: S311  # not for secrets
    now = timezone.now()
    words = [_word(chance) for _ in range(WORDS)]
    rooms = [Room(slug=f"room-{number}", title=f"Room {number}") for number in range(ROOMS)]
    Room.objects.bulk_create(rooms)
    people = [
        Person(id=secrets.token_hex(8), name=f"{_word(chance).title()}{number}") for number in range(PEOPLE)
    ]
    Person.objects.bulk_create(people)
    rows = []
    for number in range(1, MODELS + 1):
        person = chance.choice(people)
        text = " ".join(chance.choices(words, weights=_ZIPF, k=chance.randint(2, 24)))
        rows.append(
            Message(
                # Half of it in one room, the rest in the others.
                room=rooms[0] if number % 2 else chance.choice(rooms),
                author=person,
                name=person.name,
                text=text,
                version=number,
                first_version=number,
                sent_at=now - timedelta(days=365) + timedelta(seconds=number),
                deleted_at=now if number % 100 == 0 else None,
            )
        )
    Message.objects.bulk_create(rows)
    for copy in range(1, count // MODELS):
        _copy(copy, timedelta(days=365) * copy * MODELS / count)
    Message.objects.filter(pk=Message.objects.order_by("pk")[MODELS // 2].pk).update(text="a snark")
    _moderate(chance, people, rooms)
    _analyze()
    week, year = (now - timedelta(days=days) for days in (7, 300))
    return {
        "large": rooms[0].pk,
        "small": rooms[7].pk,
        "week": f"{week:%Y-%m-%d}%2000:00%2B00:00",
        "year": f"{year:%Y-%m-%d}%2000:00%2B00:00",
        "frequent": words[0],
        "rare": "snark",
        "person": people[0].pk,
        "name": people[0].name,
        "message": rows[0].pk,
        "address": ADDRESS,
        "long_ago": f"{now - timedelta(days=300):%Y-%m-%d}",
        "report": Report.objects.latest("pk").pk,
    }


def _moderate(chance: random.Random, people: list[Any], rooms: list[Any]) -> None:
    """Do so much as a moderator, and have a hundred people come from one address."""
    from django.utils import timezone

    from chat.models import AddressKey, Message, ModerationAct, PersonAddress, Report, Sanction

    key = AddressKey.objects.create()
    PersonAddress.objects.bulk_create(
        PersonAddress(person=person, key=key, address=ADDRESS) for person in people[:100]
    )
    now = timezone.now()
    whom = chance.choices(people, k=DEEDS)
    Sanction.objects.bulk_create(
        Sanction(
            person=person, kind="mute", room=rooms[n % 2], version=n, until=None if n % 50 == 0 else now
        )
        for n, person in enumerate(whom)
    )
    ModerationAct.objects.bulk_create(
        ModerationAct(kind="mute", via="chat", room=rooms[n % 2], person=person.pk, person_name=person.name)
        for n, person in enumerate(whom)
    )
    keys = Message.objects.order_by("-pk").values_list("pk", flat=True)[:DEEDS]
    Report.objects.bulk_create(
        Report(message_id=key, reporter=people[0], state="open" if n % 50 == 0 else "dismissed")
        for n, key in enumerate(keys)
    )


_ZIPF = [1 / rank for rank in range(1, WORDS + 1)]


def _word(chance: random.Random) -> str:
    letters = chance.choice(("abcdefghijklmnoprstuvwyz", "абвгдежзиклмнопрстуфхцчшыьэюя"))
    return "".join(chance.choices(letters, k=chance.randint(3, 9)))


def _copy(number: int, later: timedelta) -> None:
    """Say all of the first messages once more, later and with another ending."""
    from django.db import connection

    from chat.models import Message

    seconds = int(later.total_seconds())
    other = {
        "version": f"version + {number * MODELS}",
        "first_version": f"first_version + {number * MODELS}",
        "text": f"text || ' ' || (version + {number * MODELS})",
        "sent_at": f"sent_at + interval '{seconds} seconds'"
        if connection.vendor == "postgresql"
        else f"strftime('%%Y-%%m-%%d %%H:%%M:%%f', sent_at, '+{seconds} seconds')",
    }
    columns = [field.column for field in Message._meta.concrete_fields if not field.primary_key]
    values = ", ".join(other.get(column, column) for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO chat_message ({', '.join(columns)}) "  # noqa: S608
            f"SELECT {values} FROM chat_message WHERE version <= %s ORDER BY id",
            [MODELS],
        )


def _have_patience() -> None:
    """Rows are made for longer than the site lets a transaction be idle."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET idle_in_transaction_session_timeout = 0")
            cursor.execute("SET statement_timeout = 0")


def _analyze() -> None:
    """As the database does by itself in time."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _measure(places: dict[str, Any]) -> None:
    from django.contrib.auth.models import User
    from django.core.cache import cache
    from django.test import Client

    client = Client()
    client.force_login(
        User.objects.create_superuser("owner", password=None), "django.contrib.auth.backends.ModelBackend"
    )
    for name, path in PAGES.items():
        address = f"/admin/chat/{path.format(**places)}"
        best, cpu = float("inf"), float("inf")
        for _ in range(3):
            cache.clear()  # numbers of the start page are kept for some seconds
            began, used = time.perf_counter(), time.process_time()
            answer = client.get(address)
            best = min(best, time.perf_counter() - began)
            cpu = min(cpu, time.process_time() - used)
        _say(f"{best * 1000:7.0f} ms  {cpu * 1000:6.0f} of CPU  {answer.status_code}  {name}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
