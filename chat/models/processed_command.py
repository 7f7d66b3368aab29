"""A command that was carried out, so that the same one sent again is not carried out again."""

from django.db import models
from django.utils import timezone

from chat.models.message import DIGEST, Message
from chat.models.person import Person


class ProcessedCommand(models.Model):
    """What came of a command with a `ref`: the first answer is given again, whatever has changed since.

    Of what was said the message notes it.
    """

    author = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", db_index=False)
    ref = models.CharField(max_length=64)
    #: Of the content, to tell a retry from another command under the same ref.
    digest = models.CharField(max_length=DIGEST)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+")
    version = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("author", "ref"), name="done_once"),)

    def __str__(self) -> str:
        return self.ref
