"""`manage.py chat_room`: make a room, say how it is and who belongs to it, delete it."""

from argparse import ArgumentParser, BooleanOptionalAction, RawDescriptionHelpFormatter
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from chat.core.errors import ChatError
from chat.management.find import operator, room_at
from chat.models import Membership, Mode, Person, Room, RoomRole
from chat.services import members, rooms

EXAMPLES = """
examples:
  chat_room create staff --title "Staff" --mode members
  chat_room member add staff --user alice --role owner
  chat_room member add staff --group Editors
  chat_room set staff --topic "Until Friday" --position 3
  chat_room set staff --title-in en "Staff" --title-in ru "Сотрудники"
  chat_room set staff --archive
  chat_room set lobby --needs-name
  chat_room list --archived
  chat_room delete staff
"""


class Command(BaseCommand):
    help = "Rooms: makes, lists, changes and deletes them, and says who belongs to them."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        kwargs |= {"epilog": EXAMPLES, "formatter_class": RawDescriptionHelpFormatter}
        return super().create_parser(prog_name, subcommand, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="what", required=True, metavar="what")

        create = commands.add_parser("create", help="make a room")
        _add_slug(create)
        _add_description(create)
        create.add_argument("--title", help="what it is called; its address without it")

        change = commands.add_parser("set", help="change a room; everybody in it is told")
        _add_slug(change)
        change.add_argument("--title", help="what it is called")
        _add_description(change)
        archive = change.add_mutually_exclusive_group()
        archive.add_argument("--archive", action="store_true", help="nothing more is said there")
        archive.add_argument("--unarchive", action="store_true", help="one may speak there again")

        show = commands.add_parser("list", help="list rooms in their order, without direct conversations")
        show.add_argument("--archived", action="store_true", help="those that are archived alone")

        delete = commands.add_parser("delete", help="delete a room with all that was said in it")
        _add_slug(delete)

        member = commands.add_parser("member", help="say who belongs to a room")
        acts = member.add_subparsers(dest="act", required=True, metavar="act")
        listing = acts.add_parser("list", help="list the members")
        _add_slug(listing)
        for act, words in (
            ("add", "make somebody a member, or change their role"),
            ("remove", "undo that"),
        ):
            one = acts.add_parser(act, help=words)
            _add_slug(one)
            who = one.add_mutually_exclusive_group(required=True)
            who.add_argument("--user", metavar="NAME", help="a user of the site, by the username")
            who.add_argument("--group", metavar="NAME", help="all users in a group of the site")
            who.add_argument("--person", metavar="ID", help="somebody of the chat who has a token")
            if act == "add":
                one.add_argument("--role", choices=RoomRole.values, default=RoomRole.MEMBER.value)

    def handle(self, *args: Any, **options: Any) -> None:
        what = {
            "create": self._create,
            "set": self._set,
            "list": self._list,
            "delete": self._delete,
            "member": self._member,
        }[options["what"]]
        try:
            what(options)
        except ChatError as error:
            raise CommandError(str(error)) from None
        except ValidationError as error:
            raise CommandError(" ".join(_sentences(error))) from None

    def _create(self, options: dict[str, Any]) -> None:
        room = Room(slug=options["slug"], title=options["slug"])
        _describe(room, options)
        room.full_clean()
        rooms.create(operator(), room)
        self.stdout.write(f"The room is at /r/{room.slug}/.")

    def _set(self, options: dict[str, Any]) -> None:
        room = room_at(options["slug"])
        _describe(room, options)
        if options["archive"] or options["unarchive"]:
            room.is_archived = options["archive"]
        room.full_clean()
        rooms.describe(operator(), room)
        self.stdout.write(_line(room))

    def _list(self, options: dict[str, Any]) -> None:
        found = Room.objects.filter(direct__isnull=True).exclude(slug__startswith=Room.DELETED)
        if options["archived"]:
            found = found.filter(is_archived=True)
        for room in found.iterator():
            self.stdout.write(_line(room))

    def _delete(self, options: dict[str, Any]) -> None:
        room = room_at(options["slug"])
        if room.slug == Room.LOBBY:
            raise CommandError("The lobby stays: everybody finds it.")
        rooms.delete(operator(), room)
        self.stdout.write(f"{room.title} is deleted, with all that was said there.")

    def _member(self, options: dict[str, Any]) -> None:
        room = room_at(options["slug"])
        rows = Membership.objects.filter(room=room).select_related("person", "user", "group")
        if options["act"] == "list":
            for one in rows.order_by("pk").iterator():
                kind = "user" if one.user_id else "group" if one.group_id else f"person {one.person_id}"
                self.stdout.write(f"{one.role:<10}{kind}  {one}")
            return
        whose = _whose(options)
        row: Membership | None = rows.filter(**whose).first()
        if options["act"] == "remove":
            if row is None:
                raise CommandError(f"They are no member of {room.slug}.")
            members.remove(operator(), room, [row])
            self.stdout.write(f"{row} is a member of {room.slug} no longer.")
            return
        kept = row or Membership(room=room, **whose)
        kept.role = options["role"]
        kept.full_clean()
        members.keep(operator(), kept)
        self.stdout.write(f"{kept} belongs to {room.slug} as {kept.role}.")


def _add_slug(parser: ArgumentParser) -> None:
    parser.add_argument("slug", help="the address of the room, as in /r/slug/")


def _add_description(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--title-in",
        nargs=2,
        action="append",
        default=[],
        metavar=("LANGUAGE", "TITLE"),
        help="what it is called in one language; an empty title: as everywhere",
    )
    parser.add_argument("--topic", help="what it is about")
    parser.add_argument(
        "--mode",
        choices=Mode.values,
        help="open; users: guests read; read_only: members speak; members: nobody else knows of it",
    )
    parser.add_argument(
        "--needs-name",
        action=BooleanOptionalAction,
        help="whether nobody reads there who has not given a name",
    )
    parser.add_argument(
        "--position", type=int, metavar="N", help="where it stands in the list: the lowest first"
    )


def _describe(room: Room, options: dict[str, Any]) -> None:
    for field in ("title", "topic", "mode", "needs_name", "position"):
        if options[field] is not None:
            setattr(room, field, options[field])
    room.titles = rooms.titles_of(room.title, {**room.titles, **dict(options["title_in"])})


def _whose(options: dict[str, Any]) -> dict[str, Any]:
    """Who is meant, as a field of a membership."""
    users = get_user_model()
    for kind, rows, field in (
        ("user", users._default_manager, users.USERNAME_FIELD),
        ("group", Group.objects, "name"),
        ("person", Person.objects, "pk"),
    ):
        if (wanted := options[kind]) is not None:
            found = rows.filter(**{field: wanted}).first()
            if found is None:
                raise CommandError(f"There is no {kind} {wanted}.")
            if isinstance(found, Person) and found.user is not None:
                return {"user": found.user}  # as whom they are a member
            return {kind: found}
    raise CommandError("Say who: --user, --group or --person.")


def _sentences(error: ValidationError) -> list[str]:
    if not hasattr(error, "error_dict"):
        return list(error.messages)
    return [f"{field}: {' '.join(found)}" for field, found in error.message_dict.items()]


def _line(room: Room) -> str:
    titles = "".join(f" · {language}: {title}" for language, title in room.titles.items())
    return f"{room.position:>4}  {room.slug:<30} {room.state:<10} {room.title}{titles}"
