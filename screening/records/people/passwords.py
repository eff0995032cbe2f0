"""Passwords: what one has to be like, and how it is hashed."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from screening.translation import gettext, mark

HASHER = PasswordHasher(time_cost=2, memory_cost=47104, parallelism=1)
"""Argon2id; costs twice what OWASP's first recommendation (46 MiB, one round, one lane) does."""
SHORTEST, LONGEST = 12, 128
FEWEST_GUESSES = 10**8
"""The fewest guesses that a new password must need, as zxcvbn counts them: its score of 3."""
PRODUCT = frozenset(
    {"vertebra", "screening", "vertebroplasty", "kyphoplasty", "spine", "hospital", "clinic"}
)
"""Words of the product that make a password no better; so do those of one's name and address."""
EASY = mark(
    "Enter a password that is harder to guess. Do not use common passwords, names, dates, repeated"
    " characters, or words such as “vertebra” or “clinic”"
)
_PART, _WORD = 4, 3
JUDGED, _KINDS = 64, 3
_SIGNS, _ALPHA = frozenset("@({[<!|$+%"), 0x3B1


def password_problem(password: str, email: str, name: str = "") -> str | None:
    """The fault of a new password, in a sentence for the person who chose it."""
    if len(password) < SHORTEST:
        return gettext("Enter a password of at least {least} characters", least=SHORTEST)
    if len(password) > LONGEST:
        return gettext("Enter a password of at most {most} characters", most=LONGEST)
    folded, (local, _, _) = password.casefold(), email.casefold().partition("@")
    if local and email.casefold() in folded:
        return gettext("Enter a password without your email address in it")
    if len(local) >= _PART and local in folded:
        message = mark("Enter a password without “{part}” in it. It is part of your email address")
        return gettext(message, part=local)
    if _guesses(_without(folded, {*PRODUCT, *_words(f"{email} {name}")})) < FEWEST_GUESSES:
        return gettext(EASY)
    return None


def _words(text: str) -> Iterator[str]:
    """The words of a name or an address that would help a guesser."""
    yield from (word for word in re.findall(r"\w+", text.casefold()) if len(word) >= _WORD)


def _without(password: str, words: Iterable[str]) -> str:
    """The rest of a password without words that a guesser tries first."""
    for word in sorted(words, key=len, reverse=True):
        password = password.replace(word, "")
    return password


def _guesses(password: str) -> float:
    """The guesses that somebody needs who knows common passwords, names, dates and keyboards."""
    from zxcvbn import zxcvbn  # type: ignore[import-untyped]  # noqa: PLC0415 - loads long lists

    return float(zxcvbn(_bounded(password))["guesses"]) if password else 0.0


def _bounded(password: str) -> str:
    """A password for which the guesses are counted fast: at most so long, of few kinds of signs.

    A sign may stand for letters, as @ for a, and the library tries out all ways to read the signs.
    So the fourth kind and later ones are exchanged for letters that stand for themselves.
    """
    signs = list(dict.fromkeys(sign for sign in password[:JUDGED] if sign in _SIGNS))
    others = {ord(sign): chr(_ALPHA + at) for at, sign in enumerate(signs[_KINDS:])}
    return password[:JUDGED].translate(others)


def hash_password(password: str) -> str:
    """Argon2id's hash, with all that is needed to verify it."""
    return HASHER.hash(unicodedata.normalize("NFKD", password))


def is_password(password: str, hashed: str | None) -> bool:
    """True if a hash is that of a password."""
    try:
        return HASHER.verify(hashed or "", unicodedata.normalize("NFKD", password))
    except (VerificationError, InvalidHashError):
        return False
