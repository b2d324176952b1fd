"""Letters without their accents, sign for sign: a place in the plain text is the same place in the written one."""

import unicodedata

_LATIN = (range(0xC0, 0x250), range(0x1E00, 0x1F00))  # other scripts' marks make other letters
_WITHOUT_PIECES = {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i"}
_BASES = {sign: unicodedata.normalize("NFD", chr(sign))[0] for signs in _LATIN for sign in signs}
_PLAIN = {sign: base for sign, base in _BASES.items() if base.isascii()} | {
    ord(sign): base for sign, base in _WITHOUT_PIECES.items()
}
_IN_FULL = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "ø": "oe", "Ø": "Oe", "å": "aa"}
)


def folded(text: str) -> str:
    """Return a text of composed letters (NFC) without accents; it keeps its length."""
    return text.translate(_PLAIN)


def spellings(name: str) -> list[str]:
    """Return a name without accents in each way that people write it: “Muller” and “Mueller” for “Müller”."""
    composed = unicodedata.normalize("NFC", name)
    written = (composed, composed.replace("ß", "ss"), composed.translate(_IN_FULL))
    return list(dict.fromkeys(map(folded, written)))
