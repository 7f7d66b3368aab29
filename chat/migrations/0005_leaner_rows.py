import django.db.models.deletion
from django.db import migrations, models

#: What was said notes its own ref, and of whatever was carried out a shorter digest does.
MOVE = (
    "UPDATE chat_message SET digest = (SELECT substr(done.digest, 1, 16) FROM chat_processedcommand done "
    "WHERE done.author_id = chat_message.author_id AND done.ref = chat_message.ref) WHERE ref IS NOT NULL",
    "DELETE FROM chat_processedcommand WHERE EXISTS (SELECT 1 FROM chat_message said "
    "WHERE said.author_id = chat_processedcommand.author_id AND said.ref = chat_processedcommand.ref)",
    "UPDATE chat_processedcommand SET digest = substr(digest, 1, 16)",
)
BACK = (
    "INSERT INTO chat_processedcommand (author_id, ref, digest, message_id, version, at) "
    "SELECT author_id, ref, digest, id, first_version, sent_at FROM chat_message "
    "WHERE ref IS NOT NULL AND digest IS NOT NULL ON CONFLICT DO NOTHING",
)


class Migration(migrations.Migration):
    """A message kept 853 bytes, 327 of them for its receipt."""

    dependencies = [("chat", "0004_processed_command")]

    operations = [
        migrations.AddField(
            "message",
            "digest",
            models.CharField(default=None, editable=False, max_length=16, null=True),
        ),
        migrations.RunSQL(MOVE, BACK),
        migrations.AlterField("processedcommand", "digest", models.CharField(max_length=16)),
        migrations.AlterField(
            "message",
            "author",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="messages",
                to="chat.person",
                verbose_name="author",
            ),
        ),
    ]
