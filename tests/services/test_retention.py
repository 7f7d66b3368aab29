"""For how long it is known that a change was made."""

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.utils import timezone

from chat.actors import guest
from chat.live import chores
from chat.models import Person, ProcessedCommand, Room
from chat.services import messages, retention
from chatproject.asgi import application
from tests.communicator import Communicator


@pytest.fixture
def known(alice: Person, lounge: Room) -> Any:
    """Makes commands known that were carried out so many days ago, each before the next."""
    message = messages.post(guest(alice), lounge, "tea?")
    ProcessedCommand.objects.all().delete()

    def make(*days: float) -> None:
        ProcessedCommand.objects.bulk_create(
            ProcessedCommand(
                author=alice,
                ref=f"{number}",
                digest="",
                message=message,
                version=1,
                at=timezone.now() - timedelta(days=ago),
            )
            for number, ago in enumerate(days)
        )

    return make


def _wait_for(*left: str) -> None:
    """Return when nothing else is left."""
    end = time.monotonic() + 20
    while refs() != list(left):
        assert time.monotonic() < end, refs()
        time.sleep(0.01)


def refs() -> list[str]:
    return list(ProcessedCommand.objects.order_by("pk").values_list("ref", flat=True))


def test_what_is_too_old_is_forgotten_and_nothing_else(known: Any) -> None:
    known(91, 90.1, 89, 1)

    assert not retention.forget_some()

    assert refs() == ["2", "3"]


def test_a_few_are_forgotten_at_a_time(known: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "AT_A_TIME", 2)
    known(95, 94, 93, 92, 91, 0)

    left = []
    while retention.forget_some():
        left.append(refs())

    assert left == [["2", "3", "4", "5"], ["4", "5"]]
    assert refs() == ["5"]


def test_a_site_may_remember_for_ever_or_for_longer(known: Any, settings: Any) -> None:
    known(91, 50)
    for days in (0, 365):
        settings.CHAT = {"REFS_DAYS": days}
        assert not retention.forget_some()
        assert refs() == ["0", "1"]


def test_it_goes_by_the_key(known: Any, django_assert_max_num_queries: Any) -> None:
    """And looks at no more rows than it takes, where most are recent."""
    known(*[1.0] * 1000)

    with django_assert_max_num_queries(4) as captured:
        assert not retention.forget_some()

    [asked] = [query["sql"] for query in captured if query["sql"].startswith("SELECT")]
    assert "LIMIT" in asked
    assert "WHERE" not in asked


@pytest.mark.django_db(transaction=True)
def test_several_processes_forget_at_the_same_time(known: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "AT_A_TIME", 10)
    known(*[91.0] * 500, 1.0)
    failed: list[BaseException] = []

    def forget() -> None:
        try:
            while retention.forget_some():
                pass
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=forget) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    retention.forget_some()  # whoever found nothing but what others held has gone

    assert failed == []
    assert refs() == ["500"]


@pytest.mark.django_db(transaction=True)
async def test_a_process_forgets_by_itself(
    known: Any, lobby: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chores, "FIRST", 0)
    await sync_to_async(known)(91, 1)
    client = Communicator(application, "/ws/alice")
    await client.connect()

    await sync_to_async(_wait_for)("1")
    await client.disconnect()
