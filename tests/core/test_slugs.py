"""The address of a room, from its title."""

import re

import pytest

from chat.core import slugs


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Tea & Coffee", "tea-coffee-1"),
        ("Чай и щи, ёж!", "chay-i-shchi-ezh-1"),
        ("Київ", "kiyiv-1"),
        ("Café Münster Straße", "cafe-munster-strasse-1"),
        ("茶室", "room-1"),
        ("☕", "room-1"),
        ("x" * 100, f"{'x' * 40}-1"),
        (f"{'x' * 39} y", f"{'x' * 39}-1"),
    ],
)
def test_an_address_says_what_it_can_of_the_title(title: str, slug: str) -> None:
    assert slugs.from_title(title, "1") == slug
    assert re.fullmatch(r"[-a-zA-Z0-9_]{1,64}", slug)
