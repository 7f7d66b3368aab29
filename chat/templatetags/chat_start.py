"""What the chat adds to pages of the admin that are not its own."""

from typing import Any

from django import template

from chat.admin import dashboard

register = template.Library()


@register.inclusion_tag("admin/chat/parts/dashboard.html", takes_context=True)
def chat_dashboard(context: template.RequestContext) -> dict[str, Any]:
    """The start page of the chat, as far as the reader may see it."""
    return dashboard.content(context.request)


@register.inclusion_tag("admin/chat/parts/summary.html", takes_context=True)
def chat_summary(context: template.RequestContext) -> dict[str, Any]:
    """One line of it, for the first page of the admin."""
    return dashboard.summary(context.request)
