"""The people of the chat that users of the site are."""

from django.contrib.auth.models import User

from chat.models import Person
from chat.services import people, users


def person_of(user: User) -> Person:
    """The person that a user of the site is, made where they have never come."""
    made = {"id": people.new_id_of_user(), "name": users.name_of(user), "is_owned": True}
    return Person.objects.get_or_create(user=user, defaults=made)[0]
