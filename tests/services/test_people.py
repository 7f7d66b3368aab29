"""Who came, and under which name."""

import pytest

from chat.models import Person
from chat.services import people


@pytest.mark.django_db
def test_who_comes_again_is_the_same_person_under_the_new_name() -> None:
    first = people.arrive("alice", "Alice")

    again = people.arrive("alice", "Alisa")

    assert Person.objects.get() == again
    assert again.name == "Alisa"
    assert again.first_seen == first.first_seen
    assert again.arrived_at > first.arrived_at
