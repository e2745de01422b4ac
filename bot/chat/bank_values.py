"""The few values of this bank that the server itself speaks about (hours, phones)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML


@dataclass(frozen=True)
class BankValues:
    """Values of ``bank.yml`` as they are shown to customers."""

    name: str
    hotline: str
    hotline_hours: str
    agent_hours: str
    loss_line: str


def read_bank_values(knowledge_dir: Path) -> BankValues:
    """Read ``bank.yml`` of ``knowledge_dir``.

    Raises:
        OSError: no such file.
        KeyError: a value is missing.
    """
    bank = YAML(typ="safe").load((knowledge_dir / "bank.yml").read_text(encoding="utf-8"))["bank"]
    return BankValues(
        name=str(bank["name"]),
        hotline=str(bank["hotline"]),
        hotline_hours=str(bank["hotline_hours"]),
        agent_hours=str(bank["agent_hours"]),
        loss_line=str(bank["loss_line"]),
    )
