"""Masking of JSON-like values and log events."""

from __future__ import annotations

import copy
import json
import string
import uuid
from datetime import datetime
from typing import Any

import structlog
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import CapturingLogger

from bot.privacy import mask, mask_json, masking_processor

CARD = "6222020200112230"


def test_every_string_and_number_is_masked_and_the_input_is_not_changed() -> None:
    value: dict[str, Any] = {
        "list": [CARD, ("六二二二零二零二零零幺幺两两三零", {CARD})],
        "number": int(CARD),
        "bytes": f"card {CARD}".encode(),
        "error": ValueError(f"bad {CARD}"),
        CARD: 1,
        "password": "letmein",
        "nested": {"deep": {"cvv": 123}},
    }
    before = copy.copy(value)
    assert mask_json(value) == {
        "list": ["〔卡号尾号2230〕", ("〔卡号尾号2230〕", {"〔卡号尾号2230〕"})],
        "number": "〔卡号尾号2230〕",
        "bytes": "card 〔卡号尾号2230〕",
        "error": "bad 〔卡号尾号2230〕",
        "〔卡号尾号2230〕": 1,
        "password": "〔密码〕",
        "nested": {"deep": {"cvv": "〔安全码〕"}},
    }
    assert value == before


def test_harmless_values_pass_as_they_are() -> None:
    value = {
        "none": None, "flag": True, "count": 12, "ratio": 1.234567890123456,
        "at": "2026-11-23T13:05:00.123456Z",
        "id": "44660000-0000-4000-a716-446655440000", "uuid": uuid.UUID(int=6222020200112230),
        "when": datetime(2026, 1, 1),
        "digest": "0123456789abcdef" * 4, "empty": "", "password": None,
    }  # fmt: skip
    assert mask_json(value) == value


def test_depth_has_a_bound() -> None:
    value: Any = CARD
    for _ in range(200):
        value = [value]
    assert CARD not in json.dumps(mask_json(value), ensure_ascii=False)


def test_the_processor_is_the_last_net_before_the_log() -> None:
    captured = CapturingLogger()
    log = structlog.wrap_logger(
        captured, processors=[masking_processor, structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    log.info("收到 " + CARD, text="密码是112233", extra={"phone": 13812345678})
    line = captured.calls[0].args[0]
    assert json.loads(line) == {
        "event": "收到 〔卡号尾号2230〕",
        "text": "密码是〔密码〕",
        "extra": {"phone": "〔手机号尾号5678〕"},
    }


@settings(max_examples=300)
@given(st.text(alphabet=string.ascii_letters + "_./{}", min_size=1, max_size=64))
def test_a_name_of_a_program_holds_no_secret_that_could_be_found(name: str) -> None:
    """Why such names pass unread: reading them would change nothing."""
    assert mask(name).text == name
    assert mask_json(name) == name


def test_one_digit_or_space_and_a_name_is_read() -> None:
    for text in ("password is hunter", "my_pin_6222021234567890128", "otp is abc"):
        assert mask_json(text) == mask(text).text
    assert mask_json("password is hunter") != "password is hunter"
