"""Unusual words that are typed into a service, and a search for them in whatever it leaves behind.

Each word is looked for as text, and in the forms that a program might give it: in other letters, as
hexadecimal digits (so PostgreSQL writes bytes), as Base64, in UTF-16, compressed.
"""

import base64
import re
import zlib
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path

STEM = "Qzyxvuwq"
"""What all words begin with, so that a large file is searched for it alone at first."""
SMALL = 5_000_000
FOREIGN = re.compile(r"/data/(base|global|pg_\w+)/")
"""PostgreSQL's files, which hold nothing that was compressed in this way."""
_numbers = count(1)


class Canaries:
    """The words that were given out, by the place that each was typed into."""

    def __init__(self) -> None:
        self.words: dict[str, str] = {}

    def __call__(self, place: str) -> str:
        """A word for a place; letters alone, so that every field takes it."""
        letters = "".join(chr(ord("a") + int(each)) for each in f"{next(_numbers):03d}")
        self.words[place] = f"{STEM}{letters}kq"
        return self.words[place]


def found(words: dict[str, str], texts: Iterable[tuple[str, bytes]]) -> list[str]:
    """Which word stands in which text, in whatever form."""
    searches = list(_searches(words))
    return sorted(
        {
            f"{places[match[0]]} in {name}"
            for name, text in texts
            for part in (text, *(() if FOREIGN.search(name) else _unpacked(text)))
            for stem, pattern, places in searches
            if stem in part
            for match in pattern.finditer(part)
        }
    )


def _searches(words: dict[str, str]) -> Iterator[tuple[bytes, re.Pattern[bytes], dict[bytes, str]]]:
    """For each form: that of the stem, what finds the words that begin with it, and their places.

    A pattern with a beginning of its own is looked for quickly, one of all words in all forms is
    not: the files of a database server would take a minute.
    """
    forms = (_forms(each) for each in (STEM, *words.values()))
    for stem, *whole in zip(*forms, strict=True):
        rests = b"|".join(re.escape(form.removeprefix(stem)) for form in whole)
        pattern = re.compile(re.escape(stem) + b"(?:" + rests + b")")
        yield stem, pattern, dict(zip(whole, words, strict=True))


def files(*places: Path) -> Iterator[tuple[str, bytes]]:
    """Every file in folders, by name."""
    for place in places:
        for path in sorted(place.rglob("*")):
            if path.is_file():
                yield str(path), path.read_bytes()


def _forms(word: str) -> Iterator[bytes]:
    for cased in (word, word.lower(), word.upper()):
        plain = cased.encode()
        yield from (plain, cased.encode("utf-16-le"), cased.encode("utf-16-be"))
        yield from (plain.hex().encode(), plain.hex().upper().encode())
        for shift in range(3):  # what Base64 makes of it at each place that it can stand in
            whole = base64.b64encode(b"\0" * shift + plain)
            yield whole[(0, 2, 3)[shift] : -4]


def _unpacked(text: bytes) -> Iterator[bytes]:
    """What was compressed, as far as it can be told to begin anywhere in a file of ours."""
    if len(text) > SMALL:
        return
    for begin in re.finditer(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]", text):
        reader = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
        try:
            yield reader.decompress(text[begin.start() : begin.start() + SMALL // 50], SMALL)
        except zlib.error:
            continue
