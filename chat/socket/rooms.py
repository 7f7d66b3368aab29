"""Rooms by a socket: the list of them, and what changes which there are and who belongs to them."""

from typing import TYPE_CHECKING, Any

from chat import access
from chat.core.errors import ChatError, gettext_noop
from chat.core.protocol import CreateRoom, Cursor, Member, Notified, OpenDirect, SetMember, encode
from chat.live.admission import READING
from chat.services import batches, room_list
from chat.services.reading import unread
from chat.services.room_commands import RoomCommand
from chat.socket import rights
from chat.storage.readers import reading

if TYPE_CHECKING:
    from chat.socket.connection import Connection

#: For how many rooms whose unread messages are counted a list costs as much as another reading.
COUNTED = 10

#: The sentence that answers `member`, by the role that somebody has in the room now.
ROLE_SENTENCES = {
    "guest": gettext_noop("%(name)s is no member here."),
    "member": gettext_noop("%(name)s is a member here now."),
    "moderator": gettext_noop("%(name)s is a moderator here now."),
    "owner": gettext_noop("%(name)s is an owner here now."),
}

read_unread = reading(unread)


async def send_list(connection: "Connection") -> None:
    """Tell the list of rooms, and tell it again whenever it is another one."""
    assert connection.actor
    watch = connection.process.directory
    version, asked = watch.version, room_list.asker(connection.actor)
    connection.room_list = await rights.of_process().room_list(asked)
    if (version, asked) != (watch.version, room_list.asker(connection.actor)):
        watch.again()  # that was told everybody while we read
    while True:
        keys, unread = connection.room_list.keys, {}
        if not connection.actor.is_reader:  # of whom nobody knows what they have read
            connection.admission.add([("read", READING * (len(keys) // COUNTED))])
            unread = await read_unread(connection.actor.id, keys, connection.actor.roles)
        if keys == connection.room_list.keys:
            break  # or they were told another list meanwhile
    text = encode(room_list.frame(connection.room_list, unread))
    connection.admission.add_read(len(text.encode()))
    connection.queue.send(text)


async def make(connection: "Connection", command: CreateRoom | OpenDirect) -> None:
    """Make a room, or find the conversation, and enter it. Raises ChatError."""
    connection.subscriptions.check_place()  # or a room would be made that nobody is in
    slug = await _change(connection, command)
    if not connection.closing.is_closing:
        await connection.subscriptions.enter(slug, Cursor())


async def set_member(connection: "Connection", command: SetMember) -> None:
    """Have somebody be a member of a room, or no longer, and say what they are there now.

    Raises ChatError.
    """
    room = await connection.subscriptions.found(command.room)
    assert connection.actor
    access.check_set_member(connection.actor, room, command.id, command.role)
    now: Member = await _change(connection, command)
    await connection.process.directory.settled()  # what is told holds for whom it is about
    connection.send(
        Notified(
            message=connection.in_words(ROLE_SENTENCES[now.role], name=now.name),
            color="success",
            room=command.room,
            id=now.id,
            name=now.name,
            role=now.role,
        )
    )


async def _change(connection: "Connection", command: CreateRoom | OpenDirect | SetMember) -> Any:
    """Have rooms or their members be others, and go on once that holds for this connection.

    For all the others it does soon, and nobody waits for that. Raises ChatError.
    """
    assert connection.actor
    outcome = await batches.writer().put(RoomCommand(connection.actor, command))
    if isinstance(outcome, ChatError):
        raise outcome
    await rights.of_process().renew(connection)
    return outcome
