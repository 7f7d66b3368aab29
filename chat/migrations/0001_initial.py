"""Rooms, people, messages and the commands that were carried out."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import chat.models.room


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Person",
            fields=[
                (
                    "id",
                    models.CharField(max_length=64, primary_key=True, serialize=False, verbose_name="id"),
                ),
                ("name", models.CharField(max_length=32, verbose_name="name")),
                (
                    "first_seen",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="first seen"),
                ),
                (
                    "arrived_at",
                    models.DateTimeField(
                        db_index=True, default=django.utils.timezone.now, verbose_name="last arrival"
                    ),
                ),
                ("is_owned", models.BooleanField(default=False, verbose_name="owned")),
            ],
            options={
                "verbose_name": "person",
                "verbose_name_plural": "people",
                "ordering": ("-arrived_at",),
            },
        ),
        migrations.CreateModel(
            name="Room",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(max_length=64, unique=True, verbose_name="address")),
                ("title", models.CharField(max_length=100, verbose_name="title")),
                ("topic", models.CharField(blank=True, max_length=200, verbose_name="topic")),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created"
                    ),
                ),
                ("version", models.BigIntegerField(default=0, editable=False, verbose_name="version")),
                (
                    "epoch",
                    models.CharField(
                        default=chat.models.room.new_epoch,
                        editable=False,
                        max_length=32,
                        verbose_name="epoch",
                    ),
                ),
            ],
            options={
                "verbose_name": "room",
                "verbose_name_plural": "rooms",
                "ordering": ("title",),
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.BigIntegerField(editable=False, verbose_name="version")),
                ("first_version", models.BigIntegerField(editable=False)),
                ("ref", models.CharField(default=None, max_length=64, null=True, verbose_name="ref")),
                ("name", models.CharField(max_length=32, verbose_name="name")),
                ("text", models.TextField(verbose_name="text")),
                ("timestamp", models.TextField(default=None, null=True, verbose_name="client's timestamp")),
                (
                    "sent_at",
                    models.DateTimeField(
                        db_index=True, default=django.utils.timezone.now, verbose_name="sent"
                    ),
                ),
                ("edited_at", models.DateTimeField(default=None, null=True, verbose_name="edited")),
                ("deleted_at", models.DateTimeField(default=None, null=True, verbose_name="deleted")),
                ("reactions", models.JSONField(default=dict, verbose_name="reactions")),
                (
                    "reply_to",
                    models.ForeignKey(
                        db_index=False,
                        default=None,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="chat.message",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="messages",
                        to="chat.person",
                        verbose_name="author",
                    ),
                ),
                (
                    "room",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="chat.room",
                        verbose_name="room",
                    ),
                ),
            ],
            options={
                "verbose_name": "message",
                "verbose_name_plural": "messages",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="Receipt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ref", models.CharField(max_length=64)),
                ("digest", models.CharField(max_length=32)),
                ("version", models.BigIntegerField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "author",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="chat.person",
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="chat.message"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("author", "ref"), name="done_once")],
            },
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["room", "id"], name="message_in_room"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("reply_to__isnull", False)),
                fields=["reply_to"],
                name="reply_to_message",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(fields=("room", "version"), name="version_once_in_room"),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(fields=("author", "ref"), name="said_once"),
        ),
    ]
