"""What the page names of itself, for templates."""

from django import template
from django.contrib.staticfiles.storage import staticfiles_storage

register = template.Library()


@register.simple_tag
def parts_of(script: str) -> list[str]:
    """The files that this script imports at once, where it is bundled: to be asked for along with it."""
    parts = getattr(staticfiles_storage, "parts", None)
    return parts(script) if parts else []
