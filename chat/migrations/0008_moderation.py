"""Moderation: sanctions, reports, held messages, filters, notices, the audit, and what messages leave behind."""

from typing import Any

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models
from django.db.models import Exists, OuterRef, Q

import chat.models.address


def forget_what_is_gone(apps: Any, schema_editor: Any) -> None:
    """Backwards: what has no place in the schema before goes. It does where messages or people have gone."""
    alias = schema_editor.connection.alias
    messages = apps.get_model("chat", "Message").objects.using(alias)
    people = apps.get_model("chat", "Person").objects.using(alias)
    receipts = apps.get_model("chat", "ProcessedCommand").objects.using(alias)
    is_message, is_person = (
        Exists(rows.filter(pk=OuterRef(f"{name}_id")))
        for rows, name in ((messages, "message"), (people, "author"))
    )
    receipts.filter(~is_message | ~is_person | Q(digest=None)).delete()
    is_there = Exists(messages.filter(pk=OuterRef("reply_to_id")))
    messages.filter(~is_there, reply_to__isnull=False).update(reply_to=None)
    apps.get_model("chat", "Room").objects.using(alias).filter(mode="users").update(mode="read_only")


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0007_people_and_rooms"),
    ]

    operations = [
        migrations.CreateModel(
            name="AddressKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("secret", models.CharField(default=chat.models.address.new_secret, max_length=64)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.AlterModelOptions(
            name="room",
            options={
                "ordering": ("position", "title"),
                "permissions": (
                    ("moderate", "Can moderate: delete messages, mute, kick and warn people, run rooms"),
                    ("ban", "Can ban people"),
                    ("see_addresses", "Can see hashes of addresses"),
                    ("export", "Can export and erase what was said"),
                ),
                "verbose_name": "room",
                "verbose_name_plural": "rooms",
            },
        ),
        migrations.AddField(
            model_name="message",
            name="is_removed",
            field=models.BooleanField(
                db_default=False, default=False, verbose_name="removed by a moderator"
            ),
        ),
        migrations.AddField(
            model_name="room",
            name="keep_days",
            field=models.PositiveIntegerField(
                blank=True,
                default=None,
                help_text="Empty: as the site has it (KEEP_DAYS). 0: for ever.",
                null=True,
                validators=[django.core.validators.MaxValueValidator(36500)],
                verbose_name="keep messages for days",
            ),
        ),
        migrations.AddField(
            model_name="room",
            name="keep_messages",
            field=models.PositiveIntegerField(
                blank=True,
                default=None,
                help_text="Empty: as the site has it (KEEP_MESSAGES). 0: all.",
                null=True,
                verbose_name="keep so many messages",
            ),
        ),
        migrations.AddField(
            model_name="room",
            name="pinned",
            field=models.BigIntegerField(default=None, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="room",
            name="slow",
            field=models.PositiveIntegerField(
                default=0,
                help_text="Seconds between two messages of one person; 0 for none.",
                validators=[django.core.validators.MaxValueValidator(86400)],
                verbose_name="slow mode",
            ),
        ),
        migrations.AlterField(
            model_name="room",
            name="mode",
            field=models.CharField(
                choices=[
                    ("open", "open: everybody reads and speaks"),
                    ("read_only", "read-only: everybody reads, members speak"),
                    ("users", "guests read: users of the site speak"),
                    ("members", "members only: nobody else knows of it"),
                ],
                default="open",
                max_length=10,
                verbose_name="mode",
            ),
        ),
        migrations.CreateModel(
            name="FilterRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("word", "a word"),
                            ("pattern", "a pattern (RE2)"),
                            ("link", "a link"),
                            ("repeat", "nearly the same, said again and again"),
                            ("newcomer", "the first messages of a guest"),
                        ],
                        max_length=8,
                        verbose_name="what",
                    ),
                ),
                ("value", models.CharField(blank=True, default="", max_length=500, verbose_name="value")),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("refuse", "refuse it"),
                            ("mask", "replace it by asterisks"),
                            ("hold", "hold it for a moderator"),
                        ],
                        default="refuse",
                        max_length=6,
                        verbose_name="action",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("note", models.CharField(blank=True, default="", max_length=200, verbose_name="note")),
                (
                    "room",
                    models.ForeignKey(
                        blank=True,
                        default=None,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="filters",
                        to="chat.room",
                        verbose_name="room",
                    ),
                ),
            ],
            options={
                "verbose_name": "filter",
                "verbose_name_plural": "filters",
                "ordering": ("pk",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("is_active", True)), fields=["id"], name="active_filter"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Sanction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("mute", "mute: reads, and says nothing"),
                            ("kick", "kick: out, and may come back soon"),
                            ("ban", "ban: out, and stays out"),
                        ],
                        max_length=4,
                        verbose_name="kind",
                    ),
                ),
                (
                    "address",
                    models.CharField(blank=True, default="", max_length=32, verbose_name="address"),
                ),
                ("since", models.DateTimeField(default=django.utils.timezone.now, verbose_name="since")),
                ("until", models.DateTimeField(default=None, null=True, verbose_name="until")),
                ("lifted_at", models.DateTimeField(default=None, null=True, verbose_name="lifted")),
                ("reason", models.CharField(blank=True, default="", max_length=200, verbose_name="reason")),
                ("version", models.BigIntegerField(db_index=True, editable=False)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sanctions",
                        to="chat.person",
                        verbose_name="person",
                    ),
                ),
                (
                    "room",
                    models.ForeignKey(
                        default=None,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="chat.room",
                        verbose_name="room",
                    ),
                ),
            ],
            options={
                "verbose_name": "sanction",
                "verbose_name_plural": "sanctions",
                "ordering": ("-pk",),
            },
        ),
        migrations.CreateModel(
            name="HeldMessage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=32, verbose_name="name")),
                (
                    "role",
                    models.CharField(default="guest", editable=False, max_length=10, verbose_name="role"),
                ),
                ("ref", models.CharField(default=None, max_length=64, null=True)),
                ("digest", models.CharField(default=None, max_length=16, null=True)),
                ("text", models.TextField(verbose_name="text")),
                ("timestamp", models.TextField(default=None, null=True)),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="sent")),
                ("why", models.CharField(blank=True, default="", max_length=200, verbose_name="why")),
                ("is_refused", models.BooleanField(default=False, verbose_name="refused")),
                (
                    "author",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="held",
                        to="chat.person",
                        verbose_name="author",
                    ),
                ),
                (
                    "reply_to",
                    models.ForeignKey(
                        default=None,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="chat.message",
                    ),
                ),
                (
                    "room",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="chat.room",
                        verbose_name="room",
                    ),
                ),
            ],
            options={
                "verbose_name": "held message",
                "verbose_name_plural": "held messages",
                "ordering": ("pk",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("is_refused", False)),
                        fields=["room", "at"],
                        name="held_waiting",
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("author", "ref"), name="held_once")],
            },
        ),
        migrations.CreateModel(
            name="ModerationAct",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("delete", "deleted a message"),
                            ("restore", "restored a message"),
                            ("purge", "deleted messages of a person"),
                            ("mute", "muted"),
                            ("unmute", "unmuted"),
                            ("kick", "kicked"),
                            ("ban", "banned"),
                            ("unban", "unbanned"),
                            ("warn", "warned"),
                            ("manage", "changed a room"),
                            ("pin", "pinned a message"),
                            ("unpin", "unpinned a message"),
                            ("announce", "announced"),
                            ("accept_report", "accepted a report"),
                            ("dismiss_report", "dismissed a report"),
                            ("accept_held", "let a held message through"),
                            ("dismiss_held", "refused a held message"),
                            ("filter", "changed a filter"),
                            ("export", "exported"),
                            ("erase", "erased a person"),
                            ("prune", "deleted what was old"),
                            ("restore_export", "restored an export"),
                        ],
                        max_length=16,
                        verbose_name="what",
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        db_index=True, default=django.utils.timezone.now, verbose_name="when"
                    ),
                ),
                (
                    "via",
                    models.CharField(
                        choices=[
                            ("chat", "the chat"),
                            ("admin", "the admin"),
                            ("command", "manage.py"),
                            ("program", "a program"),
                        ],
                        max_length=8,
                        verbose_name="from where",
                    ),
                ),
                ("actor", models.CharField(blank=True, default="", max_length=64, verbose_name="who (id)")),
                ("actor_user", models.CharField(blank=True, default="", max_length=64)),
                (
                    "actor_name",
                    models.CharField(blank=True, default="", max_length=150, verbose_name="who"),
                ),
                ("room_title", models.CharField(blank=True, default="", max_length=100)),
                (
                    "person",
                    models.CharField(
                        blank=True, db_index=True, default="", max_length=64, verbose_name="whom (id)"
                    ),
                ),
                (
                    "person_name",
                    models.CharField(blank=True, default="", max_length=32, verbose_name="whom"),
                ),
                ("message", models.BigIntegerField(default=None, null=True, verbose_name="message")),
                ("reason", models.CharField(blank=True, default="", max_length=200, verbose_name="reason")),
                ("details", models.JSONField(default=dict, verbose_name="details")),
                ("ref", models.CharField(default=None, max_length=64, null=True)),
                (
                    "room",
                    models.ForeignKey(
                        db_constraint=False,
                        default=None,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="chat.room",
                        verbose_name="room",
                    ),
                ),
            ],
            options={
                "verbose_name": "act of a moderator",
                "verbose_name_plural": "acts of moderators",
                "ordering": ("-pk",),
                "constraints": [models.UniqueConstraint(fields=("actor", "ref"), name="moderated_once")],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("act", models.CharField(max_length=16)),
                ("reason", models.CharField(blank=True, default="", max_length=200)),
                ("until", models.DateTimeField(default=None, null=True)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("told_at", models.DateTimeField(default=None, null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="chat.person"
                    ),
                ),
                (
                    "room",
                    models.ForeignKey(
                        default=None,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="chat.room",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("told_at__isnull", True)),
                        fields=["person"],
                        name="notice_to_tell",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PersonAddress",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("address", models.CharField(db_index=True, max_length=32, verbose_name="address")),
                ("last_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="chat.addresskey"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="addresses",
                        to="chat.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "address",
                "verbose_name_plural": "addresses",
                "constraints": [
                    models.UniqueConstraint(fields=("person", "address"), name="came_from_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(blank=True, default="", max_length=200, verbose_name="reason")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="reported")),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "open"), ("accepted", "accepted"), ("dismissed", "dismissed")],
                        default="open",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("decided_at", models.DateTimeField(default=None, null=True, verbose_name="decided")),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reports",
                        to="chat.message",
                        verbose_name="message",
                    ),
                ),
                (
                    "reporter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reports",
                        to="chat.person",
                        verbose_name="reported by",
                    ),
                ),
            ],
            options={
                "verbose_name": "report",
                "verbose_name_plural": "reports",
                "ordering": ("-pk",),
                "indexes": [
                    models.Index(condition=models.Q(("state", "open")), fields=["id"], name="open_report")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("message", "reporter"), name="reported_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="SlowMark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
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
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="chat.room"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("person", "room"), name="slowed_once")],
            },
        ),
        # What outlives a message that is deleted for its age, or a person who is erased.
        migrations.RemoveIndex(
            model_name="message",
            name="reply_to_message",
        ),
        migrations.AlterField(
            model_name="message",
            name="reply_to",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                default=None,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="chat.message",
            ),
        ),
        migrations.AlterField(
            model_name="processedcommand",
            name="author",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="chat.person",
            ),
        ),
        migrations.AlterField(
            model_name="processedcommand",
            name="digest",
            field=models.CharField(default=None, max_length=16, null=True),
        ),
        migrations.AlterField(
            model_name="processedcommand",
            name="message",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="chat.message",
            ),
        ),
        migrations.RunPython(migrations.RunPython.noop, forget_what_is_gone),
    ]
