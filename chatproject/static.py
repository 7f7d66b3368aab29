"""Static files under names that carry a hash of their content, so a browser may keep them for ever."""

from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.exceptions import ImproperlyConfigured
from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # untyped
    """WhiteNoise's storage, which also puts the hashed names into the imports of our JavaScript."""

    support_js_module_import_aggregation = True


def require_collected() -> None:
    """Stop the start, with the command that helps, where hashed files are wanted and none are there."""
    if getattr(staticfiles_storage, "hashed_files", None) == {}:
        raise ImproperlyConfigured(
            "The page's files are not collected. Run `python manage.py collectstatic --noinput` "
            "once after each installation or upgrade, with the same environment."
        )
