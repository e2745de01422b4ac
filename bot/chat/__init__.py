"""Conversations: the durable message log, ownership, the way to the assistant and back, the customer's API."""
