"""People: who came, and under which name."""

from django.utils import timezone

from chat.models import Person


def arrive(id: str, name: str) -> Person:
    """Note that `id` is here now and is called `name`."""
    now = timezone.now()
    person, _is_new = Person.objects.update_or_create(
        id=id,
        defaults={"name": name, "arrived_at": now},
        create_defaults={"name": name, "arrived_at": now, "first_seen": now},
    )
    return person
