"""The Russian words."""

from pathlib import Path

import polib
import pytest

from chat.core.errors import ChatError

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


@pytest.mark.parametrize("error", ChatError.__subclasses__(), ids=lambda error: error.__name__)
def test_every_error_can_be_told_in_russian(error: type[ChatError]) -> None:
    entry = polib.pofile(str(CATALOGUE)).find(error.sentence)

    assert entry
    assert entry.msgstr
