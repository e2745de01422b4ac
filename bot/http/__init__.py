"""The HTTP kit under all rooms that face people: headers, limits, logs, metrics, errors, pages."""
