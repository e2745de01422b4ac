"""Conversation tests: whole conversations against the running assistant, the gate of a candidate model."""
