"""`manage.py welcome`: where the chat is, and the first moderator's password."""

import secrets
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = (
        "Prints the addresses of the chat and of the admin; makes the first moderator where there is none."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address", nargs="?", default="127.0.0.1:8000", help="host:port of the server")

    def handle(self, *args: Any, address: str, **options: Any) -> None:
        self.stdout.write(f"Chat:  http://{address}/\nAdmin: http://{address}/admin/")
        users = get_user_model().objects
        if users.filter(is_staff=True, is_active=True).exists():
            return
        if users.filter(username="admin").exists():
            # Somebody has shut them out, and means it.
            words = "user admin exists and may not sign in; manage.py createsuperuser makes another"
        else:
            password = secrets.token_urlsafe(12)
            users.create_superuser("admin", password=password)
            words = f"user admin, password {password} (shown only this once)"
        self.stdout.write(f"       {words}")
