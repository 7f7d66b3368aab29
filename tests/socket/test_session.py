"""Who a socket of the site's own pages is: what its cookie says, and how long that holds."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth import get_user, login
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group, Permission, User
from django.contrib.sessions.backends import file
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import Model
from django.http import HttpRequest
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.live import process
from chat.models import Person, Room
from chat.services import people, sessions, users
from chat.socket import session
from chatproject.asgi import application
from tests.communicator import Communicator
from tests.databases import locked
from tests.people import person_of
from tests.test_consumers_v2 import Client, Frame

HOST = "localhost:8000"
OWN_PAGE = f"http://{HOST}"


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "EVERY", 0.05)


@pytest.fixture(params=("db", "cached_db", "cache", "file", "signed_cookies"))
def engine(request: pytest.FixtureRequest, settings: Any, tmp_path: Path) -> Iterator[str]:
    """Each place where sessions may live; files in a folder of the test's own."""
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{request.param}"
    settings.SESSION_FILE_PATH = str(tmp_path)
    yield request.param
    sessions._store.cache_clear()
    if hasattr(file.SessionStore, "_storage_path"):  # which it keeps for good
        del file.SessionStore._storage_path


@pytest.fixture
def carol(lobby: Room) -> User:
    return User.objects.create_user("carol", first_name="Carol", last_name="Кот")


def sign_in(user: User, backend: str = "django.contrib.auth.backends.ModelBackend") -> str:
    """What a browser has to show for it that somebody has signed in."""
    request = HttpRequest()
    request.session = import_module(_engine()).SessionStore()
    login(request, user, backend=backend)
    request.session.save()
    return str(request.session.session_key)


def _engine() -> str:
    from django.conf import settings

    return settings.SESSION_ENGINE


def browser(key: str | None, *origins: str, cookie: str | None = None, id: str = "tab") -> Client:
    """A client whose browser has this session, and names these pages."""
    headers = [("host", HOST), *(("origin", origin) for origin in origins)]
    if cookie is None and key is not None:
        cookie = f"theme=dark; sessionid={key}"
    if cookie is not None:
        headers.append(("cookie", cookie))
    client = Client(id)
    raw = [(name.encode(), value.encode("latin1")) for name, value in headers]
    client.socket = Communicator(application, f"/ws/{id}", headers=raw)
    return client


@asynccontextmanager
async def coming(client: Client, name: str = "Mallory", **reply: object) -> AsyncIterator[Frame]:
    """Comes in under this name, with what the server asked first: all that it says follows."""
    assert (await client.socket.connect())[0]
    asked = await client.hear()
    await client.say(name=name, **{"v": 2, **reply})
    try:
        yield asked
    finally:
        if not client.socket.future.done():
            await client.socket.disconnect()


change: Callable[..., Any] = sync_to_async


async def save(row: Model, **fields: Any) -> None:
    """Have a row say this from now on."""
    for name, value in fields.items():
        setattr(row, name, value)
    await row.asave(update_fields=list(fields))


async def closed(client: Client) -> tuple[Frame, int]:
    """What is said before the close, and its code."""
    last = await client.hear_of("closing")
    return last, (await client.socket.receive_output())["code"]


async def stays(client: Client) -> bool:
    """Whether nobody closes it, though they have looked some times."""
    await asyncio.sleep(0.3)
    await client.say(type="ping", n=7)
    return bool((await client.hear_of("pong", "closing"))["type"] == "pong")


async def test_who_is_signed_in_is_that_person_whatever_name_they_give(engine: str, carol: User) -> None:
    key = await change(sign_in)(carol)
    client = browser(key, OWN_PAGE)

    async with coming(client, "Admin") as asked:
        welcome = await client.hear_of("welcome")
        joined = await client.hear_of("notification")
        assert await stays(client)

    assert asked["user"] == "Carol Кот"
    person = await Person.objects.aget(user=carol)
    assert welcome.items() >= {"id": person.pk, "name": "Carol Кот", "role": "member", "token": ""}.items()
    assert welcome["user"] is True
    assert (joined["id"], joined["name"]) == (person.pk, "Carol Кот")
    assert (person.name, person.is_owned, people.is_of_user(person.pk)) == ("Carol Кот", True, True)


async def test_a_page_of_the_seed_is_called_as_the_user_is(carol: User) -> None:
    client = browser(await change(sign_in)(carol), OWN_PAGE, id="seed-page")

    async with coming(client, "Somebody", v=None) as asked:
        await client.hear_of("notification")
        await client.say(type="message", message="hi")
        said = await client.hear_of("message")

    person = await Person.objects.aget(user=carol)
    assert asked["user"] == "Carol Кот"
    assert (said["sender"], said["sender_id"], said["role"]) == ("Carol Кот", person.pk, "member")
    assert not await Person.objects.filter(pk="seed-page").aexists()


async def test_on_all_devices_they_are_one_person(carol: User) -> None:
    tabs = [browser(await change(sign_in)(carol), OWN_PAGE, id=f"tab-{number}") for number in range(6)]

    async def come(client: Client) -> str:
        async with coming(client):
            return str((await client.hear_of("welcome"))["id"])

    ids = set(await asyncio.gather(*map(come, tabs[:3]))) | {await come(tab) for tab in tabs[3:]}

    assert ids == {person.pk async for person in Person.objects.filter(user=carol)}
    assert len(ids) == 1


async def test_who_has_never_come_is_nobody_before_they_are_written(carol: User) -> None:
    """Or they were two who are called so, when they come in another process at the same moment."""
    client = browser(await change(sign_in)(carol), OWN_PAGE)
    with locked():
        assert (await client.socket.connect())[0]
        await client.hear()
        await client.say(name="Mallory", v=2)
        await asyncio.sleep(0.3)
        here = list(process.current().roster)

    assert (await client.hear_of("welcome"))["name"] == "Carol Кот"
    assert here == []
    await client.socket.disconnect()


@pytest.mark.parametrize(
    "origins",
    [
        pytest.param((), id="a program"),
        pytest.param(("https://friend.example",), id="a friend's page"),
    ],
)
async def test_no_cookie_is_believed_of_anybody_but_a_page_of_this_site(
    carol: User, settings: Any, origins: tuple[str, ...]
) -> None:
    settings.ALLOWED_ORIGINS = ["https://friend.example"]
    client = browser(await change(sign_in)(carol), *origins, id="mallory")

    async with coming(client) as asked:
        welcome = await client.hear_of("welcome")

    assert "user" not in asked
    assert (welcome["id"], welcome["name"], welcome["role"]) == ("mallory", "Mallory", "guest")
    assert welcome["token"]
    assert not await Person.objects.filter(user=carol).aexists()


@pytest.mark.parametrize(
    "origins", [(OWN_PAGE, OWN_PAGE), ("http://localhost:8001",), (f"https://{HOST}x",)]
)
async def test_whoever_is_no_page_of_this_site_at_all_has_no_socket(
    carol: User, origins: tuple[str, ...]
) -> None:
    client = browser(await change(sign_in)(carol), *origins)

    assert not (await client.socket.connect())[0]


RUBBISH = (
    "sessionid=",
    "sessionid=abc",
    "sessionid=" + "x" * 10_000,
    "sessionid=" + "x" * 32,
    "sessionid=\x00" + "x" * 31,
    "sessionid=ключ".encode().decode("latin1"),
    'sessionid="\\000aaaaaaaaaaaa"',
    "csrftoken=" + "x" * 32,
    ";" * 9000,
    "sessionid=../../etc/passwd",
)


async def test_rubbish_in_a_cookie_makes_a_guest(engine: str, lobby: Room, tmp_path: Path) -> None:
    for cookie in RUBBISH:
        client = browser(None, OWN_PAGE, cookie=cookie)

        async with coming(client) as asked:
            welcome = await client.hear_of("welcome")

        assert "user" not in asked
        assert (welcome["name"], welcome["user"]) == ("Mallory", False)
    assert not await change(lambda: list(tmp_path.iterdir()))()


async def test_the_cookie_of_another_secret_is_nobody_s_and_that_of_a_former_one_is(
    carol: User, settings: Any
) -> None:
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another " * 10
    key = await change(sign_in)(carol)
    settings.SECRET_KEY = former

    stranger = await change(sessions.signed_in)([key])
    settings.SECRET_KEY_FALLBACKS = ["another " * 10]
    before = await Session.objects.aget()
    known = await change(sessions.signed_in)([key])

    assert stranger == {key: None}
    assert (found := known[key])
    assert found.user == carol
    after = await Session.objects.aget()  # Django's own way would have given it another key
    assert (after.pk, after.session_data) == (before.pk, before.session_data)


# How long it holds


async def sign_out(user: User, key: str) -> None:
    await Session.objects.filter(pk=key).adelete()


async def expire(user: User, key: str) -> None:
    await Session.objects.filter(pk=key).aupdate(expire_date=timezone.now())


async def deactivate(user: User, key: str) -> None:
    await save(user, is_active=False)


async def delete(user: User, key: str) -> None:
    await user.adelete()


async def give_another_password(user: User, key: str) -> None:
    await change(user.set_password)("another word")
    await user.asave()


async def call_otherwise(user: User, key: str) -> None:
    await save(user, last_name="Кит")


async def make_staff(user: User, key: str) -> None:
    await save(user, is_staff=True)


async def put_into_group(user: User, key: str) -> None:
    await user.groups.aadd(await Group.objects.acreate(name="writers"))


@pytest.mark.parametrize(
    "happening",
    [
        *(sign_out, expire, deactivate, delete, give_another_password, call_otherwise, make_staff),
        put_into_group,
    ],
    ids=lambda happening: happening.__name__,
)
async def test_who_is_no_longer_who_they_were_is_sent_to_come_again(
    carol: User, happening: Callable[[User, str], Any]
) -> None:
    key, other = await change(sign_in)(carol), browser(None, OWN_PAGE, id="guest")
    client = browser(key, OWN_PAGE)
    async with coming(client), coming(other, "Bob"):
        await client.hear_of("welcome")
        await happening(carol, key)

        last, code = await closed(client)

        assert (last["code"], code) == (4015, 4015)
        assert await stays(other)


@pytest.fixture
def moderator(carol: User) -> User:
    """Carol, who may delete what others say because her group may."""
    group = Group.objects.create(name="moderators")
    group.permissions.add(Permission.objects.get(codename="moderate"))
    carol.groups.add(group)
    carol.is_staff = True
    carol.save()
    return carol


async def lose_group(user: User) -> None:
    await user.groups.aclear()


async def lose_permission_of_group(user: User) -> None:
    group = await user.groups.aget()
    await group.permissions.aclear()


async def gain_permission(user: User) -> None:
    await user.user_permissions.aadd(await Permission.objects.aget(codename="add_room"))


@pytest.mark.parametrize(
    "happening",
    [lose_group, lose_permission_of_group, gain_permission],
    ids=lambda happening: happening.__name__,
)
async def test_a_right_that_is_lost_or_gained_reaches_who_has_it(
    moderator: User, happening: Callable[[User], Any]
) -> None:
    key = await change(sign_in)(moderator)
    client = browser(key, OWN_PAGE)
    async with coming(client):
        assert (await client.hear_of("welcome"))["role"] == "moderator"
        await happening(moderator)
        assert (await closed(client))[1] == 4015

    again = browser(key, OWN_PAGE)
    async with coming(again):
        now = (await again.hear_of("welcome"))["role"]

    assert now == ("moderator" if happening is gain_permission else "member")


async def test_what_is_no_concern_of_the_chat_s_closes_nobody(moderator: User) -> None:
    client = browser(await change(sign_in)(moderator), OWN_PAGE)
    async with coming(client):
        await client.hear_of("welcome")
        await moderator.user_permissions.aadd(await Permission.objects.aget(codename="add_user"))
        await save(moderator, email="carol@example.com", last_login=timezone.now())
        assert await stays(client)


async def test_who_has_given_no_name_yet_is_looked_at_as_well(carol: User) -> None:
    key = await change(sign_in)(carol)
    client = browser(key, OWN_PAGE)
    assert (await client.socket.connect())[0]
    assert (await client.hear())["user"] == "Carol Кот"

    await sign_out(carol, key)

    told = await client.hear()
    assert (told["type"], told["color"], told["code"]) == ("notification", "danger", "session_ended")
    assert (await client.socket.receive_output())["code"] == 4015


async def test_a_database_that_is_away_closes_nobody(carol: User, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    client = browser(await change(sign_in)(carol), OWN_PAGE)
    async with coming(client):
        await client.hear_of("welcome")
        # The next test of a site that is served stops the database itself.
        monkeypatch.setattr(
            sessions, "_sessions", lambda keys: (_ for _ in ()).throw(OperationalError("gone"))
        )
        assert await stays(client)
        monkeypatch.undo()
        monkeypatch.setattr(session, "EVERY", 0.05)
        await deactivate(carol, "")
        assert (await closed(client))[1] == 4015


class Careless(ModelBackend):
    """Knows the users of the site, save those that it falls over."""

    falls_over: ClassVar[set[str]] = set()

    def get_user(self, user_id: int) -> User | None:
        user = User.objects.filter(pk=user_id).first()
        if user and user.username in self.falls_over:
            raise RuntimeError(user.username)
        return user


@pytest.fixture
def careless(settings: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    path = f"{__name__}.Careless"
    settings.AUTHENTICATION_BACKENDS = [path]
    monkeypatch.setattr(Careless, "falls_over", set())
    return path


async def test_one_who_cannot_be_looked_at_keeps_nobody_else_from_it(careless: str, carol: User) -> None:
    """They stay who they were; whoever comes in meanwhile is nobody."""
    dave = await change(User.objects.create_user)("dave")
    keys = [await change(sign_in)(user, careless) for user in (carol, dave)]
    ours, other = browser(keys[0], OWN_PAGE), browser(keys[1], OWN_PAGE)
    async with coming(ours), coming(other):
        for client in (ours, other):
            assert (await client.hear_of("welcome"))["user"]
        Careless.falls_over.add("carol")

        await deactivate(dave, "")

        assert (await closed(other))[1] == 4015
        assert await stays(ours)
        again = browser(keys[0], OWN_PAGE, id="again")
        async with coming(again, "Anna"):
            assert not (await again.hear_of("welcome"))["user"]


async def test_a_look_that_fails_altogether_is_the_last_of_none(
    carol: User, monkeypatch: pytest.MonkeyPatch, log: list[logging.LogRecord]
) -> None:
    client = browser(await change(sign_in)(carol), OWN_PAGE)
    async with coming(client):
        await client.hear_of("welcome")
        monkeypatch.setattr(users, "standings", lambda found: 1 / 0)
        assert await stays(client)
        monkeypatch.undo()
        monkeypatch.setattr(session, "EVERY", 0.05)
        await deactivate(carol, "")
        began = asyncio.get_running_loop().time()
        assert (await closed(client))[1] == 4015
        assert asyncio.get_running_loop().time() - began < 0.9  # it was not begun again
    assert log[0].getMessage() == "Who is signed in could not be looked at."


def test_many_who_are_signed_in_cost_a_few_queries(carol: User) -> None:
    made = [
        User(username=f"user-{number}", is_staff=number % 2 == 0) for number in range(session.AT_A_TIME)
    ]
    keys = [sign_in(user) for user in User.objects.bulk_create(made)]

    for ask, most in ((sessions.standings, 5), (sessions.signed_in, 6 + 2 * len(keys) // 2)):
        with CaptureQueriesContext(connection) as queries:
            found = ask(keys)
        assert all(found.values())
        assert len(queries) <= most


# What the site says


def shout(user: User) -> str:
    return f"  {user.username.upper()}\u202e\n"


def fail(user: User) -> str:
    raise RuntimeError("no name today")


def test_a_name_that_fails_is_the_one_to_sign_in_with(
    carol: User, monkeypatch: pytest.MonkeyPatch, log: list[logging.LogRecord]
) -> None:
    key = sign_in(carol)
    before = sessions.signed_in([key])[key]
    assert before

    monkeypatch.setattr(User, "get_full_name", fail)

    assert before.standing.is_still(sessions.standings([key])[key])
    found = sessions.signed_in([key])[key]
    assert found
    assert found.name == "carol"
    assert [record.getMessage() for record in log] == [
        "The name has failed for a user: RuntimeError('no name today')"
    ] * 2


def nothing(user: User) -> None:
    return None


def moderate(user: User) -> str:
    return "moderator"


def boast(user: User) -> str:
    return "owner"


@pytest.fixture
def log() -> Iterator[list[logging.LogRecord]]:
    """What the chat's log is given from errors up."""
    records: list[logging.LogRecord] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = records.append  # type: ignore[method-assign, assignment]
    logging.getLogger("chat").addHandler(handler)
    yield records
    logging.getLogger("chat").removeHandler(handler)


@pytest.mark.parametrize(
    ("chat", "name", "role", "lines"),
    [
        ({}, "Carol Кот", "member", 0),
        ({"NAME": shout}, "CAROL", "member", 0),
        ({"NAME": nothing}, "carol", "member", 0),
        ({"NAME": fail}, "carol", "member", 1),
        ({"ROLE": moderate}, "Carol Кот", "moderator", 0),
        ({"ROLE": boast}, "Carol Кот", "member", 1),
        ({"ROLE": nothing}, "Carol Кот", "member", 1),
        ({"ROLE": fail}, "Carol Кот", "member", 1),
    ],
)
def test_a_site_has_its_own_idea_of_names_and_roles(
    carol: User,
    settings: Any,
    chat: dict[str, Any],
    name: str,
    role: str,
    lines: int,
    log: list[logging.LogRecord],
) -> None:
    settings.CHAT = {key: f"{__name__}.{function.__name__}" for key, function in chat.items()}
    key = sign_in(carol)
    log.clear()  # of what was said when the user was saved

    found = sessions.signed_in([key])[key]

    assert found
    assert (found.name, found.role) == (name, role)
    assert found.permissions == ({"chat.ban"} if role == "moderator" else set())  # who need not be staff
    assert found.standing.is_still(sessions.standings([key])[key])
    assert len(log) == 2 * lines  # asked twice
    assert not any(record.exc_info for record in log)


def test_who_has_no_name_that_can_be_seen_is_called_by_a_number(carol: User, settings: Any) -> None:
    settings.CHAT = {"NAME": f"{__name__}.nothing"}
    carol.username = "\u200b"
    carol.save()
    key = sign_in(carol)

    found = sessions.signed_in([key])[key]

    assert found
    assert found.name == f"User-{str(carol.pk)[:4]}"


def test_a_function_that_fails_for_once_changes_nobody(carol: User, settings: Any) -> None:
    settings.CHAT = {"NAME": f"{__name__}.shout"}
    key = sign_in(carol)
    before = sessions.signed_in([key])[key]
    assert before

    settings.CHAT = {"NAME": f"{__name__}.fail", "ROLE": f"{__name__}.fail"}

    assert before.standing.is_still(sessions.standings([key])[key])


# Who is no guest


async def test_a_token_proves_nobody_who_is_a_user_of_the_site(carol: User) -> None:
    person = await change(person_of)(carol)
    client = browser(None, id="mallory")

    async with coming(client, token=people.token(person.pk)):
        welcome = await client.hear_of("welcome")

    assert welcome["id"] != person.pk
    assert (welcome["name"], welcome["role"]) == ("Mallory", "guest")
    await person.arefresh_from_db()
    assert person.name == "Carol Кот"


@pytest.mark.parametrize("v", [2, None])
@pytest.mark.parametrize("is_known", [True, False], ids=["known", "unknown"])
async def test_an_address_makes_nobody_a_user_of_the_site(
    carol: User, v: int | None, *, is_known: bool
) -> None:
    id = (await change(person_of)(carol)).pk if is_known else people.new_id_of_user()
    client = browser(None, id=id)

    async with coming(client, v=v):
        joined = await client.hear_of("notification")

    assert joined["id"] != id
    assert await Person.objects.filter(pk=id).aexists() == is_known


async def test_what_a_user_was_stays_theirs_alone_when_they_are_deleted(carol: User) -> None:
    key = await change(sign_in)(carol)
    first = browser(key, OWN_PAGE)
    async with coming(first):
        id = (await first.hear_of("welcome"))["id"]
        await first.ask(type="message", message="hi", ref="1")
        await carol.adelete()
        assert (await closed(first))[1] == 4015

    again = browser(key, OWN_PAGE, id=id)
    async with coming(again, token=people.token(id)) as asked:
        welcome = await again.hear_of("welcome")

    assert "user" not in asked
    assert welcome["id"] != id
    person = await Person.objects.aget(pk=id)
    assert (person.user_id, person.name) == (None, "Carol Кот")


async def test_who_is_deleted_while_they_come_in_does_not(carol: User) -> None:
    key = await change(sign_in)(carol)
    client = browser(key, OWN_PAGE)
    assert (await client.socket.connect())[0]
    await client.hear()
    await carol.adelete()
    await client.say(name="Carol", v=2)

    assert (await closed(client))[1] == 4015
    assert not await Person.objects.aexists()


def test_django_and_the_chat_find_the_same_user(carol: User) -> None:
    key = sign_in(carol)
    request = HttpRequest()
    request.session = import_module(_engine()).SessionStore(key)

    found = sessions.signed_in([key])[key]

    assert found
    assert get_user(request) == found.user == carol


# Guests, where a site wants none or wants them to listen


@pytest.mark.parametrize("v", [2, None])
async def test_where_guests_read_they_are_told_that_they_do_no_more(
    lobby: Room, settings: Any, v: int | None
) -> None:
    settings.CHAT = {"GUESTS": "read"}
    client = browser(None)

    async with coming(client, v=v) as asked:
        await client.hear_of("notification")
        await client.say(type="message", message="hi", ref="1")
        answer = await client.hear_of("error", "notification")

    assert asked["guests"] == "read"
    assert answer["code"] == "read_only"


async def test_where_there_are_no_guests_they_are_asked_to_sign_in(lobby: Room, settings: Any) -> None:
    settings.CHAT = {"GUESTS": "none"}
    client = browser(None, id="mallory")

    async with coming(client, token=people.token("mallory"), lang="en") as asked:
        last, code = await closed(client)

    assert asked["guests"] == "none"
    assert (last["code"], code) == (4509, 4509)
    assert "Sign in" in last["reason"]
    assert not await Person.objects.aexists()


async def test_a_guest_of_the_seed_hears_why_as_well(lobby: Room, settings: Any) -> None:
    settings.CHAT = {"GUESTS": "none"}
    client = browser(None)

    async with coming(client, v=None):
        last = await client.hear()
        code = (await client.socket.receive_output())["code"]

    assert (last["type"], last["color"], last["code"]) == ("notification", "danger", "sign_in_required")
    assert code == 4509


@pytest.mark.parametrize("guests", ["read", "none"])
async def test_a_user_of_the_site_is_no_guest(carol: User, settings: Any, guests: str) -> None:
    settings.CHAT = {"GUESTS": guests}
    client = browser(await change(sign_in)(carol), OWN_PAGE)

    async with coming(client) as asked:
        answer = await client.ask(type="message", message="hi", ref="1")

    assert "guests" not in asked
    assert answer["type"] == "ack"


# How long a role holds that the site's own function gives


@pytest.mark.parametrize("function", [nothing, boast], ids=["nothing", "what is no role"])
async def test_a_role_that_the_site_gives_no_longer_is_gone(
    carol: User, settings: Any, function: Callable[[User], object]
) -> None:
    settings.CHAT = {"ROLE": f"{__name__}.moderate"}
    client = browser(await change(sign_in)(carol), OWN_PAGE)
    async with coming(client):
        assert (await client.hear_of("welcome"))["role"] == "moderator"
        settings.CHAT = {"ROLE": f"{__name__}.{function.__name__}"}
        assert (await closed(client))[1] == 4015


async def test_a_role_that_cannot_be_said_any_more_is_not_kept_for_good(
    carol: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A member has nothing to lose by it, and stays."""
    dave = await User.objects.acreate(username="dave")
    settings.CHAT = {"ROLE": f"{__name__}.only_carol_moderates"}
    moderator = browser(await change(sign_in)(carol), OWN_PAGE)
    member = browser(await change(sign_in)(dave), OWN_PAGE, id="member")
    async with coming(moderator), coming(member):
        assert (await moderator.hear_of("welcome"))["role"] == "moderator"
        monkeypatch.setattr(session, "FAILURES", 10**6)
        settings.CHAT = {"ROLE": f"{__name__}.fail"}
        assert await stays(moderator)
        monkeypatch.setattr(session, "FAILURES", 3)
        assert (await closed(moderator))[1] == 4015
        assert await stays(member)


def only_carol_moderates(user: User) -> str:
    return "moderator" if user.username == "carol" else "member"


async def test_a_user_has_their_name_whoever_sits_under_it(carol: User) -> None:
    key = await change(sign_in)(carol)
    sitting = browser(None, id="sits")
    async with coming(sitting, "Carol Кит"):
        assert (await sitting.hear_of("welcome"))["name"] == "Carol Кит"
        await call_otherwise(carol, key)
        client = browser(await change(sign_in)(carol), OWN_PAGE)
        async with coming(client):
            called = await client.hear_of("welcome")
            told = await sitting.hear_of("welcome")

    assert (called["name"], called.get("name_was")) == ("Carol Кит", None)
    assert told["name"].startswith("User-")
    assert told["name_was"] == "reserved"
