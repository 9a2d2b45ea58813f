"""What a text message can carry, and in how many segments. Pure.

GSM 03.38: 160 characters in one segment, 153 in each of several. One character outside its alphabet turns the
whole text into UCS-2, where a segment holds 70, so a text is folded into the alphabet before it leaves.
"""

from __future__ import annotations

import unicodedata

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")  # two septets each
_ONE_SEGMENT = 160
_OF_SEVERAL = 153
_PLAIN = str.maketrans(
    {
        "‘": "'",
        "’": "'",
        "‚": "'",
        "“": '"',
        "”": '"',
        "„": '"',
        "–": "-",
        "—": "-",
        "…": "...",
        "•": "-",
        "·": "-",
    }
)
# What decomposition cannot fold: letters with a stroke and the like.
_LETTERS = str.maketrans({"ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "œ": "oe", "Œ": "OE"})


def foreign(text: str) -> str:
    """Give the characters of `text` that a text message cannot carry, each once, in order."""
    text = unicodedata.normalize("NFC", text)  # ñ may come as n and a tilde
    return "".join(dict.fromkeys(char for char in text if char not in _BASIC and char not in _EXTENDED))


def segments(text: str) -> int:
    """Count the segments of a text that has no foreign characters; the empty text is one."""
    septets = sum(2 if char in _EXTENDED else 1 for char in text)
    return 1 if septets <= _ONE_SEGMENT else -(-septets // _OF_SEVERAL)


def fold(text: str) -> str:
    """Write `text` in the alphabet of a text message: accents it lacks go, `?` for what has no likeness."""
    text = unicodedata.normalize("NFC", text).translate(_PLAIN).translate(_LETTERS)
    return "".join(_folded(char) for char in text)


def _folded(char: str) -> str:
    if char in _BASIC or char in _EXTENDED:
        return char
    plain = "".join(each for each in unicodedata.normalize("NFKD", char) if not unicodedata.combining(each))
    return plain if plain and not foreign(plain) else ("?" if plain.strip() else " " if plain else "")
