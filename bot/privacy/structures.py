"""Masking inside JSON-like values, and the last safety net in front of the log."""

from __future__ import annotations

import datetime
import re
import uuid
from collections.abc import Mapping, MutableMapping
from typing import Any

from bot.privacy.masking import mask

_DEPTH = 40
_HARMLESS = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # UUID
    r"|(?=(?:[0-9]*[a-f]){6})[0-9a-f]{32,128}"  # digest
    r"|[a-z_./{}]{1,64}"  # a name in a program: no digits, no spaces
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]{8,18}(?:Z|[+-][0-9]{2}:?[0-9]{2})?",  # ISO 8601
    re.IGNORECASE,
)
#: Keys whose whole value is a secret, whatever it looks like.
_SECRET_KEYS = {
    "password": "〔密码〕", "passwd": "〔密码〕", "pwd": "〔密码〕", "密码": "〔密码〕",
    "otp": "〔验证码〕", "verification_code": "〔验证码〕", "验证码": "〔验证码〕",
    "cvv": "〔安全码〕", "cvv2": "〔安全码〕", "cvc": "〔安全码〕", "安全码": "〔安全码〕",
}  # fmt: skip
_PASS = (bool, datetime.date, datetime.time, datetime.timedelta, uuid.UUID)


def mask_json(value: Any) -> Any:
    """Mask every string and every number of a JSON-like value.

    In: dicts, lists, tuples, sets, strings, bytes, numbers, ``None``, or any object.  Out: a value of the
    same shape; the input is not changed.  A number or object whose text holds a secret becomes the masked
    string; UUIDs, digests and ISO timestamps pass as they are.
    """
    return _mask(value, 0)


def masking_processor(logger: Any, method_name: str, event_dict: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: mask a whole log event; put it after exception formatting, before rendering."""
    for key, value in list(event_dict.items()):
        masked_key = _mask(key, 1)
        if masked_key != key:
            del event_dict[key]
        event_dict[masked_key] = _entry(key, value, 1)
    return event_dict


def _entry(key: Any, value: Any, depth: int) -> Any:
    label = _SECRET_KEYS.get(key.lower()) if isinstance(key, str) else None
    if label and value not in (None, "") and not isinstance(value, (bool, Mapping, list, tuple)):
        return label
    return _mask(value, depth)


def _mask(value: Any, depth: int) -> Any:
    if value is None or isinstance(value, _PASS):
        return value
    if isinstance(value, str):
        return value if _HARMLESS.fullmatch(value) else mask(value).text
    if isinstance(value, float) and not (value.is_integer() and abs(value) >= 1e12):
        return value
    if depth < _DEPTH:
        if isinstance(value, Mapping):
            return {_mask(key, depth + 1): _entry(key, item, depth + 1) for key, item in value.items()}
        if type(value) in (list, tuple, set, frozenset):
            return type(value)(_mask(item, depth + 1) for item in value)
    if isinstance(value, (bytes, bytearray)):
        written = [bytes(value).decode("utf-8", "replace")]
    elif isinstance(value, (int, float)):
        written = [format(value, "d" if isinstance(value, int) else ".0f")]
    else:
        written = [str(value), repr(value)]
    for text in written:
        masked = mask(text)
        if masked.kinds:
            return masked.text
    return value
