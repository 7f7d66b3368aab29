"""What a journal makes of a database that was put back to before."""

from random import Random

import pytest

from bench.ledger.journal import Ack, Change, Journal
from bench.ledger.proxy import Proxy
from bench.ledger.reader import Reader

_CHANCE = Random(1)  # noqa: S311  # to be repeated, not to be secret


def test_what_was_acknowledged_since_the_copy_is_counted_apart() -> None:
    journal = Journal()
    for number in (1, 2, 3):
        journal.write(Change(f"ref-{number}", "message", f"text {number}"))
        journal.acknowledge("alice", "alice", f"ref-{number}", Ack(number, number))

    journal.forget()
    journal.undo({"ref-1"})

    assert journal.acked == {"ref-1": Ack(1, 1)}
    assert journal.undone == 2
    assert not journal.violations


@pytest.mark.parametrize("was_put_back", [True, False])
async def test_another_epoch_is_a_loss_unless_the_database_was_put_back(*, was_put_back: bool) -> None:
    journal = Journal()
    reader = Reader("alice", Proxy([], _CHANCE), journal, _CHANCE)
    reader.epoch, reader.position = "first", 10
    await reader._ask()
    if was_put_back:
        journal.forget()

    await reader._take({"type": "room", "epoch": "second", "version": 5, "recovered": False})
    await reader._take({"type": "history", "messages": [], "more": False})

    assert [wrong for wrong, _what in journal.violations] == ([] if was_put_back else ["lost"])
    assert (reader.epoch, reader.position) == ("second", 5)
