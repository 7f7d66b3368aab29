"""What the admin's page of a person shows beside the row."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext

from chat import access
from chat.access import Act
from chat.admin import large, links, person_acts
from chat.admin.base import actor_of, may_see, moderated, seen
from chat.models import (
    Membership,
    Message,
    ModerationAct,
    Person,
    PersonAddress,
    Presence,
    Process,
    Report,
    Room,
    Sanction,
)

#: How many rows of each kind the page shows; lists have the rest.
SHOWN = 10


def beside(request: HttpRequest, person: Person) -> dict[str, Any]:
    """All that the page shows of a person, as far as somebody may see it."""
    actor = actor_of(request)
    said = large.keys(seen(request, Message).filter(author=person))
    about = seen(request, ModerationAct).filter(person=person.pk)
    return {
        "names": _names(person, said, about),
        "memberships": _memberships(request, person),
        "here": _here(request, person),
        "said": Message.objects.filter(pk__in=said[:SHOWN]).select_related("room").order_by("-pk"),
        "said_count": large.in_words(len(said)),
        "sanctions": seen(request, Sanction).filter(person=person).select_related("room")[:SHOWN],
        "reports_by": seen(request, Report).filter(reporter=person).select_related("message")[:SHOWN],
        "reports_about": _reports_about(request, said),
        "audit": about[:SHOWN],
        "addresses": _addresses(person) if access.may(actor, Act.SEE_ADDRESSES) else None,
        "is_exportable": access.may(actor, Act.EXPORT),
        "acts": person_acts.offered(request, person),
        "lists": _lists(person),
        "sees": {one._meta.model_name: may_see(request, one) for one in (Message, Sanction, Report)},
    }


def _names(person: Person, said: list[int], about: Any) -> list[str]:
    """What they were called: now, where they are here, in what they said and in what was done to them."""
    names = [person.name]
    names += Presence.objects.filter(process__in=_processes(), person=person.pk).values_list(
        "name", flat=True
    )
    names += Message.objects.filter(pk__in=said).order_by().values_list("name", flat=True).distinct()
    names += about.order_by("-pk").values_list("person_name", flat=True)[: large.NAMED]
    return [name for name in dict.fromkeys(names) if name]


def _processes() -> Any:
    """By which rows of presence are found: their index begins with the process."""
    return Process.objects.values("pk")


def _memberships(request: HttpRequest, person: Person) -> list[Membership]:
    """The rooms that they belong to, by themselves, as a user or by a group."""
    theirs = Q(person=person)
    if person.user is not None:
        theirs |= Q(user=person.user_id)
        if hasattr(person.user, "groups"):
            theirs |= Q(group__in=person.user.groups.all())
    rows = Membership.objects.filter(theirs).select_related("room", "user", "group", "person")
    rooms = moderated(request)
    return list((rows.filter(room__in=rooms) if rooms else rows).order_by("room__title")[: large.NAMED])


def _here(request: HttpRequest, person: Person) -> list[Room]:
    """The rooms in which they are now."""
    rows = Presence.objects.filter(process__in=_processes(), person=person.pk, is_here=True)
    keys = {int(key) for rooms in rows.values_list("rooms", flat=True) for key in rooms}
    if rooms := moderated(request):
        keys &= rooms
    return list(access.visible_rooms(actor_of(request)).filter(pk__in=keys)[: large.NAMED])


def _reports_about(request: HttpRequest, said: list[int]) -> Any:
    """Reports of the latest messages that they have said."""
    return seen(request, Report).filter(message__in=said).select_related("message", "reporter")[:SHOWN]


def _addresses(person: Person) -> list[tuple[PersonAddress, list[Person]]]:
    """Under which hashes they came in, each with who else did."""
    rows = list(PersonAddress.objects.filter(person=person).order_by("-last_at")[:SHOWN])
    return [(row, _others_from(row)) for row in rows]


def _others_from(address: PersonAddress) -> list[Person]:
    others = PersonAddress.objects.filter(address=address.address).exclude(person=address.person_id)
    return [one.person for one in others.select_related("person").order_by("-last_at")[: 2 * SHOWN]]


def _lists(person: Person) -> dict[str, str]:
    """Links to all that there is."""
    return {
        "messages": links.to_list(Message, gettext("all messages"), q=person.pk),
        "sanctions": links.to_list(Sanction, gettext("all sanctions"), q=person.pk),
        "audit": links.to_list(ModerationAct, gettext("all acts"), q=person.pk),
    }
