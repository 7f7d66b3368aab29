"""What Django looks up here before its own formats."""

DATETIME_FORMAT = "j M Y, H:i T"
