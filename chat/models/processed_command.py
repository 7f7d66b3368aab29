"""A command that was carried out, so that the same one sent again is not carried out again."""

from django.db import models
from django.utils import timezone

from chat.models.message import DIGEST, Message
from chat.models.person import Person


class ProcessedCommand(models.Model):
    """What came of a command with a `ref`: the first answer is given again, whatever has changed since.

    Of what was said the message notes it, as long as that is kept (services/pruning.py).
    """

    # No constraints of the database: it outlives the message, and the person.
    author = models.ForeignKey(
        Person, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    ref = models.CharField(max_length=64)
    #: Of the content, to tell a retry from another command under the same ref; None where that is unknown.
    digest = models.CharField(max_length=DIGEST, null=True, default=None)  # noqa: DJ001
    #: What it was about; 0 where nobody is to know any more.
    message = models.ForeignKey(
        Message, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    version = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("author", "ref"), name="done_once"),)

    def __str__(self) -> str:
        return self.ref
