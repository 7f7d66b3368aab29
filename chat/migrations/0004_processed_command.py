from django.db import migrations


class Migration(migrations.Migration):
    """A receipt is called a processed command now, in the code and in the database."""

    dependencies = [("chat", "0003_key")]

    operations = [migrations.RenameModel("Receipt", "ProcessedCommand")]
