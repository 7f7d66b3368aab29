"""What a command is known by when it comes again."""

import pytest

from chat.actors import PROGRAM
from chat.core.protocol import AnyChange, DeleteMessage, EditMessage, PostMessage
from chat.storage.accepted_command import AcceptedCommand


def digest(change: AnyChange) -> str:
    return AcceptedCommand(PROGRAM, change).digest


@pytest.mark.parametrize("reason", ["", "spam"])
def test_a_deletion_is_the_one_that_was_noted_before_it_could_have_a_reason(reason: str) -> None:
    assert digest(DeleteMessage(id=1, ref="r", reason=reason)) == "9c659138a24253e5"


def test_a_retry_may_bring_another_time_and_nothing_else() -> None:
    said = PostMessage("hi", timestamp="12:00", ref="r")

    assert digest(PostMessage("hi", timestamp="12:01", ref="r")) == digest(said)
    assert digest(PostMessage("ho", timestamp="12:00", ref="r")) != digest(said)
    assert digest(EditMessage(id=1, message="hi", ref="r")) != digest(
        EditMessage(id=2, message="hi", ref="r")
    )
