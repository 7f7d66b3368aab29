"""`manage.py chat_user_names`: no guest is called like a user of the site, whatever that is by now."""

from typing import Any

from django.core.management.base import BaseCommand

from chat.services import user_names


class Command(BaseCommand):
    help = (
        "Notes what every user of the site is called in the chat. `migrate` does so for those of whom that "
        "is not known; this is for all, after another CHAT['NAME'] or an upgrade that says so. It may be "
        "interrupted and run again, and the site goes on meanwhile."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        noted = 0
        for some in user_names.keep_all(only_missing=False):
            noted += some
            self.stdout.write(f"{noted} names of users noted.")
