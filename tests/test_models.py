"""What comes with the migrations."""

from io import StringIO

import pytest
from django.core.management import call_command

from chat.models import Room


@pytest.mark.django_db(transaction=True)
def test_the_lobby_comes_with_the_migrations() -> None:
    call_command("migrate", "chat", "zero", verbosity=0)

    call_command("migrate", "chat", verbosity=0)

    lobby = Room.objects.get()
    assert (lobby.slug, lobby.title) == ("lobby", "Общая комната")


@pytest.mark.django_db
def test_the_migrations_tell_the_whole_story() -> None:
    call_command("makemigrations", "--check", "--dry-run", stdout=StringIO())
