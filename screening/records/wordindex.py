"""What a case can be found by: keyed hashes of its words, which the database cannot read.

Words are compared without case, accents and marks. A word is found by its beginning from three
letters on, a reference only as a whole, and the initials ``A. B.`` like ``AB``.
"""

import unicodedata
from collections.abc import Iterator

from screening.core.referral import Referral
from screening.records.vault import DataKey, token

LONGEST_SEARCH = 200
SHORTEST_BEGINNING = 3
_MOST_WORDS = 8
_PLAIN = str.maketrans(
    {
        "æ": "ae",
        "ð": "d",
        "ø": "o",
        "þ": "th",
        "đ": "d",
        "ħ": "h",
        "\u0131": "i",
        "ł": "l",
        "œ": "oe",
    }
)
"""Letters that Unicode does not take apart; casefold has made them small, and ß to ss."""


def words_of(text: str) -> list[str]:
    """The words of a text, in the form in which they are compared; of any text at all."""
    parted = unicodedata.normalize("NFKD", text.casefold()).casefold().translate(_PLAIN)
    kept = (each for each in parted if not unicodedata.category(each).startswith("M"))
    return "".join(each if each.isalnum() else " " for each in kept).split()


def tokens_of(index: DataKey, referral: Referral) -> frozenset[str]:
    """Everything that a case is found by."""
    words = words_of(referral.person)
    found = {token(index, "word", each) for word in words for each in _beginnings(word)}
    if initials := _initials(words):
        found.add(token(index, "word", initials))
    if referral.birth_year is not None:
        found.add(token(index, "word", str(referral.birth_year)))
        found.add(_person_token(index, referral))
    return frozenset(found | {reference_token(index, referral.reference)})


def same_tokens(index: DataKey, referral: Referral) -> frozenset[str]:
    """What two cases of one patient have in common: the reference, or person and birth year."""
    known = {reference_token(index, referral.reference)}
    if referral.birth_year is not None:
        known.add(_person_token(index, referral))
    return frozenset(known)


def searches(index: DataKey, text: str) -> Iterator[frozenset[str]]:
    """The ways in which a case can be what a text looks for: all tokens of one of them."""
    text = text[:LONGEST_SEARCH]
    words = words_of(text)[:_MOST_WORDS]
    yield frozenset({reference_token(index, text)})
    if words:
        yield frozenset(token(index, "word", word) for word in words)
    if initials := _initials(words):
        yield frozenset({token(index, "word", initials)})


def reference_token(index: DataKey, reference: str) -> str:
    """The token of a reference, in which spaces and dashes do not count."""
    said = "".join(words_of(reference)) or reference.encode("utf-8", "ignore").decode().strip()
    return token(index, "reference", said)


def _person_token(index: DataKey, referral: Referral) -> str:
    person = " ".join(sorted(words_of(referral.person)))
    return token(index, "person", f"{person} {referral.birth_year}")


def _beginnings(word: str) -> Iterator[str]:
    yield word
    yield from (word[:length] for length in range(SHORTEST_BEGINNING, len(word)))


def _initials(words: list[str]) -> str:
    single = len(words) > 1 and all(len(word) == 1 for word in words)
    return "".join(words) if single else ""
