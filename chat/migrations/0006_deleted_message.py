"""An index of the few messages that were deleted, for moderators."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0005_leaner_rows")]

    operations = [
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)), fields=["id"], name="deleted_message"
            ),
        ),
    ]
