"""All settings, and the only file that opens the environment.

Every variable has a default that works on a laptop; a value that makes no sense stops the start
with a sentence. docs/SETTINGS.md lists them for the person who runs the site.
"""

import logging
import os
import re
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.log import CallbackFilter
from django.utils.translation import gettext_lazy as _

from chat.conf import LISTS, NUMBERS, OWN_CONNECTIONS, RATES, WORDS

BASE_DIR = Path(__file__).resolve().parent.parent


YEAR = 365 * 24 * 3600


def text(name: str, *, default: str = "") -> str:
    """The variable `name`, letter for letter."""
    # Not env.str, which takes a value that begins with $ for the name of another variable.
    return os.environ.get(name, default)


def flag(name: str, *, default: bool) -> bool:
    """Whether the variable `name` is 1 or 0 (or true/false, yes/no, on/off)."""
    value = text(name, default="1" if default else "0").strip().lower()
    if value in ("1", "true", "yes", "on"):
        return True
    if value in ("0", "false", "no", "off"):
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}: use 0 or 1.")


def whole_number(name: str, *, default: int = 0) -> int:
    """The variable `name` as a whole number from 0 up."""
    value = text(name, default=str(default)).strip()
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name} is {value!r}: use a whole number, 0 or more.")
    return int(value)


def one_of(name: str, allowed: tuple[str, ...], *, default: str) -> str:
    """The variable `name`, which has to be one of the words in `allowed`."""
    value = text(name, default=default).strip()
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} is {value!r}: use one of {', '.join(allowed)}.")
    return value


def words(name: str) -> list[str]:
    """What stands there between commas, without what is empty."""
    return [word for part in text(name).split(",") if (word := part.strip())]


def origins(name: str) -> list[str]:
    """The variable `name` as origins of pages, separated by commas."""
    found = words(name)
    for origin in found:
        if not re.fullmatch(r"https?://([a-z0-9.-]+|\[[a-f0-9:.]+\])(:[0-9]{1,5})?", origin, re.IGNORECASE):
            raise ImproperlyConfigured(
                f"{name} has {origin!r}: use scheme://host or scheme://host:port, such as https://www.example:8443."
            )
    return found


def local_secret(path: Path) -> str:
    """The secret in the file at `path`, made at the first start and readable by its owner alone."""
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(mode=0o600, exist_ok=False)
        draft.write_text(secrets.token_urlsafe(50))
        try:
            # A link appears whole or not at all, so two processes that start at once agree on one.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def secret_key() -> str:
    """SECRET_KEY of the environment, or on a laptop (DEBUG) one kept in a file."""
    key = text("SECRET_KEY")
    if not key and DEBUG:
        key = local_secret(BASE_DIR / "secret.key")
    if not key:
        raise ImproperlyConfigured(
            "SECRET_KEY is not set: where DEBUG is off, put 50 or more random characters into it."
        )
    return key


def database() -> dict[str, Any]:
    """The database that DATABASE_URL names, with what the chat needs of it."""
    url = text("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}")
    scheme = url.partition(":")[0]
    if scheme not in ("sqlite", "postgres", "postgresql"):
        raise ImproperlyConfigured(
            f"DATABASE_URL begins with {scheme!r}: use sqlite:///path or postgresql://user@host/name."
        )
    config: dict[str, Any] = environ.Env.db_url_config(url)
    if scheme == "sqlite":
        # A writer asks for its lock at once and waits, and readers never wait for a writer:
        # https://docs.djangoproject.com/en/5.2/ref/databases/#sqlite-transaction-behavior
        config["OPTIONS"] = {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL",
        }
        # Each request has a thread of its own, which would leave the file open for good. The threads of the
        # chat, which stay, keep theirs (chat/storage/thread.py).
        config["CONN_MAX_AGE"] = 0
        # A file, as in earnest: a database in memory knows neither WAL nor several threads.
        config["TEST"] = {"NAME": f"{config['NAME']}.test"}
    else:
        config["OPTIONS"] = {**_postgresql_options(), **config.get("OPTIONS", {})}
        config["CONN_HEALTH_CHECKS"] = True
    return config


def _postgresql_options() -> dict[str, Any]:
    """What holds where DATABASE_URL says nothing else.

    Whoever stands still with a room's lock, or whose machine is gone, has lost it within 5 s.
    """
    most = whole_number("DATABASE_CONNECTIONS", default=10)
    if most <= OWN_CONNECTIONS:
        raise ImproperlyConfigured(
            f"DATABASE_CONNECTIONS is {most}: use {OWN_CONNECTIONS + 1} or more, for {OWN_CONNECTIONS} are "
            "the chat's own."
        )
    return {
        "application_name": "chat",
        "connect_timeout": 3,
        "tcp_user_timeout": 5000,
        "options": "-c idle_in_transaction_session_timeout=3000",
        # What pages share: under ASGI each request has a thread of its own, and would have a connection.
        "pool": {
            "min_size": 0,
            "max_size": most - OWN_CONNECTIONS,
            "timeout": 5,
            "reconnect_timeout": 2,
            "num_workers": 1,
        },
    }


def redis() -> tuple[str, str]:
    """The address of Redis, or "", and what the names of this site's things there begin with."""
    url, prefix = text("REDIS_URL"), text("REDIS_PREFIX", default="chat").strip()
    if url and not url.startswith(("redis://", "rediss://", "unix://")):
        raise ImproperlyConfigured(
            f"REDIS_URL is {url!r}: use redis://host:port/0, rediss://… or unix://path."
        )
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,50}", prefix):
        raise ImproperlyConfigured(
            f"REDIS_PREFIX is {prefix!r}: use 1 to 50 letters, digits, dots, hyphens and underscores."
        )
    return url, prefix


def channel_layer() -> dict[str, Any]:
    """The layer that REDIS_URL names; without one, a layer inside this process."""
    if not REDIS_URL:
        # By default this layer drops what exceeds 100 waiting events, and puts a channel out of its
        # groups after a day, or when an event has waited for a minute. The chat has one channel.
        return {
            "BACKEND": "channels.layers.InMemoryChannelLayer",
            "CONFIG": {"capacity": 10_000, "expiry": 10 * YEAR, "group_expiry": 10 * YEAR},
        }
    # redis-py 8 would end every idle read after 5 s (django/channels_redis#422); say never, whatever
    # version is installed.
    return {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {
            "prefix": REDIS_PREFIX,
            # Connecting, and closing what is dead, may take so long; the hub tries again.
            "hosts": [{"address": REDIS_URL, "socket_timeout": None, "socket_connect_timeout": 2}],
        },
    }


# The site

DEBUG = flag("DEBUG", default=True)
SECRET_KEY = secret_key()
ALLOWED_HOSTS = [
    host
    for part in text("ALLOWED_HOSTS", default="localhost,127.0.0.1,[::1]").split(",")
    if (host := part.strip())
]

#: Pages of other sites that may open a socket here.
ALLOWED_ORIGINS = origins("ALLOWED_ORIGINS")

INSTALLED_APPS = [
    # These three in this order: `manage.py runserver` is the chat's own, and leaves files to WhiteNoise.
    "whitenoise.runserver_nostatic",
    "chat",
    "daphne",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
]

MIDDLEWARE = [
    "chatproject.https.HttpsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "chatproject.static.StaticFilesMiddleware",
    "chatproject.database.DatabaseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "chatproject.passwords.TooManySignInsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "chatproject.urls"
ASGI_APPLICATION = "chatproject.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# What is kept, and who is told

DATABASES = {"default": database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL, REDIS_PREFIX = redis()
CHANNEL_LAYERS = {"default": channel_layer()}

# The chat itself: what may stand here, and what holds where nothing does, is in chat/conf.py

CHAT = {
    "LIMITS": flag("CHAT_LIMITS", default=True),
    **({"REDIS_URL": REDIS_URL, "REDIS_PREFIX": REDIS_PREFIX} if REDIS_URL else {}),
    **{key: whole_number(f"CHAT_{key}") for key in NUMBERS if f"CHAT_{key}" in os.environ},
    **{key: text(f"CHAT_{key}") for key in RATES | WORDS if f"CHAT_{key}" in os.environ},
    **{key: words(f"CHAT_{key}") for key in LISTS if f"CHAT_{key}" in os.environ},
}

# Language and time

LANGUAGES = [("ru", _("Russian")), ("en", _("English"))]
LANGUAGE_CODE = one_of("LANGUAGE_CODE", tuple(code for code, _name in LANGUAGES), default="ru")
LOCALE_PATHS = [BASE_DIR / "chat" / "locale"]  # where makemessages puts the words of all folders
TIME_ZONE = "UTC"
USE_TZ = True
FORMAT_MODULE_PATH = "chatproject.formats"

# Files of the page

#: Whether browsers are given the files as they are written, and not what `collectstatic` makes of them.
SOURCES = flag("SOURCES", default=DEBUG)
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = SOURCES
STATIC_URL = "static/"
STATIC_ROOT = text("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if SOURCES
        else "chatproject.static.HashedStorage"
    },
}

# Security

LOGIN_URL, LOGIN_REDIRECT_URL, LOGOUT_REDIRECT_URL = "login", "chat:room", "chat:room"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",  # first: who is locked out costs no hash
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = ["chatproject.passwords.PatientHasher"]
# By address: who guesses from elsewhere does not lock out the owner.
AXES_LOCKOUT_PARAMETERS = ["ip_address"]
AXES_FAILURE_LIMIT = whole_number("SIGN_IN_FAILURES", default=10)
AXES_ENABLED = AXES_FAILURE_LIMIT > 0
AXES_COOLOFF_TIME = timedelta(minutes=15)
# Who is locked out already is not counted: their flood writes nothing, and their lock ends.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
# Or a moderator could guess at the owner's password for ever, by signing in now and then.
AXES_RESET_ON_SUCCESS = False
AXES_USERNAME_CALLABLE = "chatproject.signin.user_name"
AXES_CLIENT_IP_CALLABLE = "chatproject.signin.client_ip"
AXES_LOCKOUT_CALLABLE = "chatproject.signin.locked_out"
AXES_DISABLE_ACCESS_LOG = True
AXES_SENSITIVE_PARAMETERS: list[str] = []  # the log says who and from where; the password never
AXES_ENABLE_ADMIN = False

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"

HTTPS = flag("HTTPS", default=not DEBUG)
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_SECURE, LANGUAGE_COOKIE_HTTPONLY, LANGUAGE_COOKIE_SAMESITE = HTTPS, True, "Lax"
SECURE_HSTS_SECONDS = whole_number("HSTS_SECONDS", default=3600) if HTTPS else 0
SILENCED_SYSTEM_CHECKS = [
    # It misses SECURE_SSL_REDIRECT, whose work HttpsMiddleware does.
    "security.W008",
    # These two bind the whole domain and all its subdomains, which are not the chat's to decide.
    "security.W005",
    "security.W021",
]

# Logs


def is_fault(record: logging.LogRecord) -> bool:
    """Whether something was raised. A 503 on purpose is no fault, and anybody may ask for many."""
    return record.exc_info is not None


LOG_LINE = "{asctime} {levelname} {name}: {message}"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": LOG_LINE, "style": "{"},
        "one line": {"()": "chatproject.signin.OneLine", "format": LOG_LINE, "style": "{"},
    },
    "filters": {"faults": {"()": CallbackFilter, "callback": is_fault}},
    "handlers": {
        "console": {"class": "chatproject.logs.OncePerMinute", "formatter": "line"},
        # Each of these is another address or another name.
        "sign-in": {"class": "logging.StreamHandler", "formatter": "one line"},
        # Django prints it with DEBUG alone.
        "faults": {
            "class": "chatproject.logs.OncePerMinute",
            "formatter": "line",
            "level": "ERROR",
            "filters": ["faults"],
        },
        # What has no handler at all gets one from Python, which prints.
        "nowhere": {"class": "logging.NullHandler"},
    },
    "loggers": {
        **{
            name: {"handlers": ["console"], "level": "INFO", "propagate": False}
            for name in ("chat", "chatproject")
        },
        # Without Redis one has a traceback a second, without PostgreSQL the other a line for each attempt.
        "channels_redis": {"handlers": ["console"], "propagate": False},
        "psycopg": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "axes": {"handlers": ["sign-in"], "level": "WARNING", "propagate": False},
        # Not to the root as well: there plain Daphne prints each once more.
        "django.request": {} if DEBUG else {"handlers": ["faults"], "propagate": False},
        # A visitor's wrong Host is answered with 400 and is no fault of the site.
        "django.security.DisallowedHost": {"handlers": ["nowhere"], "propagate": False},
    },
}
