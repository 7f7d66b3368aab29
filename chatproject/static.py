"""Static files under names that carry a hash of their content, so a browser may keep them for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStorage(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage, which also puts the hashed names into the imports of our JavaScript."""

    support_js_module_import_aggregation = True
