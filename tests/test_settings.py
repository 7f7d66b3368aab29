"""The environment, as settings.py reads it."""

import runpy
import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from chat import conf
from chat.services import users
from chatproject import settings as settings_module
from chatproject.settings import local_secret

SECRET = "x" * 50


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "DEBUG",
        "ALLOWED_HOSTS",
        "DATABASE_URL",
        "REDIS_URL",
        "REDIS_PREFIX",
        "LANGUAGE_CODE",
        "CHAT_LIMITS",
        "HTTPS",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SECRET_KEY", SECRET)


def read() -> dict[str, Any]:
    """The settings as a new process would have them."""
    return runpy.run_path(str(settings_module.__file__))


def test_nothing_has_to_be_set() -> None:
    settings = read()

    database = settings["DATABASES"]["default"]
    assert database["ENGINE"] == "django.db.backends.sqlite3"
    assert database["OPTIONS"] == {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL",
    }
    assert settings["CHANNEL_LAYERS"]["default"]["BACKEND"] == "channels.layers.InMemoryChannelLayer"
    assert (settings["DEBUG"], settings["LANGUAGE_CODE"]) == (True, "ru")
    assert settings["CHAT"] == {"LIMITS": True}


def test_it_grows_by_two_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://chat:pw@db.example/chat")
    monkeypatch.setenv("REDIS_URL", "redis://redis.example:6379/1")

    settings = read()

    database = settings["DATABASES"]["default"]
    assert (database["ENGINE"], database["HOST"]) == ("django.db.backends.postgresql", "db.example")
    # Five of the ten connections are the chat's own.
    assert database["OPTIONS"]["pool"]["max_size"] == 5
    assert "CONN_MAX_AGE" not in database
    assert database["OPTIONS"]["application_name"] == "chat"
    layer = settings["CHANNEL_LAYERS"]["default"]
    assert layer["BACKEND"] == "channels_redis.pubsub.RedisPubSubChannelLayer"
    [host] = layer["CONFIG"]["hosts"]
    assert host.items() >= {"address": "redis://redis.example:6379/1", "socket_timeout": None}.items()
    assert layer["CONFIG"]["prefix"] == "chat"
    assert settings["CHAT"]["REDIS_URL"] == "redis://redis.example:6379/1"


def test_two_sites_may_have_prefixes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://redis.example:6379/1")
    monkeypatch.setenv("REDIS_PREFIX", "chat.staging")

    settings = read()

    assert settings["CHANNEL_LAYERS"]["default"]["CONFIG"]["prefix"] == "chat.staging"
    assert settings["CHAT"]["REDIS_PREFIX"] == "chat.staging"


@pytest.mark.parametrize("prefix", ["", "a b", "a" * 51, "каша", "a*"])
def test_a_prefix_without_sense_stops_the_start(monkeypatch: pytest.MonkeyPatch, prefix: str) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://redis.example:6379/1")
    monkeypatch.setenv("REDIS_PREFIX", prefix)

    with pytest.raises(ImproperlyConfigured, match="REDIS_PREFIX is"):
        read()


def test_what_the_address_of_the_database_says_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "DATABASE_URL", "postgresql://chat@db.example/chat?connect_timeout=9&sslmode=require"
    )
    monkeypatch.setenv("DATABASE_CONNECTIONS", "6")

    options = read()["DATABASES"]["default"]["OPTIONS"]

    assert (int(options["connect_timeout"]), options["sslmode"]) == (9, "require")
    assert (options["tcp_user_timeout"], options["pool"]["max_size"]) == (5000, 1)


def test_a_process_needs_some_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://chat@db.example/chat")
    monkeypatch.setenv("DATABASE_CONNECTIONS", "5")

    with pytest.raises(ImproperlyConfigured, match="use 6 or more, for 5 are the chat's own"):
        read()


def test_production_is_strict_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBUG", "0")

    settings = read()

    assert settings["HTTPS"]
    assert settings["SESSION_COOKIE_SECURE"]
    assert settings["CSRF_COOKIE_SECURE"]
    assert settings["SECURE_HSTS_SECONDS"]


@pytest.mark.parametrize("dollars", ["$HOME", "$$HOME", r"\$HOME", "$no_such_variable", "$"])
def test_a_value_is_taken_letter_for_letter(monkeypatch: pytest.MonkeyPatch, dollars: str) -> None:
    monkeypatch.setenv("DEBUG", "0")
    for name in ("SECRET_KEY", "STATIC_ROOT"):
        monkeypatch.setenv(name, dollars)
    monkeypatch.setenv("ALLOWED_HOSTS", f"{dollars},chat.example")
    monkeypatch.setenv("DATABASE_URL", f"postgresql://chat:{dollars}@db.example/chat")
    monkeypatch.setenv("REDIS_URL", f"redis://:{dollars}@redis.example:6379/1")

    settings = read()

    assert settings["SECRET_KEY"] == settings["STATIC_ROOT"] == dollars
    assert settings["ALLOWED_HOSTS"] == [dollars, "chat.example"]
    assert settings["DATABASES"]["default"]["PASSWORD"] == dollars
    [redis] = settings["CHANNEL_LAYERS"]["default"]["CONFIG"]["hosts"]
    assert redis["address"] == f"redis://:{dollars}@redis.example:6379/1"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("DEBUG", "maybe", "use 0 or 1"),
        ("DEBUG", "$HOME", "use 0 or 1"),
        ("DATABASE_URL", "$HOME", "use sqlite:///path or postgresql://"),
        ("CHAT_LIMITS", "2", "use 0 or 1"),
        ("HTTPS", "", "use 0 or 1"),
        ("LANGUAGE_CODE", "de", "ru, en"),
        ("DATABASE_URL", "mysql://localhost/chat", "use sqlite:///path or postgresql://"),
        ("DATABASE_URL", "chat.db", "use sqlite:///path or postgresql://"),
        ("REDIS_URL", "localhost:6379", "use redis://"),
    ],
)
def test_a_value_without_sense_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ImproperlyConfigured, match=f"{name}.*{told}"):
        read()


def test_a_bad_number_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBUG", "0")
    monkeypatch.setenv("HSTS_SECONDS", "-1")

    with pytest.raises(ImproperlyConfigured, match="HSTS_SECONDS is '-1'"):
        read()


def test_production_demands_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBUG", "0")
    monkeypatch.setenv("SECRET_KEY", "")

    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY is not set"):
        read()


def test_a_laptop_keeps_its_secret_in_a_file_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"

    secret = local_secret(path)

    assert len(secret) >= 50
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert local_secret(path) == secret
    assert list(tmp_path.iterdir()) == [path]


def test_the_chat_has_defaults(settings: Any) -> None:
    settings.CHAT = {}

    assert (conf.current().name_timeout, conf.current().bad_frames_per_minute) == (120, 20)


def test_one_switch_lifts_every_limit(settings: Any) -> None:
    settings.CHAT = {"LIMITS": False}

    assert (conf.current().name_timeout, conf.current().bad_frames_per_minute) == (0, 0)


@pytest.mark.parametrize(
    ("chat", "told"),
    [
        ({"NAME_TIMEOUT": -1}, "NAME_TIMEOUT"),
        ({"NAME_TIMEOUT": "long"}, "NAME_TIMEOUT"),
        ({"BAD_FRAMES": 5}, "BAD_FRAMES"),
        ({"HISTORY": 0}, "HISTORY"),
        ({"GUESTS": "talk"}, "GUESTS"),
        ({"REFS_DAYS": 30}, "REFS_DAYS is 30: use more than 30"),
        ({"KEEP_DAYS": 36_501}, "36500.*KEEP_DAYS"),
        ({"SHARED_ADDRESSES": ["10.0.0.1/8"]}, "SHARED_ADDRESSES: 10.0.0.1/8 has host bits set"),
        ([], "object"),
    ],
)
def test_a_chat_setting_without_sense_is_named(settings: Any, chat: Any, told: str) -> None:
    settings.CHAT = chat

    with pytest.raises(ImproperlyConfigured, match=told):
        conf.current()


def test_every_number_of_the_chat_has_a_variable(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    numbers = conf.NUMBERS | conf.RATES
    for number, name in enumerate(sorted(numbers), start=31):  # REFS_DAYS are more than 30
        monkeypatch.setenv(f"CHAT_{name}", f"{number}/9" if name in conf.RATES else str(number))

    settings.CHAT = read()["CHAT"]

    assert set(settings.CHAT) == numbers | {"LIMITS"}
    assert conf.current().messages == (sorted(numbers).index("MESSAGES") + 31, 9)


def test_every_word_of_the_chat_has_a_variable(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    words = {"GUESTS": "read", "ROOMS_BY": "users", "NAME": "site.chat_name", "ROLE": "site.chat_role"}
    for name, word in words.items():
        monkeypatch.setenv(f"CHAT_{name}", word)

    settings.CHAT = read()["CHAT"]

    assert set(words) == conf.WORDS
    assert {**words, "LIMITS": True} == settings.CHAT
    assert (conf.current().guests, conf.current().role) == ("read", "site.chat_role")


@pytest.mark.parametrize("key", ["NAME", "ROLE"])
@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("chat_name", "a module path"),
        ("no_such_module.name", "No module named"),
        ("chat.conf.no_such_function", "no_such_function"),
        ("chat.conf.KIB", "the dotted path of a function of a user"),
    ],
)
def test_a_function_that_is_not_there_stops_the_start(
    settings: Any, key: str, path: str, told: str
) -> None:
    settings.CHAT = {key: path}

    with pytest.raises(ImproperlyConfigured, match=f"{key} is '.*{told}"):
        users.check_functions()


def test_a_number_of_the_chat_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAT_CONNECTIONS", "many")

    with pytest.raises(ImproperlyConfigured, match="CHAT_CONNECTIONS is 'many'"):
        read()


def test_friends_are_named_by_their_whole_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_ORIGINS", "https://friend.example:8443, http://other.example")

    assert read()["ALLOWED_ORIGINS"] == ["https://friend.example:8443", "http://other.example"]


@pytest.mark.parametrize(
    "wrong",
    [
        "friend.example",
        "https://friend.example/chat",
        "*",
        "ftp://friend.example",
        "https://*.example",
        "https://friend.example:port",
        "https://friend.example:",
    ],
)
def test_an_origin_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("ALLOWED_ORIGINS", wrong)

    with pytest.raises(ImproperlyConfigured, match="ALLOWED_ORIGINS has"):
        read()


def test_reserved_names_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setenv("CHAT_RESERVED_NAMES", "king, Королева ,")

    settings.CHAT = read()["CHAT"]

    assert conf.current().reserved_names == ("king", "Королева")
