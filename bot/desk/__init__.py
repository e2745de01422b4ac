"""The agents' desk and the interfaces for staff."""
