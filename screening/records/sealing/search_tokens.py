"""Search tokens of a case: its words, of which ``search_index`` keeps keyed hashes alone.

Words are compared without case, accents and marks, and digits as 0 to 9. A word is found by its
beginning from three letters on, a reference or a hospital number only as a whole, and the initials
``A. B.`` like ``AB``.

One person is spelt in several ways: O'Hara with any apostrophe or none, Müller as Mueller or
Muller, with a title or without, with hyphens, spaces or neither. All of them share a term.
"""

import re
import unicodedata
from collections.abc import Iterator

from screening.core.values.referral import Referral

Term = tuple[str, str]
"""A kind of word, and the word in the form in which it is compared."""
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
_APOSTROPHES = dict.fromkeys(
    map(
        ord,
        "'`\u00b4\u02b9\u02bb\u02bc\u02bd\u02be\u02bf\u02c8\u02ca\u02cb\u05f3"
        "\u2018\u2019\u201b\u2032\u2035\uff07",
    )
)
"""Some are letters to Unicode, some take an accent apart."""
_HYPHENS = dict.fromkeys(map(ord, "-\u2010\u2011\u2012\u2013\u2212"))
_TITLES = frozenset(
    {
        "dr",
        "doctor",
        "prof",
        "professor",
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "sir",
        "dame",
        "lord",
        "lady",
        "rev",
        "reverend",
        "jr",
        "sr",
        "herr",
        "frau",
        "mme",
        "mlle",
        "madame",
        "monsieur",
        "sra",
    }
)


def words_of(text: str) -> list[str]:
    """The words of a text, in the form in which they are compared; of any text at all."""
    parted = unicodedata.normalize("NFKD", text.casefold()).casefold().translate(_PLAIN)
    kept = (each for each in parted if not unicodedata.category(each).startswith("M"))
    return "".join(_digit(each) if each.isalnum() else " " for each in kept).split()


def _digit(character: str) -> str:
    """A digit of any script as 0 to 9, any other character as it is."""
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)


def name_words(text: str) -> list[str]:
    """The words of a name in the form in which different spellings of it are equal."""
    words = words_of(text.translate(_APOSTROPHES))
    named = [word for word in words if word not in _TITLES] or words
    return [re.sub("([aou])e", r"\1", word).replace("aa", "a") for word in named]


def terms_of(referral: Referral) -> frozenset[Term]:
    """Everything that a case is found by."""
    words = words_of(referral.person)
    spelt = {*words, *name_words(referral.person)}
    found = {_word(each) for word in spelt for each in _beginnings(word)}
    if initials := _initials(words):
        found.add(_word(initials))
    if referral.birth_year is not None:
        found.add(_word(str(referral.birth_year)))
    return frozenset(found | same_terms(referral) | hospital_terms(referral))


def same_terms(referral: Referral) -> frozenset[Term]:
    """The marks that two cases of one patient share: the reference, or person and birth year."""
    return _person_terms(referral) | {reference_term(referral.reference)}


def hospital_terms(referral: Referral) -> frozenset[Term]:
    """The mark that two cases of one patient share at one site: the hospital number, or none."""
    number = referral.hospital_number
    return frozenset() if number is None else frozenset({_hospital_term(number)})


def searches(text: str) -> Iterator[frozenset[Term]]:
    """The ways in which a case can be what a text looks for: all terms of one of them."""
    text = text[:LONGEST_SEARCH]
    words = words_of(text)[:_MOST_WORDS]
    yield frozenset({reference_term(text)})
    yield frozenset({_hospital_term(text)})
    if words:
        yield frozenset(map(_word, words))
        yield frozenset(map(_word, name_words(text)[:_MOST_WORDS]))
    if initials := _initials(words):
        yield frozenset({_word(initials)})


def reference_term(reference: str) -> Term:
    """The term of a reference, in which spaces and dashes do not count."""
    return "reference", normal_reference(reference)


def _hospital_term(number: str) -> Term:
    """The term of a hospital number; other hospitals give the same number to other patients."""
    return "hospital number", normal_reference(number)


def normal_reference(reference: str) -> str:
    """A reference as it is compared."""
    return "".join(words_of(reference)) or reference.encode("utf-8", "ignore").decode().strip()


def _word(word: str) -> Term:
    return "word", word


def _person_terms(referral: Referral) -> frozenset[Term]:
    """The marks of a person: name and birth year, by each way to part the name; or none."""
    if referral.birth_year is None:
        return frozenset()
    last, _, first = referral.person.partition(",")
    said = {
        " ".join(sorted(name_words(referral.person))),
        " ".join(sorted(name_words(referral.person.translate(_HYPHENS)))),
        "".join(name_words(f"{first} {last}")),
    }
    return frozenset(("person", f"{each} {referral.birth_year}") for each in said)


def _beginnings(word: str) -> Iterator[str]:
    yield word
    yield from (word[:length] for length in range(SHORTEST_BEGINNING, len(word)))


def _initials(words: list[str]) -> str:
    single = len(words) > 1 and all(len(word) == 1 for word in words)
    return "".join(words) if single else ""
