"""The directory: which rooms there are, and who belongs to them."""

import uuid

from django.db import models


def new_site_id() -> str:
    """A name for a site, unlike that of any other."""
    return uuid.uuid4().hex


class Directory(models.Model):
    """The only row of its table: whoever knows its version knows whether anything has changed.

    Its version moves with each change of a room's row or of a membership.
    """

    version = models.BigIntegerField(default=0)
    #: What tells this database's site from others that share a Redis with it.
    site = models.CharField(max_length=32, default=new_site_id)

    def __str__(self) -> str:
        return str(self.version)

    @staticmethod
    def current() -> "Directory":
        """The row, which is made where somebody has emptied the table."""
        return Directory.objects.get_or_create(pk=1)[0]
