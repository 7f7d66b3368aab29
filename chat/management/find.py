"""What a command of manage.py is about, by its name there; and who has started it."""

import getpass

from django.core.management.base import CommandError

from chat import actors
from chat.actors import Actor
from chat.models import Person, Room


def room_at(slug: str) -> Room:
    """The room at this address. Raises CommandError."""
    room = Room.objects.filter(slug=slug).exclude(slug__startswith=Room.DELETED).first()
    if room is None:
        raise CommandError(f"There is no room {slug}.")
    return room


def person_with(id: str) -> Person:
    """The person of this id. Raises CommandError."""
    person = Person.objects.filter(pk=id).select_related("user").first()
    if person is None:
        raise CommandError(f"There is no person {id}.")
    return person


def person_called(wanted: str) -> Person:
    """The person of this id, else the only one of this name. Raises CommandError."""
    people = Person.objects.select_related("user")
    if person := people.filter(pk=wanted).first():
        return person
    called = list(people.filter(name=wanted).order_by("-arrived_at")[:10])
    if not called:
        raise CommandError(f"There is nobody called {wanted}, nor with this id.")
    if len(called) > 1:
        ids = ", ".join(person.pk for person in called)
        raise CommandError(f"Several people are called {wanted}. Say which, by their id: {ids}.")
    return called[0]


def operator() -> Actor:
    """The command, and who has started it, as far as the operating system knows them."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # in a container they may have a number alone
        name = "manage.py"
    return actors.of_command(name)
