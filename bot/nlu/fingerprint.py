"""What a trained model owes to code and word lists that Rasa's own fingerprint does not see.

Rasa looks at the source of a component's class only; the modules that do the work stand beside it.
Without this digest `rasa train` would take yesterday's weights from its cache for today's code.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from bot.settings import PROJECT_ROOT

LEXICONS = PROJECT_ROOT / "data" / "lexicon"


def digest_of(*folders: tuple[Path, str]) -> str:
    """Return the digest of the files that match a pattern in each folder, by name and content."""
    digest = hashlib.sha256()
    for folder, pattern in folders:
        for path in sorted(folder.glob(pattern)):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


@lru_cache(maxsize=1)
def understanding_digest() -> str:
    """Return the digest of this room's modules and word lists, as they were when first asked for."""
    return digest_of((Path(__file__).parent, "*.py"), (LEXICONS, "*.txt"))
