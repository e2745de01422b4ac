"""Detection and masking of secrets before anything is stored, logged or sent on.

>>> from bot.privacy import mask
>>> mask("我的卡号是 6222 0202 0011 2236").text
'我的卡号是 〔卡号尾号2236〕'
"""

from bot.privacy.masking import Kind, Masked, mask
from bot.privacy.structures import mask_json, masking_processor

__all__ = ["Kind", "Masked", "mask", "mask_json", "masking_processor"]
