"""What the admin's pages have in common."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin import helpers
from django.contrib.admin.views.main import ERROR_FLAG
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from chat import access, actors
from chat.access import Act
from chat.actors import VISITOR, Actor
from chat.admin import large

#: Sentences of Django's admin with a place for any noun, whose gender and case they do not know, and labels
#: that its log keeps in English until somebody reads it. The chat has other words for them in Russian.
SENTENCES = (
    gettext_noop("Add %s"),
    gettext_noop("Add %(name)s"),
    gettext_noop("Add another %(verbose_name)s"),
    gettext_noop("Change %s"),
    gettext_noop("View %s"),
    gettext_noop("Select %s"),
    gettext_noop("Select %s to change"),
    gettext_noop("Select %s to view"),
    gettext_noop("The {name} “{obj}” was added successfully."),
    gettext_noop("The {name} “{obj}” was added successfully. You may add another {name} below."),
    gettext_noop("The {name} “{obj}” was changed successfully."),
    gettext_noop("The {name} “{obj}” was changed successfully. You may add another {name} below."),
    gettext_noop("The {name} “{obj}” was changed successfully. You may edit it again below."),
    gettext_noop("The %(name)s “%(obj)s” was deleted successfully."),
    gettext_noop("%(name)s with ID “%(key)s” doesn’t exist. Perhaps it was deleted?"),
    gettext_noop("Title"),
    gettext_noop("Topic"),
)


if TYPE_CHECKING:
    Admin = admin.ModelAdmin[Any]
else:  # at run time the class takes no parameter
    Admin = admin.ModelAdmin


class Plain(Admin):
    """Pages that are called by what they show: Django's sentences need cases that it does not know."""

    # None of these, nor a calendar (`date_hierarchy`): all look at every row of the table for each page.
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = large.FirstRows

    object_history_template = "admin/chat/object_history.html"

    class Media:
        css = {"all": ("chat/css/admin.css",)}

    #: The field that says which rows are the newest, where a search looks at those alone.
    newest_by: str | None = None

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        title = capfirst(self.opts.verbose_name) if object_id else _("New room")
        return super().changeform_view(
            request, object_id, form_url, {"title": title, **(extra_context or {})}
        )

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        # Before Django looks for the row: who may see none of them is not told which are there.
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        if any("\0" in value for values in request.GET.lists() for value in values[1]):
            # PostgreSQL keeps no NUL, and fails where it is asked for one.
            return HttpResponseRedirect(f"{request.path}?{ERROR_FLAG}=1")
        context = {"title": capfirst(self.opts.verbose_name_plural), **(extra_context or {})}
        return super().changelist_view(request, context)

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        for key in request.POST.getlist(helpers.ACTION_CHECKBOX_NAME):
            try:
                if "\0" in key:
                    raise ValidationError(key)
                self.opts.pk.clean(key, None)
            except ValidationError as error:  # nobody has chosen that in a list
                raise Http404 from error
        return super().response_action(request, queryset)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if search_term and self.newest_by and not self.has_index_for(search_term):
            queryset = large.newest(queryset, self.newest_by)
        return super().get_search_results(request, queryset, search_term)

    def has_index_for(self, words: str) -> bool:
        """Whether these words are found without looking at each row."""
        return False


class ReadOnly(Plain):
    """Rows that came over the wire: nobody adds, rewords or removes them here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Tended(ReadOnly):
    """Rows that moderators look after: where somebody is the moderator of some rooms, those of these."""

    #: What says whose a row is.
    room_lookup = "room"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        return rows if self.sees_all(request) else self.of_rooms(rows, moderated(request))

    def of_rooms(self, rows: QuerySet[Any], rooms: frozenset[int]) -> QuerySet[Any]:
        """Of the rows those that belong to rooms of these keys."""
        return rows.filter(**{f"{self.room_lookup}__in": rooms})

    def sees_all(self, request: HttpRequest) -> bool:
        """Whether somebody sees the rows of every room: by Django's permission, or as a moderator."""
        return super().has_view_permission(request) or access.may(actor_of(request), Act.MODERATE)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.sees_all(request) or bool(moderated(request))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        """Whether somebody moderates anywhere; the service asks for each row."""
        return access.moderated_rooms(actor_of(request)) is None or bool(moderated(request))


def actor_of(request: HttpRequest) -> Actor:
    """Who asks for a page of the admin; VISITOR where they have no business there."""
    found: Actor | None = getattr(request, "chat_actor", None)
    if found is None:
        is_let_in = admin.site.has_permission(request)
        found = actors.of_admin(request.user) if is_let_in else VISITOR  # type: ignore[arg-type]
        request.chat_actor = found  # type: ignore[attr-defined]  # a page asks often, and the database twice
    return found


def moderated(request: HttpRequest) -> frozenset[int]:
    """The keys of the rooms that somebody moderates as their member."""
    return access.moderated_rooms(actor_of(request)) or frozenset()


def seen(request: HttpRequest, model: type[Model]) -> QuerySet[Any]:
    """The rows of a table that the admin shows somebody; none where it does not show them the table."""
    its = admin.site.get_model_admin(model)
    return its.get_queryset(request) if may_see(request, model) else model._default_manager.none()


def may_see(request: HttpRequest, model: type[Model]) -> bool:
    """Whether the admin shows somebody a table."""
    return admin.site.get_model_admin(model).has_view_permission(request)
