"""People in the admin."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from chat.admin import large
from chat.admin.base import ReadOnly
from chat.models import Message, Person


@admin.register(Person)
class PersonAdmin(ReadOnly):
    """Who was here, under which name."""

    list_display = ("name", "id", "message_count", "first_seen", "arrived_at")
    list_filter = ("arrived_at", "first_seen")
    search_fields = ("name", "id")
    # By the others there is no index.
    sortable_by = ("id", "arrived_at")
    newest_by = "arrived_at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Person]:
        return Person.objects.annotate(message_count=large.count_of(Message.objects, "author"))

    @property
    def search_help_text(self) -> str:  # type: ignore[override]
        """How far a search looks."""
        return large.how_far()

    @admin.display(description=_("messages"))
    def message_count(self, person: Person) -> str:
        return large.in_words(person.message_count)  # type: ignore[attr-defined]
