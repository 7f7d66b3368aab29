"""The lobby, where it has the title that it came with, is called so in each language."""

from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils.translation import gettext, override


def name_lobby(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    titles = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            titles[language] = gettext("Lobby")
    rooms = apps.get_model("chat", "Room").objects
    for lobby in rooms.filter(slug="lobby", title__in=titles.values(), titles={}):
        others = {language: title for language, title in titles.items() if title != lobby.title}
        rooms.filter(pk=lobby.pk).update(titles=others)


class Migration(migrations.Migration):
    dependencies = [("chat", "0009_page")]

    operations = [migrations.RunPython(name_lobby, migrations.RunPython.noop)]
