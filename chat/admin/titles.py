"""What a room is called in each language of the site: a field for each."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from chat.core.errors import ChatError
from chat.core.protocol import TITLE_LIMIT
from chat.models import Room
from chat.services import rooms

if TYPE_CHECKING:
    Form = forms.ModelForm[Room]
else:  # at run time the class takes no parameter
    Form = forms.ModelForm

#: What the fields are called, by the codes of the languages.
FIELDS = {code: f"title_{code}" for code, _name in settings.LANGUAGES}
#: By what a room is found: whoever reads Russian looks for what it is called in Russian.
SOUGHT = tuple(f"titles__{code}" for code in FIELDS)


class _Titled(Form):
    """Reads the titles of a room from their fields, and keeps them there."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, field in FIELDS.items():
            self.initial.setdefault(field, self.instance.titles.get(code, ""))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        given = {code: cleaned.get(field, "") for code, field in FIELDS.items()}
        others = {code: title for code, title in self.instance.titles.items() if code not in FIELDS}
        for code, words in given.items():
            try:
                others |= rooms.titles_of(cleaned.get("title", ""), {code: words})
            except ChatError as error:
                self.add_error(FIELDS[code], str(error))
        self.instance.titles = others
        return cleaned


def _field(language: Any) -> forms.CharField:
    return forms.CharField(
        label=format_lazy("{title} ({language})", title=_("Title"), language=language),
        max_length=TITLE_LIMIT,
        required=False,
        help_text=_("Empty: as the title."),
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )


#: The form of a room, with a field for each language.
TitledForm: Any = type(
    "TitledForm", (_Titled,), {FIELDS[code]: _field(name) for code, name in settings.LANGUAGES}
)
