"""Addresses: where guests have come from, as hashes under keys that are thrown away."""

import secrets

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.models.person import Person


def new_secret() -> str:
    """A key that nobody can guess."""
    return secrets.token_hex(32)


class AddressKey(models.Model):
    """What addresses are hashed with for a while. Without it nobody can tell whose hashes these were."""

    secret = models.CharField(max_length=64, default=new_secret)
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.made_at)


class PersonAddress(models.Model):
    """A person, and the hash of an address under which they came in."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="addresses", db_index=False)
    key = models.ForeignKey(AddressKey, on_delete=models.CASCADE, related_name="+")
    address = models.CharField(_("address"), max_length=32, db_index=True)
    last_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        constraints = (models.UniqueConstraint(fields=("person", "address"), name="came_from_once"),)

    def __str__(self) -> str:
        return self.address
