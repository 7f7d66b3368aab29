"""The index of words: a table of the database's own full text, which the site fills while it serves."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

CREATE = {
    # The words come as stems. Of those in ASCII the tokenizer takes letters, digits and "_", of others all.
    "sqlite": (
        "CREATE VIRTUAL TABLE chat_wordindex USING fts5("
        "words, tokenize = \"ascii tokenchars '_'\", detail = none)",
    ),
    # No pending list: whoever searches would have to read all of it.
    "postgresql": (
        "CREATE TABLE chat_wordindex (id bigint PRIMARY KEY, words tsvector NOT NULL)",
        "CREATE INDEX chat_wordindex_words ON chat_wordindex USING gin (words) WITH (fastupdate = off)",
    ),
}


def create(apps: Any, schema_editor: Any) -> None:
    for statement in CREATE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def drop(apps: Any, schema_editor: Any) -> None:
    schema_editor.execute("DROP TABLE chat_wordindex")


class Migration(migrations.Migration):
    dependencies = [("chat", "0010_lobby_titles")]

    operations = [
        migrations.CreateModel(
            name="SearchMark",
            fields=[
                (
                    "room",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="chat.room",
                    ),
                ),
                ("epoch", models.CharField(max_length=32)),
                ("version", models.BigIntegerField()),
                ("left", models.BigIntegerField()),
            ],
        ),
        migrations.RunPython(create, drop),
    ]
