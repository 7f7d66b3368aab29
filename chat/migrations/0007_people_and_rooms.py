"""Site users, members and modes of rooms, who is here, and how far each has read."""

from typing import Any

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import chat.models.directory
import chat.models.presence


def make_directory(apps: Any, schema_editor: Any) -> None:
    apps.get_model("chat", "Directory").objects.create(pk=1)


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("chat", "0006_deleted_message"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Directory",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.BigIntegerField(default=0)),
                ("site", models.CharField(default=chat.models.directory.new_site_id, max_length=32)),
            ],
        ),
        migrations.CreateModel(
            name="Process",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=chat.models.presence.new_process_id,
                        max_length=32,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("host", models.CharField(max_length=200)),
                ("pid", models.BigIntegerField()),
                ("started", models.BigIntegerField(default=0)),
                ("renewed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("lease", models.FloatField()),
                ("version", models.BigIntegerField(default=0)),
                ("people", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="UserName",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="chat_name",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("name", models.CharField(max_length=32)),
                ("key", models.CharField(db_index=True, max_length=128)),
            ],
        ),
        migrations.AlterModelOptions(
            name="room",
            options={
                "ordering": ("position", "title"),
                "verbose_name": "room",
                "verbose_name_plural": "rooms",
            },
        ),
        migrations.AddField(
            model_name="message",
            name="role",
            field=models.CharField(default="guest", editable=False, max_length=10, verbose_name="role"),
        ),
        migrations.AddField(
            model_name="person",
            name="user",
            field=models.OneToOneField(
                default=None,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="chat_person",
                to=settings.AUTH_USER_MODEL,
                verbose_name="user",
            ),
        ),
        migrations.AddField(
            model_name="room",
            name="direct",
            field=models.CharField(default=None, editable=False, max_length=80, null=True),
        ),
        migrations.AddField(
            model_name="room",
            name="is_archived",
            field=models.BooleanField(default=False, verbose_name="archived"),
        ),
        migrations.AddField(
            model_name="room",
            name="mode",
            field=models.CharField(
                choices=[
                    ("open", "open: everybody reads and speaks"),
                    ("read_only", "read-only: everybody reads, members speak"),
                    ("members", "members only: nobody else knows of it"),
                ],
                default="open",
                max_length=10,
                verbose_name="mode",
            ),
        ),
        migrations.AddField(
            model_name="room",
            name="position",
            field=models.IntegerField(default=0, verbose_name="position"),
        ),
        migrations.AddField(
            model_name="room",
            name="maker",
            field=models.ForeignKey(
                db_index=False,
                default=None,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="room",
            constraint=models.UniqueConstraint(
                condition=models.Q(("direct__isnull", False)), fields=("direct",), name="direct_once"
            ),
        ),
        migrations.AddIndex(
            model_name="room",
            index=models.Index(
                condition=models.Q(("direct__isnull", True)),
                fields=["position", "title"],
                name="room_in_list",
            ),
        ),
        migrations.AddIndex(
            model_name="room",
            index=models.Index(
                condition=models.Q(("maker__isnull", False)), fields=["maker"], name="rooms_made"
            ),
        ),
        migrations.CreateModel(
            name="Presence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("process", models.CharField(max_length=32)),
                ("person", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=32)),
                ("since", models.DateTimeField(default=django.utils.timezone.now)),
                ("connections", models.PositiveSmallIntegerField(default=1)),
                ("rooms", models.JSONField(default=dict)),
                ("version", models.BigIntegerField()),
                ("is_here", models.BooleanField(default=True)),
            ],
            options={
                "indexes": [models.Index(fields=["process", "version"], name="presence_changes")],
                "constraints": [models.UniqueConstraint(fields=("process", "person"), name="here_once")],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("member", "member"), ("moderator", "moderator"), ("owner", "owner")],
                        default="member",
                        max_length=10,
                        verbose_name="role",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="chat_memberships",
                        to="auth.group",
                        verbose_name="group",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="chat.person",
                        verbose_name="person",
                    ),
                ),
                (
                    "room",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="chat.room",
                        verbose_name="room",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="chat_memberships",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "member",
                "verbose_name_plural": "members",
                "indexes": [
                    models.Index(
                        condition=models.Q(("person__isnull", False)),
                        fields=["person"],
                        name="person_in_rooms",
                    ),
                    models.Index(
                        condition=models.Q(("user__isnull", False)), fields=["user"], name="user_in_rooms"
                    ),
                    models.Index(
                        condition=models.Q(("group__isnull", False)),
                        fields=["group"],
                        name="group_in_rooms",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("group__isnull", True), ("person__isnull", False), ("user__isnull", True)
                            ),
                            models.Q(
                                ("group__isnull", True), ("person__isnull", True), ("user__isnull", False)
                            ),
                            models.Q(
                                ("group__isnull", False), ("person__isnull", True), ("user__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="one_kind_of_member",
                        violation_error_message="A member is a person, a user or a group: choose one.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("person__isnull", False)),
                        fields=("room", "person"),
                        name="person_once_in_room",
                        violation_error_message="They are a member already.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("user__isnull", False)),
                        fields=("room", "user"),
                        name="user_once_in_room",
                        violation_error_message="They are a member already.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("group__isnull", False)),
                        fields=("room", "group"),
                        name="group_once_in_room",
                        violation_error_message="They are a member already.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReadMarker",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("message", models.BigIntegerField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="chat.person",
                    ),
                ),
                (
                    "room",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="chat.room",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("person", "room"), name="read_once")],
            },
        ),
        migrations.RunPython(make_directory, migrations.RunPython.noop),
    ]
