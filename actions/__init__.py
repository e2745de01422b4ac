"""Custom actions: read the tracker, ask a service, answer with blocks."""
