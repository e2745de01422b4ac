"""Small knowledge bases on disk, to break one thing at a time."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

Json = dict[str, Any]

TAXONOMY: Json = {
    "aspects": {"overview": "是什么", "how": "怎么办", "materials": "要带什么", "time": "多久"},
    "topics": {"card.replace": "补卡"},
    "standards": {"std.1.1": "服务宗旨"},
    "acts": {"ask": "询问", "greet": "问候"},
}
BANK: Json = {"bank": {"hotline": "95-000", "app": "本行手机银行"}, "card": {"fee": 5}}
SOURCES: Json = {
    "std": {"title": "《2025年银行客户服务规范》", "date": "2025"},
    "L1": {"title": "《储蓄管理条例》", "number": "国务院令第107号"},
}
CITE: Json = {"source": "std", "clause": "2.1", "certainty": "H"}
REPLIES: Json = {"greet": {"text": "您好,客服热线 {bank.hotline}。"}}


def answer(short: str = "带证件到网点办。", **more: Any) -> Json:
    """An answer of the bank's own choice with one citation."""
    return {"short": short, "certainty": "B", "cite": [dict(CITE)], **more}


def card(**changes: Any) -> Json:
    """The topic ``card.replace``, with whatever a test wants changed; None takes a key away."""
    topic: Json = {
        "id": "card.replace",
        "title": "补卡与换卡",
        "review_by": "2027-05-31",
        "answers": {aspect: answer() for aspect in TAXONOMY["aspects"]},
    }
    return {key: value for key, value in {**topic, **changes}.items() if value is not None}


def section(**changes: Any) -> Json:
    """The section ``std.1.1`` of the standard."""
    topic: Json = {
        "id": "std.1.1",
        "title": "服务宗旨与原则",
        "review_by": "2027-05-31",
        "answers": {"overview": answer("以客户为中心。")},
        "promises": [{"text": "每个答复都写明依据。", "clause": "1.1"}],
    }
    return {**topic, **changes}


def write(folder: Path, **files: Any) -> Path:
    """Write a knowledge base and return its directory.

    ``taxonomy``, ``bank``, ``sources``, ``replies``, ``card`` and ``section`` replace the content of
    one file; text and bytes are written as they are, None leaves the file out.
    """
    content = {
        "taxonomy": TAXONOMY, "bank": BANK, "sources": SOURCES, "replies": REPLIES,
        "card": card(), "section": section(), **files,
    }  # fmt: skip
    directory = folder / "knowledge"
    places = {
        "taxonomy": folder / "taxonomy.yml",
        "card": directory / "services" / "card.replace.yml",
        "section": directory / "standards" / "std.1.1.yml",
    }
    for name, value in content.items():
        path = places.get(name, directory / f"{name}.yml")
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(value, bytes):
            path.write_bytes(value)
        elif isinstance(value, str):
            path.write_text(value, encoding="utf-8")
        elif value is not None:
            with path.open("w", encoding="utf-8") as stream:
                YAML().dump(deepcopy(value), stream)
    return directory
