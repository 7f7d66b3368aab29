"""The moderator's view: rooms, people and messages, to find and to read, not to forge."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from chat.admin import audit, filter_rules, held, messages, people, reports, rooms, sanctions

__all__ = ["audit", "filter_rules", "held", "messages", "people", "reports", "rooms", "sanctions"]

admin.site.site_header = _("Chat: moderation")
admin.site.site_title = _("Chat")
admin.site.index_title = _("What was said, by whom and where")
