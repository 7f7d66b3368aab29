"""What Django looks up here before its own formats."""

DATETIME_FORMAT = "j E Y г., G:i T"
