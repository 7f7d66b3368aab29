"""What Django looks up here before its own formats."""

DATETIME_FORMAT = "d.m.Y H:i T"
