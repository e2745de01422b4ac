"""What a customer may write: checked, cleaned, masked. Nothing else leaves this module."""

from __future__ import annotations

import unicodedata

from bot.blocks import has_lone_surrogate
from bot.chat.records import CustomerText
from bot.errors import InvalidCharacters, MessageEmpty, MessageTooLong
from bot.privacy import mask

# Marks that reverse or embed writing direction can make a text read differently from what it says.
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean(text: str, limit: int) -> str:
    """Strip control characters (except newline and tab) and surrounding white space.

    Raises:
        InvalidCharacters: half a surrogate pair.
        MessageEmpty: nothing visible is left.
        MessageTooLong: more than ``limit`` characters (Unicode code points) are left.
    """
    if has_lone_surrogate(text):
        raise InvalidCharacters()
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(
        char for char in text if char in "\n\t" or (unicodedata.category(char) != "Cc" and char not in _BIDI)
    ).strip()
    if not _visible(text):
        raise MessageEmpty()
    if len(text) > limit:
        raise MessageTooLong(length=len(text), limit=limit)
    return text


def _visible(text: str) -> bool:
    return any(not char.isspace() and unicodedata.category(char) != "Cf" for char in text)


def customer_text(text: str, limit: int) -> CustomerText:
    """Clean ``text`` and mask what must not be kept (cards, documents, phones, passwords, codes).

    Raises: as :func:`clean`.
    """
    found = mask(clean(text, limit))
    return CustomerText(text=found.text, masked=tuple(found.kinds))
