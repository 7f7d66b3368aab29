"""What Django looks up here before its own formats."""

DATETIME_FORMAT = "N j, Y, H:i T"
