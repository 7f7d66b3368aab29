"""`manage.py chat_moderate`: what moderators do, from a terminal, while the site runs or does not."""

from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter, _SubParsersAction
from collections.abc import Callable
from typing import Any, get_args

from django.core.management.base import BaseCommand, CommandError

from chat.actors import Actor
from chat.core.errors import ChatError
from chat.core.protocol import MINUTES_LIMIT, SLOW_LIMIT, RoomMode
from chat.management.find import operator, person_called, room_at
from chat.models import Message, Person
from chat.services import messages, moderation

EXAMPLES = """
examples:
  chat_moderate mute Mallory --room lobby --minutes 10 --reason "Too loud"
  chat_moderate ban 3f2504e0 --address --reason "Spam"
  chat_moderate unban 3f2504e0
  chat_moderate warn Mallory "Mind your words"
  chat_moderate purge Mallory --minutes 30
  chat_moderate delete 1041 1042 --reason "Spam"
  chat_moderate slow lobby 30
  chat_moderate mode lobby read_only
  chat_moderate pin lobby 1040
  chat_moderate announce lobby "Back in five minutes"
A person is given by their id, or by their name where nobody else has it.
"""

#: What is said of a person afterwards.
DONE = {
    "mute": "is muted",
    "kick": "is out for a minute",
    "ban": "is banned",
    "unmute": "may speak again",
    "unban": "may come again",
}


def _number(least: int, most: int) -> Callable[[str], int]:
    """What argparse calls with a word, to have the number that it stands for."""

    def number(word: str) -> int:
        if not word.isdecimal() or not least <= int(word) <= most:
            raise ArgumentTypeError(f"use a whole number from {least} to {most}, not {word}")
        return int(word)

    return number


MINUTES, SECONDS, KEY = _number(1, MINUTES_LIMIT), _number(0, SLOW_LIMIT), _number(1, 2**63 - 1)


class Command(BaseCommand):
    help = (
        "Moderates: stops people, deletes and restores messages, runs rooms. It holds in the servers that "
        "run within three seconds, and is noted in the audit under the name of who has started it."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        kwargs |= {"epilog": EXAMPLES, "formatter_class": RawDescriptionHelpFormatter}
        return super().create_parser(prog_name, subcommand, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True, metavar="act")
        for act, words in (
            ("mute", "have a person say nothing for a while, or for good"),
            ("kick", "show a person out for a minute"),
            ("ban", "keep a person out for a while, or for good"),
            ("unmute", "let a person speak again"),
            ("unban", "let a person come again"),
        ):
            one = _of_person(acts, act, words)
            if act in ("mute", "ban"):
                one.add_argument("--minutes", type=MINUTES, metavar="N", help="for how long; else for good")
            if act == "ban":
                one.add_argument(
                    "--address", action="store_true", help="guests who come from where they came from, too"
                )
        _of_person(acts, "warn", "tell a person something, and nobody else", is_why=False).add_argument(
            "reason", help="what they are told"
        )
        purge = _of_person(acts, "purge", "delete what a person has said, in a room or everywhere")
        purge.add_argument("--minutes", type=MINUTES, metavar="N", help="how far back; else all of it")

        for act, words in (("delete", "delete messages"), ("restore", "have messages back")):
            one = acts.add_parser(act, help=words)
            one.add_argument("messages", nargs="+", type=KEY, metavar="ID", help="the number of a message")
            _add_reason(one)

        slow = _of_room(acts, "slow", "have people wait between two messages")
        slow.add_argument("seconds", type=SECONDS, help="how long; 0 for not at all")
        _add_reason(slow)
        mode = _of_room(acts, "mode", "say who reads and speaks in a room")
        mode.add_argument("mode", choices=get_args(RoomMode))
        _add_reason(mode)
        topic = _of_room(acts, "topic", "say what a room is about")
        topic.add_argument("topic", help='its topic; "" for none')
        _add_reason(topic)
        pin = _of_room(acts, "pin", "show a message above all others")
        pin.add_argument("message", type=KEY, metavar="ID", help="the number of a message of that room")
        _of_room(acts, "unpin", "show none")
        announce = _of_room(acts, "announce", "tell everybody in a room something")
        announce.add_argument("text", help="what they are told")

    def handle(self, *args: Any, **options: Any) -> None:
        actor = operator()
        try:
            if "person" in options:
                self._moderate_person(actor, options)
            elif "messages" in options:
                self._moderate_messages(actor, options)
            else:
                self._moderate_room(actor, options)
        except ChatError as error:
            raise CommandError(str(error)) from None

    def _moderate_person(self, actor: Actor, options: dict[str, Any]) -> None:
        person, act = person_called(options["person"]), options["act"]
        room = None if options["room"] is None else room_at(options["room"])
        reason, minutes = options["reason"], options.get("minutes")
        match act:
            case "mute" | "kick" | "ban":
                is_wide = options.get("address", False)
                moderation.sanction(actor, person, act, room, minutes, reason, is_wide)
            case "unmute" | "unban":
                moderation.lift(actor, person, act.removeprefix("un"), room, reason)
            case "warn":
                moderation.warn(actor, person, reason, room)
                return self.stdout.write(f"{_called(person)} is told.")
            case "purge":
                count = moderation.purge(actor, person, room, minutes, reason)
                return self.stdout.write(f"{count} messages of {_called(person)} are deleted.")
        where = "on the whole site" if room is None else f"in {room.slug}"
        self.stdout.write(f"{_called(person)} {DONE[act]} {where}.")

    def _moderate_messages(self, actor: Actor, options: dict[str, Any]) -> None:
        change = {"delete": messages.delete, "restore": messages.restore}[options["act"]]
        found = Message.objects.filter(pk__in=options["messages"]).order_by("pk")
        done = change(actor, found, options["reason"])
        missing = sorted(set(options["messages"]) - set(done))
        if done:
            self.stdout.write(f"{options['act'].capitalize()}d: {', '.join(map(str, sorted(done)))}.")
        if missing:
            numbers = ", ".join(map(str, missing))
            raise CommandError(f"There is nothing to {options['act']} under {numbers}.")

    def _moderate_room(self, actor: Actor, options: dict[str, Any]) -> None:
        room, reason = room_at(options["room"]), options.get("reason", "")
        match options["act"]:
            case "slow":
                moderation.run_room(actor, room, slow=options["seconds"], reason=reason)
            case "mode":
                moderation.run_room(actor, room, mode=options["mode"], reason=reason)
            case "topic":
                moderation.run_room(actor, room, topic=options["topic"], reason=reason)
            case "pin":
                moderation.pin(actor, room, options["message"])
            case "unpin":
                moderation.pin(actor, room, None)
            case "announce":
                moderation.announce(actor, room, options["text"])
        self.stdout.write(f"Done in {room.slug}.")


def _of_person(
    acts: "_SubParsersAction[ArgumentParser]", act: str, words: str, *, is_why: bool = True
) -> ArgumentParser:
    parser = acts.add_parser(act, help=words)
    parser.add_argument("person", help="the id of a person, or their name where nobody else has it")
    parser.add_argument("--room", metavar="SLUG", help="where; on the whole site without it")
    if is_why:
        _add_reason(parser)
    return parser


def _of_room(acts: "_SubParsersAction[ArgumentParser]", act: str, words: str) -> ArgumentParser:
    parser = acts.add_parser(act, help=words)
    parser.add_argument("room", help="the address of the room, as in /r/slug/")
    return parser


def _add_reason(parser: ArgumentParser) -> None:
    parser.add_argument("--reason", default="", help="why: for the audit, and for whom it is about")


def _called(person: Person) -> str:
    return f"{person.name} ({person.pk})"
