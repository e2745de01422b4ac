"""Nuoyan: the rooms of a bank's customer-service assistant."""
