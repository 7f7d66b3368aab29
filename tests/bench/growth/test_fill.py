"""A database that was filled is as the site would have left it."""

import pytest
from django.db.models import Count, Max

from bench.growth import fill
from chat.models import Message, SearchMark
from chat.services import indexing

pytestmark = pytest.mark.django_db


def test_each_room_has_its_share_in_the_order_of_its_versions() -> None:
    rooms = fill.make(rooms=3, messages=10)

    said = Message.objects.values("room").annotate(count=Count("pk"), last=Max("version")).order_by("room")
    assert [tuple(row.values()) for row in said] == [
        (room.pk, room.version, room.version) for room in rooms
    ]
    assert sum(room.version for room in rooms) == 10
    assert Message.objects.values("author").distinct().count() == 10


def test_the_index_lacks_nothing() -> None:
    fill.make(rooms=3, messages=10)
    before = list(SearchMark.objects.order_by("pk").values())

    while indexing.index_some():
        pass

    assert len(before) == 3
    assert [mark for mark in SearchMark.objects.order_by("pk").values() if mark in before] == before
