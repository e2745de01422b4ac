"""An anonymous customer proves that a case is theirs: its number, the tail of its phone, a code to that phone.

Wrong number, wrong tail, somebody else's case and a case that doesn't exist take the same way: the same tries
counted, the same look-up, the same comparison, and an answer that leaves at a fixed moment after the question,
so that neither words nor time tell them apart.
"""

from __future__ import annotations

import hmac
import re
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from bot.errors import LockedOut, SmsFailed
from bot.identity.codes import Codes, counted_for
from bot.identity.keys import Keys
from bot.identity.lockout import Counted, Lockouts
from bot.identity.sms import SmsSender

REFUSED_AFTER_S = 0.25
SENT_PER_CASE = 3
SENT_PER_ADDRESS = 10

#: The phone number of a case in full, by its canonical number; None: no such case, or no number to send to.
PhoneOf = Callable[[str], str | None]
#: The canonical form of a case number as somebody typed it; None: it can't be one.
Canonical = Callable[[str], str | None]

_LIKE = str.maketrans("OIL", "011")


@dataclass(frozen=True)
class Begun:
    """What came of a try: ``sent`` (ask for the code), ``refused``, ``locked`` for ``minutes``, or ``failed``.

    ``failed``: number and tail were right and the message service is away; offer a person.
    """

    outcome: Literal["sent", "refused", "locked", "failed"]
    case_number: str | None = None
    minutes: int = 0


class CaseVerification:
    """Begins verifications; :meth:`bot.identity.codes.Codes.check` ends them where messages come in.

    Args:
        sleep: waits so many seconds; tests bring their own.
    """

    def __init__(
        self,
        lockouts: Lockouts,
        codes: Codes,
        sms: SmsSender,
        keys: Keys,
        phone_of: PhoneOf,
        canonical: Canonical,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lockouts = lockouts
        self._codes = codes
        self._sms = sms
        self._keys = keys
        self._phone_of = phone_of
        self._canonical = canonical
        self._sleep = sleep
        self._monotonic = monotonic

    def begin(self, conversation_id: str, origin: str, case_number: str, phone_tail: str) -> Begun:
        """Check number and tail and send a code. Blocks up to the message service's time-out: call in a thread.

        Args:
            origin: the caller's address as a digest (metadata ``origin``).
            case_number, phone_tail: as the customer gave them.

        Raises:
            bot.errors.StoreUnavailable, and whatever the look-up raises; no try is counted then.
        """
        started = self._monotonic()
        canonical = self._canonical(case_number)
        counted = counted_for(canonical or _plain(case_number), conversation_id, origin)
        try:
            self._lockouts.take(*counted)
        except LockedOut as error:
            return Begun("locked", minutes=error.minutes)
        try:
            phone = self._phone_of(canonical or case_number)
        except Exception:
            self._lockouts.take_back(*counted)
            raise
        given = self._keys.digest("phone tail", _digits(phone_tail)[-4:])
        right = hmac.compare_digest(given, self._keys.digest("phone tail", (phone or "")[-4:]))
        if canonical is None or phone is None or not right or len(_digits(phone_tail)) < 4:
            self._sleep(max(0.0, started + REFUSED_AFTER_S - self._monotonic()))
            return Begun("refused")
        self._lockouts.take_back(*counted)
        return self._send(conversation_id, origin, canonical, phone)

    def _send(self, conversation_id: str, origin: str, case_number: str, phone: str) -> Begun:
        """Wrong tries at codes stay counted: only the right code shows that it is the customer."""
        try:
            self._lockouts.take(
                Counted("case-sms", case_number, SENT_PER_CASE), Counted("address-sms", origin, SENT_PER_ADDRESS)
            )
        except LockedOut as error:
            return Begun("locked", minutes=error.minutes)
        code = self._codes.issue(conversation_id, case_number)
        try:
            self._sms.send(phone, code)
        except SmsFailed:
            self._codes.revoke(conversation_id)
            return Begun("failed", case_number)
        return Begun("sent", case_number)


def _digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", unicodedata.normalize("NFKC", text))


def _plain(number: str) -> str:
    """One spelling for what can't be a number of ours, so that its tries are counted together."""
    kept = "".join(char for char in unicodedata.normalize("NFKC", number).upper() if char.isalnum())
    return kept.translate(_LIKE)[:64]
