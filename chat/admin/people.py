"""People in the admin."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from chat.admin.base import ReadOnly, count_of
from chat.models import Message, Person


@admin.register(Person)
class PersonAdmin(ReadOnly):
    """Who was here, under which name."""

    list_display = ("name", "id", "message_count", "first_seen", "arrived_at")
    list_filter = ("arrived_at", "first_seen")
    search_fields = ("name", "id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Person]:
        return Person.objects.annotate(message_count=count_of(Message.objects, "author"))

    @admin.display(description=_("messages"), ordering="message_count")
    def message_count(self, person: Person) -> int:
        return person.message_count  # type: ignore[attr-defined, no-any-return]
