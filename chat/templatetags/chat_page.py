"""What the page names of itself, for templates."""

from functools import cache
from pathlib import Path
from urllib.parse import quote

from django import template
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage

register = template.Library()


@register.simple_tag
@cache
def favicon() -> str:
    """The icon itself, as an address: it is smaller than the request for it."""
    file = finders.find("chat/favicon.svg")
    assert file
    return f"data:image/svg+xml,{quote(Path(file).read_text())}"


@register.simple_tag
def parts_of(script: str) -> list[str]:
    """The files that this script imports at once, where it is bundled: to be asked for along with it."""
    parts = getattr(staticfiles_storage, "parts", None)
    return parts(script) if parts else []
