"""The Russian words."""

from pathlib import Path

import polib
import pytest
from django.test import Client

from chat.core.errors import ChatError, ClosingError
from chat.models import Room

CATALOGUE = Path(__file__).parent.parent / "chat" / "locale" / "ru" / "LC_MESSAGES" / "django.po"


def test_every_sentence_has_its_translation() -> None:
    catalogue = polib.pofile(str(CATALOGUE))

    assert [entry.msgid for entry in catalogue.untranslated_entries() + catalogue.fuzzy_entries()] == []


def test_the_compiled_words_are_the_written_ones() -> None:
    written = {(entry.msgctxt, entry.msgid, entry.msgstr) for entry in polib.pofile(str(CATALOGUE))}
    compiled = {
        (entry.msgctxt, entry.msgid, entry.msgstr)
        for entry in polib.mofile(str(CATALOGUE.with_suffix(".mo")))
    }

    assert compiled == written


ERRORS = {*ChatError.__subclasses__(), *ClosingError.__subclasses__()} - {ClosingError}


@pytest.mark.parametrize("error", sorted(ERRORS, key=str), ids=lambda error: error.__name__)
def test_every_error_can_be_told_in_russian(error: type[ChatError]) -> None:
    entry = polib.pofile(str(CATALOGUE)).find(error.sentence)

    assert entry
    assert entry.msgstr


def test_sentences_of_the_admin_fit_any_noun(admin_client: Client) -> None:
    """Django leaves a place for the noun, and does not know its gender and its cases."""
    pages = {
        path: admin_client.get(f"/admin/{path}", headers={"accept-language": "ru"}).content.decode()
        for path in ("chat/room/add/", "chat/room/", "auth/user/", "auth/user/add/", "auth/group/add/")
    }
    saved = admin_client.post(
        "/admin/chat/room/add/",
        {"slug": "lounge", "title": "Lounge", "mode": "open", "position": "0", "slow": "0"},
        follow=True,
        headers={"accept-language": "ru"},
    ).content.decode()
    room = Room.objects.get(slug="lounge")
    form = {"title": "Salon", "mode": "open", "position": "0", "slow": "0"}
    form |= {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
    admin_client.post(f"/admin/chat/room/{room.pk}/change/", form)
    history = admin_client.get(
        f"/admin/chat/room/{room.pk}/history/", headers={"accept-language": "ru"}
    ).content.decode()

    assert "Добавлено: комната «" in saved
    assert "Название" in history
    wrong = ("Добавить комната", "Добавить пользователь", "Выберите пользователь", "Добавить группа")
    assert [(path, words) for path, page in pages.items() for words in wrong if words in page] == []
