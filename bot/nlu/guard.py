"""A customer's text is a sentence, never a command to Rasa."""

from __future__ import annotations

import re

GUARD = "\u2060"
"""An invisible character that survives ``str.strip``: put before a text that Rasa would obey."""

_OBEYED = re.compile(r"^\s*(?:/|EXTERNAL:)", re.IGNORECASE)


def as_text(text: str) -> str:
    """Return ``text`` so that Rasa reads ``/restart`` or ``EXTERNAL: …`` as words."""
    return GUARD + text if _OBEYED.match(text) else text
