"""A name of the server's own for each message that has no ref."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0002_lobby"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="key",
            field=models.CharField(default=None, editable=False, max_length=32, null=True),
        ),
    ]
