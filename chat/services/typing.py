"""Typing: somebody is writing in a room just now. It is told at most once, and kept by nobody."""

from chat import conf
from chat.core.limits import Rate, Throttle
from chat.core.protocol import Typing
from chat.live import process
from chat.live.broadcast import broadcast
from chat.live.subscription import Reach
from chat.models import Person, Room

#: How often that is told of one person in one room, in seconds. A page shows it for twice as long, so one
#: that is lost is not missed.
PERIOD = 3.0


def show(person: Person, room: Room) -> None:
    """Tell a room that somebody is writing there. Belongs to the loop of the process.

    Nothing is told of who was told of just now, nor in a room of more than TYPING_UP_TO people: that is
    no fault of whoever writes, and no error. Where more connections are there through one process, of
    however few people, they are told nothing either; who only watches hears nothing of it.
    """
    here, most = process.current(), conf.current().typing_up_to
    told, key, now = here.once(_told), f"{room.pk} {person.pk}", here.loop.time()
    if told.wait(key, 1, now) or 0 < most < here.roster.online(room.pk):
        return
    told.take(key, 1, now)
    broadcast(room, Typing(room.slug, person.pk, person.name), for_v1=False, reach=Reach.FEW)


def _told() -> Throttle:
    """Of whom it was told lately; the others are forgotten."""
    return Throttle(Rate(1 / PERIOD, 1))
