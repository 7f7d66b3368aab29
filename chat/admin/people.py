"""People in the admin."""

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from chat.admin import large
from chat.admin.base import ReadOnly
from chat.models import Message, Person


@admin.register(Person)
class PersonAdmin(ReadOnly):
    """Who was here, under which name."""

    list_display = ("name", "site_user", "id", "message_count", "first_seen", "arrived_at")
    list_filter = ("arrived_at", "first_seen")
    list_select_related = ("user",)
    # By the others there is no index.
    sortable_by = ("id", "arrived_at")
    newest_by = "arrived_at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Person]:
        return Person.objects.annotate(message_count=large.count_of(Message.objects, "author"))

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return ("name", "id", f"user__{get_user_model().USERNAME_FIELD}")

    @admin.display(description=_("user"))
    def site_user(self, person: Person) -> str:
        """The user of the site that they are, with a link for who may see users."""
        if person.user is None:
            return self.get_empty_value_display()
        try:
            address = reverse(
                f"admin:{person.user._meta.label_lower.replace('.', '_')}_change", args=[person.user.pk]
            )
        except NoReverseMatch:  # the admin knows no users
            return str(person.user)
        return format_html('<a href="{}">{}</a>', address, person.user)

    @property
    def search_help_text(self) -> str:  # type: ignore[override]
        """How far a search looks."""
        return large.how_far()

    @admin.display(description=_("messages"))
    def message_count(self, person: Person) -> str:
        return large.in_words(person.message_count)  # type: ignore[attr-defined]
