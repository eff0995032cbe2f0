"""A made-up language: every letter of a message is another one, so that English stands out."""

import re
from gettext import NullTranslations

KEPT = re.compile(r"%\(\w+\)s|\{[\w:,]*\}|<[^>]*>|&\w+;|%%")
"""Places of facts, tags, and signs: what a translator leaves as it is."""
LETTERS = {ord(a): chr(0x1D5BA + i) for i, a in enumerate("abcdefghijklmnopqrstuvwxyz")}
LETTERS |= {ord(a): chr(0x1D5A0 + i) for i, a in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}


class Pseudo(NullTranslations):
    """Says every message in letters that no English text has."""

    def gettext(self, message: str) -> str:
        kept = [*KEPT.findall(message), ""]
        parts = KEPT.split(message)
        return "".join(a.translate(LETTERS) + b for a, b in zip(parts, kept, strict=True))

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)
