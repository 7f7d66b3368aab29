"""The room that everybody finds."""

from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils.translation import gettext, override


def open_lobby(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    # Named once in the language of the server, which `migrate` turns off; from then on the title is
    # its owner's to change.
    with override(settings.LANGUAGE_CODE):
        title = gettext("Lobby")
    apps.get_model("chat", "Room").objects.get_or_create(slug="lobby", defaults={"title": title})


class Migration(migrations.Migration):
    dependencies = [("chat", "0001_initial")]

    operations = [migrations.RunPython(open_lobby, migrations.RunPython.noop)]
